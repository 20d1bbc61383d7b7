"""Gives powers up: runs in the fork server and, before anything else does, in its children.

The grader trusts it. It imports ``protocol`` and no other room.
"""
