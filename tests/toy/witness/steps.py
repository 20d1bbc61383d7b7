def decay(w, dw, config=None):
    total = config["sum"] + dw
    return w - config["rate"] * total, {**config, "sum": total}
