"""Arrays: errors, gradients, and strategies that draw them. No files, no processes."""
