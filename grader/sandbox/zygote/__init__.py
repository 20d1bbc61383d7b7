"""The fork server's own program: trusted, and sees no submission.

It imports ``guest``, to have it loaded before the fork; its children alone run that.
"""
