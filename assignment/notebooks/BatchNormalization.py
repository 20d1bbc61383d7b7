# %% [markdown] tags=["title"]
# # Batch and layer normalization
#
# Deep networks are hard to train: what a layer receives depends on all the layers before it, and
# so does the size of the gradients that come back. Update rules such as Adam help on one side of
# the problem. *Batch normalization* (Ioffe and Szegedy, 2015) helps on the other: it changes the
# network, so that what each layer receives keeps one mean and one spread while everything before
# it learns.
#
# **How this notebook works.** It goes on where `FullyConnectedNets` ends, with the same package.
# You write code in `cs682/layers.py` and extend your `FullyConnectedNet` in
# `cs682/classifiers/fc_net.py`; the cells here are given. What you write, in this order:
#
# | part | where | function |
# |---|---|---|
# | batch normalization | `layers.py` | `batchnorm_forward`, `batchnorm_backward`, `batchnorm_backward_alt` |
# | the network with either normalization | `fc_net.py` | `FullyConnectedNet` |
# | layer normalization | `layers.py` | `layernorm_forward`, `layernorm_backward` |
# | four written questions | here | |
#
# After each part a cell checks your work: it prints what it found, what to expect, and `met` or
# `not yet`. The line `grader.check(...)` below it checks the same part on many more inputs. You
# need your affine layer, ReLU, `FullyConnectedNet` and `adam` of the first notebook.

# %% tags=["setup"]
import time

import matplotlib.pyplot as plt
import numpy as np

from cs682.classifiers.fc_net import FullyConnectedNet
from cs682.data_utils import load_data
from cs682.gradient_check import eval_numerical_gradient, eval_numerical_gradient_array
from cs682.layers import (
    batchnorm_backward,
    batchnorm_backward_alt,
    batchnorm_forward,
    layernorm_backward,
    layernorm_forward,
)
from cs682.notebook_setup import (
    below,
    compare,
    draw_graph,
    filled,
    grader,
    question,
    rel_error,
    report,
    show_histories,
    within,
)
from cs682.solver import Solver


def statistics(name, array, axis):
    """Print the means and standard deviations of an array along an axis."""
    print(f"{name}: means {array.mean(axis=axis)}, deviations {array.std(axis=axis)}")


# %% [markdown] tags=["data", "text"]
# ## The data
#
# The experiments run on CIFAR-10, or on the synthetic stand-in where it isn't at hand (every cell
# works on that, and its curves have other figures). Accuracies and losses that are quoted here
# are those on CIFAR-10.

# %% tags=["data", "check"]
data = load_data()
for name, array in data.items():
    print(f"{name}: {array.shape}")

# %% [markdown] tags=["question:batchnorm-forward", "text"]
# ## Batch normalization: forward
#
# Take a batch of $N$ examples with $D$ features each, $x$ of shape $(N, D)$. In training, the
# layer gives every feature (every column) mean 0 and variance 1 over the batch, then lets the
# network choose another scale and shift for it:
#
# $$\mu = \frac1N \sum_i x_i, \qquad \sigma^2 = \frac1N \sum_i (x_i - \mu)^2, \qquad
# \hat x_i = \frac{x_i - \mu}{\sqrt{\sigma^2 + \epsilon}}, \qquad
# \mathrm{out}_i = \gamma\, \hat x_i + \beta .$$
#
# $\gamma$ and $\beta$, of shape $(D,)$, are parameters like any others: with $\gamma = \sigma$ and
# $\beta = \mu$ the layer could undo itself, so that the network loses nothing it could represent.
# $\epsilon$ keeps the division safe for a feature that hardly varies; its place is under the root.
#
# In testing there may be one image and no batch, and what a network says about an image should not
# depend on its neighbours. So training keeps running averages of the means and variances,
#
# $$\mathrm{running} \leftarrow m \cdot \mathrm{running} + (1 - m) \cdot \mathrm{batch},$$
#
# with a momentum $m$, and testing normalizes by these. (The paper computes them in another way,
# by a second pass over the training images; averages that decay need no second pass.)
#
# Write `batchnorm_forward` in `cs682/layers.py`: both modes. Its docstring says what `bn_param`
# holds. The first cell looks at what your layer does in training to the output of a two-layer
# network, first with $\gamma = 1$ and $\beta = 0$, then with other values. Before it, the means
# are -2.3814598, -13.18038246 and 1.91780462, and the deviations 27.18502186, 34.21455511 and
# 37.68611762.

# %% tags=["question:batchnorm-forward", "check"]
with question("batchnorm-forward"):
    np.random.seed(231)
    X = np.random.randn(200, 50)
    W1 = np.random.randn(50, 60)
    W2 = np.random.randn(60, 3)
    a = np.maximum(0, X @ W1) @ W2

    statistics("before", a, axis=0)
    print("\nafter it, gamma = 1 and beta = 0: means 0, deviations 1 but for epsilon")
    out, _ = batchnorm_forward(a, np.ones(3), np.zeros(3), {"mode": "train"})
    statistics("out", out, axis=0)
    below("largest mean", np.abs(out.mean(axis=0)).max(), 1e-13)
    compare("deviations", out.std(axis=0), [0.99999999, 1.0, 1.0], 1e-8)

    print("\nafter it, gamma = 1, 2, 3 and beta = 11, 12, 13")
    gamma, beta = np.array([1.0, 2.0, 3.0]), np.array([11.0, 12.0, 13.0])
    out, _ = batchnorm_forward(a, gamma, beta, {"mode": "train"})
    compare("means", out.mean(axis=0), [11.0, 12.0, 13.0], 1e-10)
    compare("deviations", out.std(axis=0), [0.99999999, 1.99999999, 2.99999999], 1e-8)

# %% [markdown] tags=["question:batchnorm-forward", "text"]
# Now testing. Fifty batches of one distribution warm the running averages up; then a new batch is
# normalized by them. Its means and deviations are near 0 and 1, and not as near as in training:
# the averages describe the other batches, not this one.

# %% tags=["question:batchnorm-forward", "testing", "check"]
with question("batchnorm-forward"):
    np.random.seed(231)
    W1 = np.random.randn(50, 60)
    W2 = np.random.randn(60, 3)
    bn_param, gamma, beta = {"mode": "train"}, np.ones(3), np.zeros(3)
    for _ in range(50):
        X = np.random.randn(200, 50)
        batchnorm_forward(np.maximum(0, X @ W1) @ W2, gamma, beta, bn_param)

    bn_param["mode"] = "test"
    X = np.random.randn(200, 50)
    out, _ = batchnorm_forward(np.maximum(0, X @ W1) @ W2, gamma, beta, bn_param)
    compare("means", out.mean(axis=0), [-0.03927354, -0.04349152, -0.10452688], 1e-8)
    compare("deviations", out.std(axis=0), [1.01531428, 1.01238373, 0.97819988], 1e-8)

# %% [markdown] tags=["question:batchnorm-forward", "text"]
# These two cells can't see all: with $\gamma = 1$ and $\beta = 0$, a test mode that forgets both
# prints the same figures. Does yours use them? The next line asks with other values.

# %% tags=["batchnorm-forward", "selfcheck"]
grader.check("batchnorm-forward")

# %% [markdown] tags=["question:batchnorm-backward", "text"]
# ## Batch normalization: backward
#
# The gradient of this layer is more work than those before, since every output of a column
# depends on every input of that column, by way of the mean and the variance. A *computational
# graph* brings order into it: the layer as a sequence of steps, each so small that its derivative
# is plain. The cell below draws one.

# %% tags=["graph", "plot"]
draw_graph(
    {
        "x": (0, 1, "$x$"),
        "mean": (1, 2, "mean"),
        "centre": (2, 1, "$-$"),
        "square": (3, 2, "$(\\cdot)^2$"),
        "var": (4, 2, "mean"),
        "root": (5, 2, "$\\sqrt{\\cdot + \\epsilon}$"),
        "divide": (6, 1, "$\\div$"),
        "gamma": (6, 0, "$\\gamma$"),
        "scale": (7.2, 1, "$\\times$"),
        "beta": (7.2, 0, "$\\beta$"),
        "shift": (8.4, 1, "$+$"),
        "out": (9.6, 1, "out"),
    },
    [
        ("x", "mean"),
        ("x", "centre"),
        ("mean", "centre", "$\\mu$"),
        ("centre", "square"),
        ("centre", "divide", "$x - \\mu$"),
        ("square", "var"),
        ("var", "root", "$\\sigma^2$"),
        ("root", "divide", "$s$"),
        ("divide", "scale", "$\\hat x$"),
        ("gamma", "scale"),
        ("scale", "shift"),
        ("beta", "shift"),
        ("shift", "out"),
    ],
    "Batch normalization, step by step",
)

# %% [markdown] tags=["question:batchnorm-backward", "text"]
# In formulas, a line for each circle: $\mu = \mathrm{mean}(x)$, $c = x - \mu$,
# $\sigma^2 = \mathrm{mean}(c^2)$, $s = \sqrt{\sigma^2 + \epsilon}$, $\hat x = c / s$,
# $\mathrm{out} = \gamma\, \hat x + \beta$.
#
# To go backward, follow the arrows from right to left. Three rules are enough:
#
# - **A step multiplies** the gradient of its result by its own derivative: behind a square, twice
#   the input; behind a root, one over twice the root.
# - **Where a value goes two ways** ($x$ does, and $x - \mu$ does), the gradients that come back
#   along both ways are added.
# - **Where one value serves all rows**, as $\mu$, $s$, $\gamma$ and $\beta$ do, the gradients of
#   all rows are summed; and a mean, going backward, hands each row a share of $1/N$.
#
# Write `batchnorm_backward`, one line for each step, with what you kept in the cache. The check
# holds it against central differences of your forward pass.

# %% tags=["question:batchnorm-backward", "check"]
with question("batchnorm-backward"):
    np.random.seed(231)
    x = 5 * np.random.randn(4, 5) + 12
    gamma = np.random.randn(5)
    beta = np.random.randn(5)
    dout = np.random.randn(4, 5)
    bn_param = {"mode": "train"}

    dx_num = eval_numerical_gradient_array(
        lambda x: batchnorm_forward(x, gamma, beta, bn_param)[0], x, dout
    )
    dgamma_num = eval_numerical_gradient_array(
        lambda gamma: batchnorm_forward(x, gamma, beta, bn_param)[0], gamma, dout
    )
    dbeta_num = eval_numerical_gradient_array(
        lambda beta: batchnorm_forward(x, gamma, beta, bn_param)[0], beta, dout
    )

    _, cache = batchnorm_forward(x, gamma, beta, bn_param)
    dx, dgamma, dbeta = batchnorm_backward(dout, cache)
    report("dx", dx_num, dx, 1e-8)
    report("dgamma", dgamma_num, dgamma, 1e-11)
    report("dbeta", dbeta_num, dbeta, 1e-11)

# %% tags=["batchnorm-backward", "selfcheck"]
grader.check("batchnorm-backward")

# %% [markdown] tags=["question:batchnorm-backward-alt", "text"]
# ## Batch normalization: backward, simplified
#
# Step by step is safe; for some layers, working the derivative out on paper gives something much
# shorter. The sigmoid is one: its graph has four steps, and its derivative is $s(1 - s)$. Batch
# normalization is another.
#
# Take one column, so that $x$, $\hat x$ and $\partial L / \partial \mathrm{out}$ are vectors of
# length $N$. Write down $\partial \mu / \partial x_i$ and $\partial \sigma / \partial x_i$ (with
# $\sigma$ standing for the whole root; it comes out in terms of $\hat x_i$), then
# $\partial \hat x_j / \partial x_i$, and sum over $j$. Most of it is sums you already have for
# $\gamma$ and $\beta$: `dx` fits on one line.
#
# Write `batchnorm_backward_alt`, from the same cache. Both functions should agree up to rounding,
# and the new one is usually somewhat faster. (The time of a single call varies a lot from run to
# run, so it has no pass mark.)

# %% tags=["question:batchnorm-backward-alt", "check"]
with question("batchnorm-backward-alt"):
    np.random.seed(231)
    N, D = 100, 500
    x = 5 * np.random.randn(N, D) + 12
    gamma = np.random.randn(D)
    beta = np.random.randn(D)
    dout = np.random.randn(N, D)
    _, cache = batchnorm_forward(x, gamma, beta, {"mode": "train"})

    start = time.perf_counter()
    dx, dgamma, dbeta = batchnorm_backward(dout, cache)
    middle = time.perf_counter()
    dx_alt, dgamma_alt, dbeta_alt = batchnorm_backward_alt(dout, cache)
    end = time.perf_counter()

    below("dx differs by", rel_error(dx, dx_alt), 1e-10)
    below("dgamma differs by", rel_error(dgamma, dgamma_alt), 1e-10)
    below("dbeta differs by", rel_error(dbeta, dbeta_alt), 1e-10)
    print(f"this time, the second took 1/{(middle - start) / max(end - middle, 1e-9):.2f} as long")

# %% tags=["batchnorm-backward-alt", "selfcheck"]
grader.check("batchnorm-backward-alt")

# %% [markdown] tags=["question:fully-connected-net-normalization", "text"]
# ## A network with normalization
#
# Now extend your `FullyConnectedNet`. With `normalization="batchnorm"` it becomes
#
# (affine – batch norm – ReLU) × ($L$ – 1) – affine – softmax.
#
# - Each hidden layer `i` gets parameters `gamma{i}` (ones at first) and `beta{i}` (zeros at
#   first), and gradients for them. The output layer is not normalized.
# - `self.bn_params` holds a dict for each hidden layer, made for you: it keeps the running
#   averages, so pass the dict itself, not a copy. `loss` sets each one's mode already.
# - Regularization stays with the weights: neither biases nor gammas nor betas.
# - A helper in `cs682/layer_utils.py` for affine – norm – ReLU may keep your code short.
#
# The first check is the loss and the gradients of a small network. Expect `W2` to have an error
# up to the order of 1e-5 and `W1` of 1e-4: with only two examples in the batch nearly nothing
# flows back through a normalized layer, and the differences can't resolve the little that does.
# The biases `b1` and `b2` stand in front of a normalization that subtracts whatever they add, so
# their gradients are zero up to rounding: that is asked of them here, since a relative error of
# rounding noise says nothing.

# %% tags=["question:fully-connected-net-normalization", "check"]
with question("fully-connected-net-normalization"):
    np.random.seed(231)
    N, D, H1, H2, C = 2, 15, 20, 30, 10
    X = np.random.randn(N, D)
    y = np.random.randint(C, size=N)
    orders = {"W1": 1e-4, "W2": 1e-5}

    for reg, expected in [(0, 2.2611955101340957), (3.14, 6.996533220108303)]:
        model = FullyConnectedNet(
            [H1, H2],
            input_dim=D,
            num_classes=C,
            reg=reg,
            weight_scale=5e-2,
            dtype=np.float64,
            normalization="batchnorm",
        )
        loss, grads = model.loss(X, y)
        within(f"initial loss at reg = {reg}", loss, expected, 1e-9)
        for name in sorted(grads):
            if name in ("b1", "b2"):
                below(f"{name}: its largest gradient is", np.abs(grads[name]).max(), 1e-9)
                continue
            grad_num = eval_numerical_gradient(
                lambda _: model.loss(X, y)[0], model.params[name], verbose=False, h=1e-5
            )
            report(name, grad_num, grads[name], orders.get(name, 1e-8))

# %% [markdown] tags=["question:fully-connected-net-normalization", "text"]
# That was training mode, and batch norm alone. The next line also asks for test mode, for gradients
# with gammas and betas of any value, and for `normalization="layernorm"`, which you will have
# after the section on layer normalization; until then expect it to say so.

# %% tags=["fully-connected-net-normalization", "selfcheck"]
grader.check("fully-connected-net-normalization")

# %% [markdown] tags=["question:fully-connected-net-normalization", "deep", "text"]
# ## Deep networks, with and without
#
# Six layers on 1,000 images: one network with batch normalization, one without. Both are drawn
# before either is trained, so that the draws of one don't depend on the other.
#
# On CIFAR-10 the logs begin with a loss of 2.34097 and accuracies 0.107 / 0.115 with
# normalization, and with 2.30233 and 0.129 / 0.131 without. Later lines part by the last bits of
# float32. After ten epochs expect the normalized network between about 0.67 and 0.81 in
# training accuracy; the other one learns more slowly and ends near 0.71. In validation accuracy
# (0.30 to 0.35) the two hardly differ.

# %% tags=["question:fully-connected-net-normalization", "deep", "plot"]
few_images = {
    "X_train": data["X_train"][:1000],
    "y_train": data["y_train"][:1000],
    "X_val": data["X_val"],
    "y_val": data["y_val"],
}
deep_solvers = {}
with question("fully-connected-net-normalization"):
    np.random.seed(231)
    models = {
        label: FullyConnectedNet([100] * 5, weight_scale=2e-2, normalization=normalization)
        for label, normalization in [("batch normalization", "batchnorm"), ("baseline", None)]
    }
    for label, model in models.items():
        print(f"training: {label}")
        solver = Solver(
            model,
            few_images,
            num_epochs=10,
            batch_size=50,
            update_rule="adam",
            optim_config={"learning_rate": 1e-3},
            print_every=20,
        )
        solver.train()
        deep_solvers[label] = solver

# %% [markdown] tags=["question:fully-connected-net-normalization", "deep", "text"]
# How fast does each of the two learn its images, and how much of that reaches the images that it
# hasn't seen?

# %% tags=["question:fully-connected-net-normalization", "deep-curves", "plot"]
with question("fully-connected-net-normalization"):
    show_histories(deep_solvers)

# %% [markdown] tags=["question:fully-connected-net-normalization", "scales", "text"]
# ## The scale of the first weights
#
# In the first notebook a deep network was hard to start: its weights had to have the right scale.
# Here are twenty scales from 1e-4 to 1, spaced evenly by their logarithm. For each, an eight-layer
# network with batch normalization and one without are trained on the same images. This takes the
# better part of a minute.

# %% tags=["question:fully-connected-net-normalization", "scales", "plot"]
scales = np.logspace(-4, 0, num=20)
by_scale = {"baseline": [], "batch normalization": []}
with question("fully-connected-net-normalization"):
    np.random.seed(231)
    for number, scale in enumerate(scales, start=1):
        normalized = FullyConnectedNet([50] * 7, weight_scale=scale, normalization="batchnorm")
        plain = FullyConnectedNet([50] * 7, weight_scale=scale)
        for label, model in [("batch normalization", normalized), ("baseline", plain)]:
            solver = Solver(
                model,
                few_images,
                num_epochs=10,
                batch_size=50,
                update_rule="adam",
                optim_config={"learning_rate": 1e-3},
                verbose=False,
            )
            solver.train()
            by_scale[label].append(solver)
        print(f"\rscale {number} of {len(scales)}", end="" if number < len(scales) else "\n")

# %% [markdown] tags=["question:fully-connected-net-normalization", "scales", "text"]
# Three panels by the scale of the weights: the best validation accuracy, the best training
# accuracy, and the mean of the last 100 losses, cut off at 3.5. The table below them has the
# figures, also those that the panel cuts off.

# %% tags=["question:fully-connected-net-normalization", "scales-curves", "plot"]
with question("fully-connected-net-normalization"):
    filled(by_scale["baseline"])
    figure, panels = plt.subplots(3, 1, figsize=(10, 14))
    titles = ["Best validation accuracy", "Best training accuracy", "Final training loss"]
    rows = [f"{scale:8.4f}" for scale in scales]
    for label, solvers in by_scale.items():
        reached = [
            [
                max(solver.val_acc_history),
                max(solver.train_acc_history),
                np.mean(solver.loss_history[-100:]),
            ]
            for solver in solvers
        ]
        for panel, title, values in zip(panels, titles, np.transpose(reached)):
            panel.semilogx(scales, values, "-o", label=label)
            panel.set(title=title, xlabel="scale of the first weights")
            panel.legend()
        for i, values in enumerate(reached):
            rows[i] += "  {:10.3f} {:9.3f} {:9.4g}".format(*values)
    panels[2].set_ylim(1.0, 3.5)
    figure.tight_layout()
    plt.show()
    print("            baseline                        batch normalization")
    print("   scale  validation  training      loss  validation  training      loss")
    print("\n".join(rows))

# %% [markdown] tags=["question:batchnorm-inline-1", "text"]
# ## Inline question 1
#
# Describe what this experiment shows: how does the scale of the first weights affect a network
# with batch normalization, and one without? Why is that so?

# %% [markdown] tags=["question:batchnorm-inline-1", "answer"]
# **Your answer:**
#
# BEGIN ANSWER batchnorm-inline-1: what the plots show for either network, and what explains it
# Without normalization only a narrow band of scales works, about 0.02 to 0.14. Below it the
# signal shrinks in every one of the eight layers until the scores carry nothing of the image: the
# loss stays at 2.30 and the accuracy at that of one class for all. Above it, from about 0.2 on,
# activations and gradients grow from layer to layer and the first losses are in the thousands and
# more. The normalized network learns at every scale and gets worse only slowly toward both ends
# (its training accuracy is 0.30 at 1e-4 and at 1, and 0.64 at its best); in the middle of the
# band the plain one is level with it, or ahead.
#
# The reason: normalization divides what each affine layer gives by its own spread, so that the
# scale of the weights cancels. Every ReLU then receives values of mean 0 and variance 1, whatever
# the layers before it did, and neither the signal nor its gradient is multiplied up or down by the
# depth. What the scale still changes is how far one step of Adam moves the weights in relation
# to their size, which is why the ends are worse.
# END ANSWER

# %% [markdown] tags=["question:fully-connected-net-normalization", "sizes", "text"]
# ## The size of the batch
#
# Batch normalization takes its means and variances from the batch. Does it matter how many
# examples are in it? The function below trains a six-layer network without normalization on
# batches of 5, and then normalized networks on batches of 5, 10 and 50.

# %% tags=["question:fully-connected-net-normalization", "sizes", "plot"]
batch_sizes = [5, 10, 50]


def train_by_batch_size(normalization):
    """Return solvers by label: a baseline, and one with normalization for each batch size."""
    np.random.seed(231)
    solvers = {}
    for mode, size in [(None, batch_sizes[0]), *((normalization, n) for n in batch_sizes)]:
        label = f"{mode or 'no normalization'}, batch {size}"
        model = FullyConnectedNet([100] * 5, weight_scale=2e-2, normalization=mode)
        solver = Solver(
            model,
            few_images,
            num_epochs=10,
            batch_size=size,
            update_rule="adam",
            optim_config={"learning_rate": 10**-3.5},
            verbose=False,
        )
        solver.train()
        print(f"trained: {label}")
        solvers[label] = solver
    return solvers


def plot_by_batch_size(solvers):
    """Plot both accuracies by epoch, a curve for each solver, and print where they end."""
    filled(solvers)
    figure, panels = plt.subplots(2, 1, figsize=(10, 9))
    for label, solver in solvers.items():
        line = "--o" if label.startswith("no ") else "-o"
        panels[0].plot(solver.train_acc_history, line, label=label)
        panels[1].plot(solver.val_acc_history, line, label=label)
        print(
            f"{label}: first loss {solver.loss_history[0]:f}, at the end training accuracy "
            f"{solver.train_acc_history[-1]:.3f}, validation accuracy {solver.val_acc_history[-1]:.3f}"
        )
    panels[0].set(title="Training accuracy", xlabel="epoch")
    panels[1].set(title="Validation accuracy", xlabel="epoch")
    for panel in panels:
        panel.legend()
    figure.tight_layout()
    plt.show()


batchnorm_solvers = {}
with question("fully-connected-net-normalization"):
    batchnorm_solvers = train_by_batch_size("batchnorm")

# %% tags=["question:fully-connected-net-normalization", "sizes-curves", "plot"]
with question("fully-connected-net-normalization"):
    plot_by_batch_size(batchnorm_solvers)

# %% [markdown] tags=["question:batchnorm-inline-2", "text"]
# ## Inline question 2
#
# Describe what you see. What does it say about batch normalization and the size of the batch, and
# what is the reason?

# %% [markdown] tags=["question:batchnorm-inline-2", "answer"]
# **Your answer:**
#
# BEGIN ANSWER batchnorm-inline-2: what the curves show, what follows, and why
# With batch normalization training accuracy rises with the batch: about 0.42 with 5 examples, 0.65
# with 10 and 0.86 with 50. With 5 it stays well below the network without normalization on the
# same batches (0.63), and with 10 it is about level. In validation all four end within a few
# hundredths of each other. So batch normalization needs batches that are large enough; with very
# small ones it does harm.
#
# The mean and variance of five examples are noisy estimates of those of the data. The same image
# is then mapped to something else each time, depending on the four that happen to be drawn with
# it, in each of five layers; and testing, by running averages, sees another function than the
# one that was trained. (It is not the number of steps: batches of 50 take a tenth of them and
# are ahead.)
# END ANSWER

# %% [markdown] tags=["layernorm", "text"]
# ## Layer normalization
#
# Large networks may leave room in memory for a few examples only, which is where batch
# normalization suffers. *Layer normalization* (Ba, Kiros and Hinton, 2016) does without the
# batch: each example is normalized over its own features.

# %% [markdown] tags=["question:batchnorm-inline-3", "text"]
# ## Inline question 3
#
# Here are four ways to prepare a set of images. Which of them is like batch normalization, and
# which like layer normalization?
#
# 1. In every image, scale each row of pixels so that its values add up to 1.
# 2. Scale each image so that all of its values add up to 1.
# 3. Subtract the mean image of the data set from every image.
# 4. Set each value to 0 or 1, by whether it is above a given threshold.

# %% [markdown] tags=["question:batchnorm-inline-3", "answer"]
# **Your answer:**
#
# BEGIN ANSWER batchnorm-inline-3: one of the four for each of the two, and why
# The third is like batch normalization: it uses one statistic for each pixel, taken over all
# images. The second is like layer normalization: one statistic for each image, taken over all of
# its pixels. (The first also stays within an image, but a row is only a part of its features; the
# fourth uses no statistic at all.)
# END ANSWER

# %% [markdown] tags=["question:layernorm-forward", "text"]
# ## Layer normalization: forward
#
# For an example $x_i$ of $D$ features, with means over its features and $\gamma$, $\beta$ of
# shape $(D,)$ as before:
#
# $$\mu_i = \frac1D \sum_j x_{ij}, \qquad \sigma_i^2 = \frac1D \sum_j (x_{ij} - \mu_i)^2, \qquad
# \mathrm{out}_{ij} = \gamma_j\, \frac{x_{ij} - \mu_i}{\sqrt{\sigma_i^2 + \epsilon}} + \beta_j .$$
#
# As an example needs no others, there is nothing to remember and testing is the same as training:
# ignore any mode in `ln_param`. Write `layernorm_forward` in `cs682/layers.py`. Not much of your
# batch normalization has to change; think of what its columns are now. Before it, the examples
# below have means of -59.06673243, -47.60782686, -43.31137368 and -26.40991744, and deviations of
# 10.07429373, 28.39478981, 35.28360729 and 4.01831507.

# %% tags=["question:layernorm-forward", "check"]
with question("layernorm-forward"):
    np.random.seed(231)
    X = np.random.randn(4, 50)
    W1 = np.random.randn(50, 60)
    W2 = np.random.randn(60, 3)
    a = np.maximum(0, X @ W1) @ W2

    statistics("before", a, axis=1)
    print("\nafter it, gamma = 1 and beta = 0: means 0, deviations 1 but for epsilon")
    out, _ = layernorm_forward(a, np.ones(3), np.zeros(3), {"mode": "train"})
    statistics("out", out, axis=1)
    below("largest mean", np.abs(out.mean(axis=1)).max(), 1e-13)
    compare("deviations", out.std(axis=1), [0.99999995, 0.99999999, 1.0, 0.99999969], 1e-8)

    print("\nafter it, gamma = 3 and beta = 5")
    out, _ = layernorm_forward(a, np.full(3, 3.0), np.full(3, 5.0), {"mode": "train"})
    compare("means", out.mean(axis=1), [5.0] * 4, 1e-10)
    deviations = [2.99999985, 2.99999998, 2.99999999, 2.99999907]
    compare("deviations", out.std(axis=1), deviations, 1e-8)

# %% tags=["layernorm-forward", "selfcheck"]
grader.check("layernorm-forward")

# %% [markdown] tags=["question:layernorm-backward", "text"]
# ## Layer normalization: backward
#
# Write `layernorm_backward`. The graph is the one above with means over features in place of
# means over examples. Mind which sums change their direction with it and which don't: $\gamma$ and
# $\beta$ are still shared by all examples. And mind where $\gamma$ comes in, which is no longer the
# same number for all that is summed.

# %% tags=["question:layernorm-backward", "check"]
with question("layernorm-backward"):
    np.random.seed(231)
    x = 5 * np.random.randn(4, 5) + 12
    gamma = np.random.randn(5)
    beta = np.random.randn(5)
    dout = np.random.randn(4, 5)

    dx_num = eval_numerical_gradient_array(
        lambda x: layernorm_forward(x, gamma, beta, {})[0], x, dout
    )
    dgamma_num = eval_numerical_gradient_array(
        lambda gamma: layernorm_forward(x, gamma, beta, {})[0], gamma, dout
    )
    dbeta_num = eval_numerical_gradient_array(
        lambda beta: layernorm_forward(x, gamma, beta, {})[0], beta, dout
    )

    _, cache = layernorm_forward(x, gamma, beta, {})
    dx, dgamma, dbeta = layernorm_backward(dout, cache)
    report("dx", dx_num, dx, 1e-8)
    report("dgamma", dgamma_num, dgamma, 1e-11)
    report("dbeta", dbeta_num, dbeta, 1e-11)

# %% tags=["layernorm-backward", "selfcheck"]
grader.check("layernorm-backward")

# %% [markdown] tags=["question:fully-connected-net-normalization", "layernorm", "text"]
# ## Layer normalization and the size of the batch
#
# Let your `FullyConnectedNet` use it where `normalization="layernorm"` (the same gammas and betas;
# `self.bn_params` holds an empty dict for each hidden layer), check it once more, and repeat the
# experiment. The size of the batch should matter less now, and none of the normalized networks
# should fall behind the one without.

# %% tags=["fully-connected-net-normalization", "layernorm", "selfcheck"]
grader.check("fully-connected-net-normalization")

# %% tags=["question:fully-connected-net-normalization", "layernorm-sizes", "plot"]
with question("fully-connected-net-normalization"):
    plot_by_batch_size(train_by_batch_size("layernorm"))

# %% [markdown] tags=["question:batchnorm-inline-4", "text"]
# ## Inline question 4
#
# In which of these cases is layer normalization likely to work badly, and why?
#
# 1. In a very deep network.
# 2. With very few features in a layer.
# 3. With strong regularization.

# %% [markdown] tags=["question:batchnorm-inline-4", "answer"]
# **Your answer:**
#
# BEGIN ANSWER batchnorm-inline-4: which of them, why, and why not the others
# With very few features. The mean and variance are then taken from a few numbers: they are noisy,
# as batch normalization's are in a small batch, and subtracting and dividing by them removes most
# of what these numbers had to say. Of two features, for instance, only the order is left: they
# become plus and minus one whatever they were. Depth is what normalization helps with. And
# strong regularization makes the weights smaller, which the division by the deviation undoes, so
# it is no particular trouble either.
# END ANSWER
