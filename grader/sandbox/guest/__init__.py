"""UNTRUSTED: all that runs in one process with a student's code.

Nobody trusts what comes out of it. It imports ``protocol``, ``grader.model`` and nothing else of
grader. Only the fork server's program and ``in_process`` (a student's own kernel) import it.
"""
