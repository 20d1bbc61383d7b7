"""What the notebooks' first cells import: how checks report, how pictures are drawn.

Nothing here is asked for or handed in. A check prints a figure, what to expect, and ``met`` or
``not yet``.
"""

import sys
from contextlib import contextmanager

import matplotlib.pyplot as plt
import numpy as np

plt.rcParams["figure.figsize"] = (10.0, 8.0)
plt.rcParams["image.interpolation"] = "nearest"
plt.rcParams["image.cmap"] = "gray"


def _reload_edited_modules():
    """Have the kernel load a module again when its file was edited."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if hasattr(ipython, "get_ipython") else None
    if shell is not None:  # there is none where the notebook runs as a script
        shell.run_line_magic("load_ext", "autoreload")
        shell.run_line_magic("autoreload", "2")


_reload_edited_modules()


@contextmanager
def question(name):
    """Run a check; where its question isn't answered yet, say so and go on."""
    try:
        yield
    except NotImplementedError as error:
        prefix, _, first = str(error).partition("question ")
        needs = f" (it needs {first} first)" if prefix and first not in ("", name) else ""
        print(f"not implemented yet: question {name}{needs}")


def filled(value):
    """Return what an earlier cell made, if that cell's question is answered."""
    if not value:
        raise NotImplementedError
    return value


class _Checker:
    """The course's checker, ``grader``, where it is installed."""

    def check(self, *questions, **options):
        """Check questions on many inputs, by the files as they are saved."""
        try:
            from grader import check
        except ImportError:
            print("grader is not installed here; README.md says how to install it")
            return None
        return check(*questions, **options)


grader = _Checker()


def rel_error(x, y):
    """Return the largest relative difference between two arrays, over all elements."""
    return np.max(np.abs(x - y) / np.maximum(1e-8, np.abs(x) + np.abs(y)))


def report(name, got, expected, order):
    """Print a relative error beside the order of magnitude to expect: 3e-8 is of 1e-8's."""
    error = rel_error(got, expected)
    print(
        f"{name} error: {error} (expect the order of {order} or less): {mark(error < 10 * order)}"
    )


def within(name, value, expected, margin):
    """Print a number beside the one to expect, and how far it may be from it."""
    met = mark(abs(value - expected) < margin)
    print(f"{name}: {value} (expect {expected}, within {margin}): {met}")


def below(name, value, bound, unit=""):
    """Print a number beside the bound to stay below; unit: words between the two."""
    print(f"{name} {value}{unit} (expect less than {bound}): {mark(value < bound)}")


def at_least(name, value, least, where=""):
    """Print a number beside the least to expect; where: on which data that is asked."""
    print(f"{name}: {value} (expect {least} or more{where}): {mark(value >= least)}")


def compare(name, got, published, bound=1e-7):
    """Print an array, the published one, and by how much they differ at most."""
    print(f"{name}: {got}")
    print(f"    published: {np.array(published)}")
    below("    they differ by", np.max(np.abs(got - published)), bound)


def mark(met):
    """Return the pass mark of a figure."""
    return "met" if met else "not yet"


def show_images(images, titles=(), columns=10):
    """Show images (N, 3, height, width) in a grid; each spans the range from black to white."""
    rows = -(-len(images) // columns)
    figure, panels = plt.subplots(rows, columns, figsize=(columns, 1.15 * rows), squeeze=False)
    for panel in panels.ravel():
        panel.axis("off")
    for i, image in enumerate(images):
        low, high = image.min(), image.max()
        shown = (image - low) / (high - low if high > low else 1)
        panels.flat[i].imshow(np.moveaxis(shown, 0, -1))
        if i < len(titles):
            panels.flat[i].set_title(titles[i], fontsize=9)
    figure.tight_layout()
    plt.show()


def show_histories(solvers, line="-o"):
    """Plot losses by step and accuracies by epoch of solvers, a dict by label, in three panels."""
    filled(solvers)
    figure, panels = plt.subplots(3, 1, figsize=(10, 13))
    for label, solver in solvers.items():
        panels[0].plot(solver.loss_history, "o", markersize=3, label=label)
        panels[1].plot(solver.train_acc_history, line, label=label)
        panels[2].plot(solver.val_acc_history, line, label=label)
    panels[0].set(title="Training loss", xlabel="iteration")
    panels[1].set(title="Training accuracy", xlabel="epoch")
    panels[2].set(title="Validation accuracy", xlabel="epoch")
    for panel in panels:
        panel.legend(loc="best")
    figure.tight_layout()
    plt.show()


def draw_graph(nodes, edges, title=""):
    """Draw a computational graph.

    nodes: for each name its place (column, row) and its label; edges: (from, to) or
    (from, to, label), drawn as arrows.
    """
    columns = [column for column, _, _ in nodes.values()]
    rows = [row for _, row, _ in nodes.values()]
    width, height = max(columns) + 1.2, max(rows) - min(rows) + 1.4
    _, panel = plt.subplots(figsize=(min(13, 1.2 * width), 1.3 * height))
    circles = {}
    for name, (column, row, label) in nodes.items():
        text = panel.text(
            column,
            -row,
            label,
            ha="center",
            va="center",
            fontsize=12,
            bbox={"boxstyle": "circle,pad=0.35", "facecolor": "white", "edgecolor": "steelblue"},
        )
        circles[name] = text.get_bbox_patch()
    for start, end, *label in edges:
        (x0, y0, _), (x1, y1, _) = nodes[start], nodes[end]
        arrow = {"arrowstyle": "->", "color": "dimgray", "shrinkA": 2, "shrinkB": 2}
        arrow |= {"patchA": circles[start], "patchB": circles[end]}
        panel.annotate("", xy=(x1, -y1), xytext=(x0, -y0), arrowprops=arrow)
        if label:
            panel.text((x0 + x1) / 2, -(y0 + y1) / 2 + 0.1, label[0], ha="center", fontsize=11)
    panel.set_xlim(min(columns) - 0.6, max(columns) + 0.6)
    panel.set_ylim(-max(rows) - 0.7, -min(rows) + 0.7)
    panel.axis("off")
    panel.set_title(title)
    plt.show()
