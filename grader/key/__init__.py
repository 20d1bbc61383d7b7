"""The answer key: proofs from rows, examples, the reference's answers, and their file."""

from grader.key.store import BadKey, Key, load

__all__ = ["BadKey", "Key", "load"]
