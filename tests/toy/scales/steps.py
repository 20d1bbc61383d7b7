"""Update rules."""


def plain(w, dw, config=None):
    """Given: a step against the gradient."""
    return w - dw, config


def decay(w, dw, config=None):
    """A step by the running sum of gradients."""
    config = dict(config or {})
    # BEGIN ANSWER decay: add dw to the running sum and step by it.
    config["sum"] = config["sum"] + dw
    w = plain(w, config["rate"] * config["sum"])[0]
    # END ANSWER
    return w, config
