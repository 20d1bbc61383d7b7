"""A student's own check and hand-in: runs in their own Python, on their own code."""
