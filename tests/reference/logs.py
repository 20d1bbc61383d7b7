"""The lines that a solver prints, read back."""

import re

LOSS = re.compile(r"^\(Iteration (\d+) / \d+\) loss: (\S+)$", re.MULTILINE)
EPOCH = re.compile(r"^\(Epoch (\d+) / \d+\) train acc: (\S+); val_acc: (\S+)$", re.MULTILINE)


def read(text):
    """Return the losses by iteration and both accuracies by epoch that *text* shows."""
    losses = {int(iteration): float(loss) for iteration, loss in LOSS.findall(text)}
    epochs = {int(epoch): (float(train), float(val)) for epoch, train, val in EPOCH.findall(text)}
    return losses, epochs


def sections(text, heading):
    """Return what was printed under each heading, by the heading's one group."""
    _, *parts = re.split(heading, text, flags=re.MULTILINE)
    return dict(zip(parts[::2], parts[1::2], strict=True))
