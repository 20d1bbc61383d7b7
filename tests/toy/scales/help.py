"""Given: a helper that students call."""


def twice(x):
    return 2 * x
