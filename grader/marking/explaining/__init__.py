"""Says why a check failed: evidence from the answer, the lines at fault, misconceptions."""
