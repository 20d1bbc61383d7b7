"""UNTRUSTED: the reference's functions in a student's process, and what answers for them."""
