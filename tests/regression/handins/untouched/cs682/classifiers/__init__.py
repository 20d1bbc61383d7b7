"""Networks: what puts the layers together, and learns."""
