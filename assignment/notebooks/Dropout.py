# %% [markdown] tags=["title"]
# # Dropout
#
# A network with many more weights than it has images can learn them by heart, and says less about
# new ones for it. *Dropout* (Hinton et al., 2012; Srivastava et al., 2014) works against that by
# making each unit unreliable: at every training step some units, drawn at random, give zero. What
# the network has learned must then not hang on any single one of them.
#
# **How this notebook works.** It goes on where `FullyConnectedNets` ends, with the same package
# (`BatchNormalization` isn't needed). You write `dropout_forward` and `dropout_backward` in
# `cs682/layers.py` and extend your `FullyConnectedNet` in `cs682/classifiers/fc_net.py`; the cells
# here are given, and ask for three written answers. After each part a cell checks your work: it
# prints what it found, what to expect, and `met` or `not yet`. The line `grader.check(...)` below
# it checks the same part on many more inputs. You need your affine layer, ReLU,
# `FullyConnectedNet` and `adam` of the first notebook.

# %% tags=["setup"]
import matplotlib.pyplot as plt
import numpy as np

from cs682.classifiers.fc_net import FullyConnectedNet
from cs682.data_utils import load_data
from cs682.gradient_check import eval_numerical_gradient, eval_numerical_gradient_array
from cs682.layers import dropout_backward, dropout_forward
from cs682.notebook_setup import (
    below,
    draw_graph,
    filled,
    grader,
    question,
    report,
    within,
)
from cs682.solver import Solver

# %% [markdown] tags=["data", "text"]
# ## The data
#
# The experiment runs on CIFAR-10, or on the synthetic stand-in where it isn't at hand (every cell
# works on that, and its curves have other figures). Accuracies and losses that are quoted here
# are those on CIFAR-10.

# %% tags=["data", "check"]
data = load_data()
for name, array in data.items():
    print(f"{name}: {array.shape}")

# %% [markdown] tags=["question:dropout-forward", "text"]
# ## Dropout: forward
#
# Let $p$ be the probability of **keeping** a unit. In training, the layer draws a number
# $m \in \{0, 1\}$ for each single value of $x$, one with probability $p$, and gives
#
# $$\mathrm{out} = \frac{m}{p}\, x .$$
#
# The division makes it *inverted* dropout: the expected output is $x$ itself, so that testing,
# where nothing is dropped, needs no change at all. (Papers and other libraries often use the
# letter for the probability of dropping; look twice.)
#
# Write `dropout_forward` in `cs682/layers.py`, both modes. It gets its own seed at times, which is
# set for you; draw with numpy's global generator, so that it counts. The check prints the means of
# what comes out and the share of zeros. They depend on how a mask is drawn from the generator:
# with `np.random.rand(*x.shape) < p` the means are 10.0141, 9.9779 and 9.9878 and the shares of
# zeros 0.749784, 0.600796 and 0.30074. Other ways are as right, and lie as near.

# %% tags=["question:dropout-forward", "check"]
with question("dropout-forward"):
    np.random.seed(231)
    x = np.random.randn(500, 500) + 10

    for p in [0.25, 0.4, 0.7]:
        out = dropout_forward(x, {"mode": "train", "p": p})[0]
        out_test = dropout_forward(x, {"mode": "test", "p": p})[0]

        print(f"p = {p}, mean of the input: {x.mean()}")
        within("    mean while training", out.mean(), 10.0, 0.2)
        within("    mean while testing", out_test.mean(), 10.000207878477502, 1e-9)
        within("    share of zeros while training", (out == 0).mean(), round(1 - p, 2), 0.006)
        within("    share of zeros while testing", (out_test == 0).mean(), 0.0, 1e-9)

# %% [markdown] tags=["question:dropout-forward", "text"]
# Means and shares can look right while the mask is not: one mask for all rows has the same ones.
# The next line looks at single values.

# %% tags=["dropout-forward", "selfcheck"]
grader.check("dropout-forward")

# %% [markdown] tags=["question:dropout-backward", "text"]
# ## Dropout: backward
#
# The graph of this layer is short. What way does a gradient take through it, and what does it meet
# there? Write `dropout_backward`; the forward pass has put what it needs in the cache.

# %% tags=["graph", "plot"]
draw_graph(
    {
        "x": (0, 0, "$x$"),
        "times": (1.5, 0, "$\\times$"),
        "mask": (1.5, 1, "$m / p$"),
        "out": (3, 0, "out"),
    },
    [("x", "times"), ("mask", "times"), ("times", "out")],
    "Dropout: the mask is drawn, it does not depend on x",
)

# %% tags=["question:dropout-backward", "check"]
with question("dropout-backward"):
    np.random.seed(231)
    x = np.random.randn(10, 10) + 10
    dout = np.random.randn(*x.shape)

    # The seed makes each call draw the same mask: only so are differences of any use.
    dropout_param = {"mode": "train", "p": 0.2, "seed": 123}
    _, cache = dropout_forward(x, dropout_param)
    dx = dropout_backward(dout, cache)
    dx_num = eval_numerical_gradient_array(lambda x: dropout_forward(x, dropout_param)[0], x, dout)
    report("dx", dx_num, dx, 1e-10)

# %% tags=["dropout-backward", "selfcheck"]
grader.check("dropout-backward")

# %% [markdown] tags=["question:dropout-inline-1", "text"]
# ## Inline question 1
#
# What happens if the kept values are not divided by $p$ in training? Why does that happen?

# %% [markdown] tags=["question:dropout-inline-1", "answer"]
# **Your answer:**
#
# BEGIN ANSWER dropout-inline-1: what changes between training and testing, why, and the other way out
# A unit is kept with probability $p$ and is zero otherwise, so that its expected value in training
# is $p x$. In testing all units are there and it is $x$. Without the division, then, each layer
# receives in testing what is on average $1 / p$ times as large as what the weights behind it were
# trained on, and scores come out on another scale, more so with every layer. Dividing by $p$
# makes both expectations $x$. The other way out is to leave training as it is and to
# multiply by $p$ in testing.
# END ANSWER

# %% [markdown] tags=["question:fully-connected-net-dropout", "text"]
# ## A network with dropout
#
# Extend your `FullyConnectedNet`: where `dropout` is not 1, a dropout layer follows the ReLU of
# each hidden layer,
#
# (affine – [norm] – ReLU – dropout) × ($L$ – 1) – affine – softmax.
#
# `dropout` is the probability of keeping a unit. `self.dropout_param` is made for you and is the
# same for all layers; `loss` sets its mode. Neither the input nor the scores are dropped.
#
# The check prints the loss and the errors of all gradients for three probabilities, with a seed
# for the masks. Errors should be of the order of 1e-6 or less, but for `W2` where nothing is
# dropped. As the masks, so the losses with dropout depend on how you draw: drawn as above they are
# 2.302371489704412 at 0.75 and 2.3042759220785896 at 0.5. (With some masks all units before a zero
# bias are dropped. Its ReLU then stands exactly on the kink, and the error of `b2` is 1: that is
# the differences' fault and not yours.)

# %% tags=["question:fully-connected-net-dropout", "check"]
with question("fully-connected-net-dropout"):
    np.random.seed(231)
    N, D, H1, H2, C = 2, 15, 20, 30, 10
    X = np.random.randn(N, D)
    y = np.random.randint(C, size=N)

    for dropout in [1, 0.75, 0.5]:
        model = FullyConnectedNet(
            [H1, H2],
            input_dim=D,
            num_classes=C,
            weight_scale=5e-2,
            dtype=np.float64,
            dropout=dropout,
            seed=123,
        )
        loss, grads = model.loss(X, y)
        print(f"keeping {dropout}:")
        if dropout == 1:
            within("initial loss", loss, 2.3004790897684924, 1e-9)
        else:
            within("initial loss", loss, 2.3, 0.05)
        for name in sorted(grads):
            grad_num = eval_numerical_gradient(
                lambda _: model.loss(X, y)[0], model.params[name], verbose=False, h=1e-5
            )
            report(name, grad_num, grads[name], 1e-5 if name == "W2" else 1e-6)

# %% [markdown] tags=["question:fully-connected-net-dropout", "text"]
# A network that never drops anything passes this cell, and so does one that drops in testing too.
# The next cell looks at both: with labels two losses without a seed should differ, and without
# labels two results should be the same.

# %% tags=["question:fully-connected-net-dropout", "modes", "check"]
with question("fully-connected-net-dropout"):
    np.random.seed(231)
    model = FullyConnectedNet([50, 50], input_dim=D, dropout=0.5, dtype=np.float64, weight_scale=1)
    spread = np.std([model.loss(X, y)[0] for _ in range(20)])
    print(f"losses of one batch vary by {spread:.3g} while training: {'met' if spread else 'not yet'}")
    difference = np.abs(model.loss(X) - model.loss(X)).max()
    below("scores of one batch vary while testing by", difference, 1e-12)

# %% tags=["fully-connected-net-dropout", "selfcheck"]
grader.check("fully-connected-net-dropout")

# %% [markdown] tags=["question:fully-connected-net-dropout", "experiment", "text"]
# ## Dropout as a regularizer
#
# Two networks of one hidden layer, 500 units, on 500 images: one without dropout, one that keeps a
# quarter of its units. The logs begin on CIFAR-10 with a loss of 7.85664 and accuracies
# 0.260 / 0.184 without dropout, and with 17.31848 and 0.230 / 0.177 with it. After 25 epochs expect a
# training accuracy of about 0.97 to 1.00 and of 0.89 to 0.95; validation lies near 0.30 and 0.32.

# %% tags=["question:fully-connected-net-dropout", "experiment", "plot"]
few_images = {
    "X_train": data["X_train"][:500],
    "y_train": data["y_train"][:500],
    "X_val": data["X_val"],
    "y_val": data["y_val"],
}
solvers = {}
with question("fully-connected-net-dropout"):
    np.random.seed(231)
    for dropout in [1, 0.25]:
        model = FullyConnectedNet([500], dropout=dropout)
        print(f"keeping {dropout}")
        solver = Solver(
            model,
            few_images,
            num_epochs=25,
            batch_size=100,
            update_rule="adam",
            optim_config={"learning_rate": 5e-4},
            print_every=100,
        )
        solver.train()
        solvers[dropout] = solver

# %% tags=["question:fully-connected-net-dropout", "experiment-curves", "plot"]
with question("fully-connected-net-dropout"):
    filled(solvers)
    figure, panels = plt.subplots(2, 1, figsize=(10, 10))
    for dropout, solver in solvers.items():
        panels[0].plot(solver.train_acc_history, "o", label=f"keeping {dropout}")
        panels[1].plot(solver.val_acc_history, "o", label=f"keeping {dropout}")
        print(
            f"keeping {dropout}: training accuracy {solver.train_acc_history[-1]:.3f} at the end, "
            f"validation accuracy {solver.val_acc_history[-1]:.3f} (at best {solver.best_val_acc:.3f})"
        )
    panels[0].set(title="Training accuracy", xlabel="epoch")
    panels[1].set(title="Validation accuracy", xlabel="epoch")
    for panel in panels:
        panel.legend(loc="lower right")
    figure.tight_layout()
    plt.show()

# %% [markdown] tags=["question:dropout-inline-2", "text"]
# ## Inline question 2
#
# Compare the accuracies with and without dropout, on the training images and on the validation
# images. What do your figures say about dropout as a regularizer?

# %% [markdown] tags=["question:dropout-inline-2", "answer"]
# **Your answer:**
#
# BEGIN ANSWER dropout-inline-2: both accuracies, with and without, and what follows
# With dropout the network ends at a training accuracy of about 0.9, without it at 0.99 or more; in
# validation it is the other way round, about 0.33 with it and 0.30 without. It fits its own images
# less and does a little better on others, so that the gap between the two shrinks from about 0.70
# to under 0.60: that is what a regularizer is for. The effect is small here. With 500 images the
# network still overfits by far, and it takes longer to learn them.
# END ANSWER

# %% [markdown] tags=["question:dropout-inline-3", "text"]
# ## Inline question 3
#
# Someone trains a deep fully-connected network with dropout behind each hidden layer, where $p$ is
# the probability of keeping a unit. Now the hidden layers are to be made smaller, with fewer units
# in each. Should $p$ change, and if so, how?

# %% [markdown] tags=["question:dropout-inline-3", "answer"]
# **Your answer:**
#
# BEGIN ANSWER dropout-inline-3: whether p changes, in which direction, and why
# It should grow: a smaller share is dropped. A smaller network has fewer weights to overfit with,
# so it needs less regularization, and with few units in a layer each step would leave too few of
# them to carry the signal. As $p$ is a share, the number of units dropped falls with the size of
# the layer by itself, so a modest change will do; how much is a question for the validation
# images.
# END ANSWER
