# %% [markdown] tags=["title"]
# # Fully-connected neural nets
#
# In this assignment you write a neural network library in numpy and train it to recognize
# images. You begin with single layers and end with networks of any depth and the optimizers
# that train them.
#
# Every layer is a pair of functions. The *forward* pass takes inputs and parameters, returns
# the output, and keeps in a `cache` whatever its partner will need:
#
# ```python
# def layer_forward(x, w):
#     ...                  # compute the output
#     cache = (x, w)       # and keep what the backward pass uses
#     return out, cache
# ```
#
# The *backward* pass takes the gradient of the loss with respect to that output and the cache,
# and returns the gradient with respect to each input:
#
# ```python
# def layer_backward(dout, cache):
#     x, w = cache
#     ...                  # the chain rule, one layer at a time
#     return dx, dw
# ```
#
# Layers of this form can be joined in any order, which is what makes deep networks possible.
#
# **How this notebook works.** You write code in `cs682/layers.py`, `cs682/optim.py` and
# `cs682/classifiers/fc_net.py`, at the places marked `TODO`, and in a few cells here. After
# each part a cell checks your work. It prints errors beside what to expect, and `met` or
# `not yet`; the bounds are orders of magnitude, so that 3e-8 meets "the order of 1e-08". While a
# part is not written yet, its cell says `not implemented yet`, and you can run the others. The line
# `grader.check(...)` after a part checks it on many more inputs than the cell before it.
#
# **Which `TODO` belongs here.** The package serves three notebooks. Each `TODO` names its question:
#
# | notebook | `layers.py` | `optim.py` | `classifiers/fc_net.py` |
# |---|---|---|---|
# | `FullyConnectedNets` (this one) | `affine_forward`, `affine_backward`, `relu_forward`, `relu_backward` | `sgd_momentum`, `rmsprop`, `adam` | `TwoLayerNet`, `FullyConnectedNet` |
# | `BatchNormalization` | `batchnorm_forward`, `batchnorm_backward`, `batchnorm_backward_alt`, `layernorm_forward`, `layernorm_backward` | | `FullyConnectedNet`, extended by normalization |
# | `Dropout` | `dropout_forward`, `dropout_backward` | | `FullyConnectedNet`, extended by dropout |
#
# Leave those of the other two for later; nothing here needs them.

# %% tags=["setup"]
import matplotlib.pyplot as plt
import numpy as np

from cs682.classifiers.fc_net import FullyConnectedNet, TwoLayerNet
from cs682.data_utils import load_data
from cs682.gradient_check import eval_numerical_gradient, eval_numerical_gradient_array
from cs682.layer_utils import affine_relu_backward, affine_relu_forward
from cs682.layers import (
    affine_backward,
    affine_forward,
    relu_backward,
    relu_forward,
    softmax_loss,
    svm_loss,
)
from cs682.notebook_setup import (
    at_least,
    below,
    filled,
    grader,
    question,
    rel_error,
    report,
    show_histories,
    show_images,
    within,
)
from cs682.optim import adam, rmsprop, sgd_momentum
from cs682.solver import Solver

# %% [markdown] tags=["data", "text"]
# ## The data
#
# CIFAR-10 (Krizhevsky, 2009) holds 60,000 color images of 32 × 32 pixels in ten classes. The
# cell below loads them with the mean training image subtracted, as arrays of shape
# (images, channels, height, width). If the data set isn't on this machine, it uses a synthetic
# stand-in of the same layout and says so: everything runs on it, but accuracies differ from
# those quoted here. The `README.md` says how to get the real one.

# %% tags=["data", "check"]
data = load_data()
for name, array in data.items():
    print(f"{name}: {array.shape}")

# %% [markdown] tags=["images", "text"]
# Seven images of each class. As the mean image is subtracted, colors differ from those of the
# photographs; each image is shown from its darkest value to its brightest.

# %% tags=["images", "data", "plot"]
shown = np.stack([np.flatnonzero(data["y_train"] == label)[:7] for label in range(10)], axis=1)
show_images(data["X_train"][shown.ravel()], [f"class {label}" for label in range(10)])

# %% [markdown] tags=["question:affine-forward", "text"]
# ## Affine layer: forward
#
# An affine layer (also called linear, dense or fully connected) multiplies each example by a
# matrix of weights and adds a vector of biases. Examples may have any number of dimensions,
# such as an image's channels, rows and columns; the layer flattens each to a row of length
# $D = d_1 \cdots d_k$ first. With $X$ of shape $(N, D)$, $W$ of shape $(D, M)$ and $b$ of
# shape $(M,)$,
#
# $$\mathrm{out} = X W + b .$$
#
# Write `affine_forward` in `cs682/layers.py`, then check it here.

# %% tags=["question:affine-forward", "check"]
with question("affine-forward"):
    x = np.linspace(-0.1, 0.5, num=240).reshape(2, 4, 5, 6)
    w = np.linspace(-0.2, 0.3, num=360).reshape(120, 3)
    b = np.linspace(-0.3, 0.1, num=3)

    out, _ = affine_forward(x, w, b)
    expected = np.array([
        [1.49834967, 1.70660132, 1.91485297],
        [3.25553199, 3.5141327, 3.77273342],
    ])
    report("out", out, expected, 1e-9)

# %% tags=["affine-forward", "selfcheck"]
grader.check("affine-forward")

# %% [markdown] tags=["question:affine-backward", "text"]
# ## Affine layer: backward
#
# Now the gradients. Given $\partial L / \partial\,\mathrm{out}$ of shape $(N, M)$, the backward
# pass returns $\partial L / \partial x$, $\partial L / \partial w$ and
# $\partial L / \partial b$, each in the shape of what it belongs to. Shapes are a good guide:
# ask which product of the arrays at hand has the right one, and over what the bias, which every
# example shares, has to be summed.
#
# The check compares your gradients with central differences of your forward pass,
# $\left(f(x + h) - f(x - h)\right) / 2h$ for each element in turn.
#
# Write `affine_backward` in `cs682/layers.py`.

# %% tags=["question:affine-backward", "check"]
with question("affine-backward"):
    np.random.seed(231)
    x = np.random.randn(10, 2, 3)
    w = np.random.randn(6, 5)
    b = np.random.randn(5)
    dout = np.random.randn(10, 5)

    dx_num = eval_numerical_gradient_array(lambda x: affine_forward(x, w, b)[0], x, dout)
    dw_num = eval_numerical_gradient_array(lambda w: affine_forward(x, w, b)[0], w, dout)
    db_num = eval_numerical_gradient_array(lambda b: affine_forward(x, w, b)[0], b, dout)

    _, cache = affine_forward(x, w, b)
    dx, dw, db = affine_backward(dout, cache)
    report("dx", dx_num, dx, 1e-10)
    report("dw", dw_num, dw, 1e-10)
    report("db", db_num, db, 1e-10)

# %% tags=["affine-backward", "selfcheck"]
grader.check("affine-backward")

# %% [markdown] tags=["question:relu-forward", "text"]
# ## ReLU: forward
#
# Affine layers alone compose to one affine layer. What makes depth worth having is a
# nonlinearity between them, and the most used one is the rectified linear unit,
#
# $$\mathrm{relu}(x) = \max(0, x),$$
#
# element by element. Write `relu_forward` in `cs682/layers.py`.

# %% tags=["question:relu-forward", "check"]
with question("relu-forward"):
    x = np.linspace(-0.5, 0.5, num=12).reshape(3, 4)

    out, _ = relu_forward(x)
    expected = np.array([
        [0.0, 0.0, 0.0, 0.0],
        [0.0, 0.0, 0.04545455, 0.13636364],
        [0.22727273, 0.31818182, 0.40909091, 0.5],
    ])
    report("out", out, expected, 1e-8)

# %% tags=["relu-forward", "selfcheck"]
grader.check("relu-forward")

# %% [markdown] tags=["question:relu-backward", "text"]
# ## ReLU: backward
#
# Each element of the output depends on one element of the input. Where does a small change of
# the input reach the output, and where does it not? Write `relu_backward` in
# `cs682/layers.py`.

# %% tags=["question:relu-backward", "check"]
with question("relu-backward"):
    np.random.seed(231)
    x = np.random.randn(10, 10)
    dout = np.random.randn(*x.shape)

    dx_num = eval_numerical_gradient_array(lambda x: relu_forward(x)[0], x, dout)

    _, cache = relu_forward(x)
    dx = relu_backward(dout, cache)
    report("dx", dx_num, dx, 1e-12)

# %% tags=["relu-backward", "selfcheck"]
grader.check("relu-backward")

# %% [markdown] tags=["question:inline-1", "text"]
# ## Inline question 1
#
# ReLU is one of several activation functions, each with its own strengths. One trouble that
# they can have is a gradient of zero, or nearly so, on the way back: the weights before it then
# learn nothing. Which of these have it?
#
# 1. Sigmoid
# 2. ReLU
# 3. Leaky ReLU
#
# For those that do: for which one-dimensional inputs does it happen?

# %% [markdown] tags=["question:inline-1", "answer"]
# **Your answer:**
#
# BEGIN ANSWER inline-1: name the activations, and the inputs for which each of them does it
# Sigmoid and ReLU. The sigmoid's derivative $\sigma(x)(1 - \sigma(x))$ is at most 1/4 and decays
# like $e^{-|x|}$, so that inputs of large magnitude on either side (beyond about ±5) pass next to
# no gradient. ReLU passes exactly none for a negative input; a unit that is negative on every
# example no longer learns. A leaky ReLU always passes a share of the gradient, its small slope
# on the negative side, so it has the trouble nowhere unless that slope is chosen close to zero.
# END ANSWER

# %% [markdown] tags=["question:relu-backward", "sandwich", "text"]
# ## Layers that go together
#
# Some layers follow one another so often that it pays to give the pair a name: an affine layer
# with a ReLU after it, for one. `cs682/layer_utils.py` builds such "sandwiches" from the
# functions you have written. Read `affine_relu_forward` and `affine_relu_backward` there, and
# check that the gradients still agree: this cell needs all four of your functions.

# %% tags=["question:relu-backward", "sandwich", "check"]
with question("relu-backward"):
    np.random.seed(231)
    x = np.random.randn(2, 3, 4)
    w = np.random.randn(12, 10)
    b = np.random.randn(10)
    dout = np.random.randn(2, 10)

    dx_num = eval_numerical_gradient_array(lambda x: affine_relu_forward(x, w, b)[0], x, dout)
    dw_num = eval_numerical_gradient_array(lambda w: affine_relu_forward(x, w, b)[0], w, dout)
    db_num = eval_numerical_gradient_array(lambda b: affine_relu_forward(x, w, b)[0], b, dout)

    _, cache = affine_relu_forward(x, w, b)
    dx, dw, db = affine_relu_backward(dout, cache)
    report("dx", dx_num, dx, 1e-10)
    report("dw", dw_num, dw, 1e-10)
    report("db", db_num, db, 1e-10)

# %% [markdown] tags=["svm-loss", "text"]
# ## Loss layers
#
# The two losses are given, at the end of `cs682/layers.py`; read them before you go on. Both take
# scores of shape (N, C) and labels of shape (N,), and return the loss, averaged over the
# examples, with its gradient with respect to the scores.
#
# The multiclass support vector machine asks that the right class lead every other by a margin of
# one:
#
# $$L_i = \sum_{j \ne y_i} \max(0,\; s_j - s_{y_i} + 1).$$
#
# With ten classes and scores near zero, the loss should be near 9.

# %% tags=["svm-loss", "check"]
np.random.seed(231)
num_classes, num_inputs = 10, 50
x = 0.001 * np.random.randn(num_inputs, num_classes)
y = np.random.randint(num_classes, size=num_inputs)

dx_num = eval_numerical_gradient(lambda x: svm_loss(x, y)[0], x, verbose=False)
loss, dx = svm_loss(x, y)
within("SVM loss", loss, 9.0, 0.01)
report("dx", dx_num, dx, 1e-9)

# %% [markdown] tags=["softmax-loss", "text"]
# The softmax loss reads scores as unnormalized log-probabilities, and is the negative
# log-probability of the right class:
#
# $$L_i = -\log \frac{e^{s_{y_i}}}{\sum_j e^{s_j}}.$$
#
# On the same scores it should be near $\log 10 \approx 2.3$. (Can you say why?)

# %% tags=["softmax-loss", "check"]
dx_num = eval_numerical_gradient(lambda x: softmax_loss(x, y)[0], x, verbose=False)
loss, dx = softmax_loss(x, y)
within("softmax loss", loss, 2.3, 0.01)
report("dx", dx_num, dx, 1e-8)

# %% [markdown] tags=["question:two-layer-net", "text"]
# ## A two-layer network
#
# Time to put the layers together. `TwoLayerNet` in `cs682/classifiers/fc_net.py` is
#
# affine – ReLU – affine – softmax.
#
# Its weights are drawn from a normal distribution of standard deviation `weight_scale`, its
# biases begin at zero, and the loss has an L2 term over the weights alone:
#
# $$L = L_\text{softmax} + \tfrac{1}{2}\,\mathtt{reg} \left(\lVert W_1 \rVert^2 +
# \lVert W_2 \rVert^2\right).$$
#
# Mind the factor of one half, and what it makes of the gradient. Your layer functions do the
# rest: no formula of an affine layer or a ReLU needs to be written again. The next four cells
# check one part each. First, the initial parameters.

# %% tags=["question:two-layer-net", "check"]
model = None
with question("two-layer-net"):
    np.random.seed(231)
    N, D, H, C = 3, 5, 50, 7
    X = np.random.randn(N, D)
    y = np.random.randint(C, size=N)

    std = 1e-3
    model = TwoLayerNet(input_dim=D, hidden_dim=H, num_classes=C, weight_scale=std)
    for name in ("W1", "W2"):
        within(f"{name} standard deviation", model.params[name].std(), std, std / 10)
    for name in ("b1", "b2"):
        within(f"largest bias of {name}", np.abs(model.params[name]).max(), 0.0, 1e-12)

# %% [markdown] tags=["question:two-layer-net", "text"]
# Next, the scores, with parameters set by hand.

# %% tags=["question:two-layer-net", "check"]
with question("two-layer-net"):
    filled(model).params["W1"] = np.linspace(-0.7, 0.3, num=D * H).reshape(D, H)
    model.params["b1"] = np.linspace(-0.1, 0.9, num=H)
    model.params["W2"] = np.linspace(-0.3, 0.4, num=H * C).reshape(H, C)
    model.params["b2"] = np.linspace(-0.9, 0.1, num=C)
    X = np.linspace(-5.5, 4.5, num=N * D).reshape(D, N).T

    scores = model.loss(X)
    expected = np.array([
        [11.53165108, 12.2917344, 13.05181771, 13.81190102, 14.57198434, 15.33206765, 16.09215096],
        [12.05769098, 12.74614105, 13.43459113, 14.1230412, 14.81149128, 15.49994135, 16.18839143],
        [12.58373087, 13.20054771, 13.81736455, 14.43418138, 15.05099822, 15.66781506, 16.2846319],
    ])
    below("scores differ by", np.abs(scores - expected).sum(), 1e-6, unit=" in all")

# %% [markdown] tags=["question:two-layer-net", "text"]
# Then the loss, without and with regularization.

# %% tags=["question:two-layer-net", "check"]
with question("two-layer-net"):
    y = np.asarray([0, 5, 1])
    for reg, expected in [(0.0, 3.4702243556), (1.0, 26.5948426952)]:
        filled(model).reg = reg
        within(f"loss at reg = {reg}", model.loss(X, y)[0], expected, 1e-10)

# %% [markdown] tags=["question:two-layer-net", "text"]
# And the gradients.

# %% tags=["question:two-layer-net", "check"]
with question("two-layer-net"):
    for reg in (0.0, 0.7):
        print(f"at reg = {reg}:")
        filled(model).reg = reg
        _, grads = model.loss(X, y)
        for name in sorted(grads):
            grad_num = eval_numerical_gradient(
                lambda _: model.loss(X, y)[0], model.params[name], verbose=False
            )
            report(name, grad_num, grads[name], 1e-7)

# %% tags=["two-layer-net", "selfcheck"]
grader.check("two-layer-net")

# %% [markdown] tags=["question:train-two-layer-net", "text"]
# ## Train it
#
# A *solver* holds what training needs beside the model: the data, an update rule, and how long
# and in what steps to go on. Read `cs682/solver.py`, then train a `TwoLayerNet` in the cell below
# until it reaches at least **50 %** accuracy on the validation images. Name the solver `solver`,
# since the cells after it plot its history.

# %% tags=["question:train-two-layer-net", "answer"]
solver = None
with question("train-two-layer-net"):
    # BEGIN ANSWER train-two-layer-net: make a model and a Solver, and train to 50 % validation accuracy
    model = TwoLayerNet()
    solver = Solver(
        model,
        data,
        update_rule="sgd",
        optim_config={"learning_rate": 1e-3},
        lr_decay=0.95,
        num_epochs=20,
        batch_size=400,
        print_every=100,
    )
    solver.train()
    # END ANSWER

# %% [markdown] tags=["question:train-two-layer-net", "text"]
# What does the history say? A loss that falls slowly asks for a larger learning rate; training
# accuracy far above validation accuracy, for more regularization.

# %% tags=["question:train-two-layer-net", "plot"]
with question("train-two-layer-net"):
    filled(solver)
    figure, (upper, lower) = plt.subplots(2, 1, figsize=(12, 9))

    upper.plot(solver.loss_history, "o", markersize=3)
    upper.set(title="Training loss", xlabel="iteration")

    lower.plot(solver.train_acc_history, "-o", label="training")
    lower.plot(solver.val_acc_history, "-o", label="validation")
    lower.axhline(0.5, color="black", linestyle="--")
    lower.set(title="Accuracy", xlabel="epoch")
    lower.legend(loc="lower right")

    figure.tight_layout()
    plt.show()
    at_least("best validation accuracy", solver.best_val_acc, 0.5, where=" on CIFAR-10")

# %% [markdown] tags=["weights", "text"]
# What has it learned? Each column of the first weights has as many numbers as an image, and can be
# shown as one: what a hidden unit looks for. Weights that have learned something have smooth
# patches of color; weights that are as they were drawn look like noise.

# %% tags=["weights", "plot"]
if solver is None:
    print("there are no learned weights yet")
else:
    weights = solver.model.params["W1"]
    show_images(weights[:, :50].T.reshape(-1, 3, 32, 32))

# %% [markdown] tags=["question:fully-connected-net", "text"]
# ## Networks of any depth
#
# `FullyConnectedNet`, in the same file, takes a list of hidden sizes. A network of $L$ layers is
#
# (affine – ReLU) × ($L$ – 1) – affine – softmax.
#
# Write its initialization, forward and backward pass. Leave dropout and normalization for the
# notebooks that introduce them; their options are there already.
#
# A first check costs little: before any training, what loss do you expect of ten classes? And
# does regularization add to it?

# %% tags=["question:fully-connected-net", "check"]
models = {}
with question("fully-connected-net"):
    np.random.seed(231)
    N, D, H1, H2, C = 2, 15, 20, 30, 10
    X = np.random.randn(N, D)
    y = np.random.randint(C, size=N)

    for reg, expected in [(0, 2.30), (3.14, 7.05)]:
        models[reg] = FullyConnectedNet(
            [H1, H2], input_dim=D, num_classes=C, reg=reg, weight_scale=5e-2, dtype=np.float64
        )
        loss, grads = models[reg].loss(X, y)
        within(f"initial loss at reg = {reg}", loss, expected, 0.01)

# %% [markdown] tags=["question:fully-connected-net", "text"]
# Then the gradients, against central differences. Most errors are of the order of 1e-7 or less.
# At `reg = 0` one weight matrix may come out near 1e-5: some of its gradients are so small that
# the differences can't resolve them.

# %% tags=["question:fully-connected-net", "check"]
with question("fully-connected-net"):
    for reg, model in filled(models).items():
        print(f"at reg = {reg}:")
        loss, grads = model.loss(X, y)
        for name in sorted(grads):
            grad_num = eval_numerical_gradient(
                lambda _: model.loss(X, y)[0], model.params[name], verbose=False, h=1e-5
            )
            report(name, grad_num, grads[name], 1e-5 if (name, reg) == ("W2", 0) else 1e-7)

# %% tags=["fully-connected-net", "selfcheck"]
grader.check("fully-connected-net")

# %% [markdown] tags=["question:overfit-three-layers", "text"]
# ## Overfit on purpose
#
# A network that can't learn 50 images by heart has a bug. Take one of three layers, with 100
# units in each hidden one, and find a learning rate and a weight scale with which it reaches
# **100 %** training accuracy within 20 epochs. Validation accuracy doesn't matter here.

# %% tags=["question:overfit-three-layers", "answer"]
num_train = 50
small_data = {
    "X_train": data["X_train"][:num_train],
    "y_train": data["y_train"][:num_train],
    "X_val": data["X_val"],
    "y_val": data["y_val"],
}

with question("overfit-three-layers"):
    # BEGIN ANSWER overfit-three-layers: choose a weight_scale and a learning_rate
    weight_scale = 0.06
    learning_rate = 7e-4
    # END ANSWER
    model = FullyConnectedNet([100, 100], weight_scale=weight_scale, dtype=np.float64)
    solver = Solver(
        model,
        small_data,
        print_every=10,
        num_epochs=20,
        batch_size=25,
        update_rule="sgd",
        optim_config={"learning_rate": learning_rate},
    )
    solver.train()
    at_least("best training accuracy", max(solver.train_acc_history), 1.0)

    plt.plot(solver.loss_history, "o")
    plt.title("Training loss, three layers")
    plt.xlabel("iteration")
    plt.ylabel("loss")
    plt.show()

# %% [markdown] tags=["question:overfit-five-layers", "text"]
# Now five layers, with 100 units in each hidden one. The task is the same: **100 %** training
# accuracy within 20 epochs. You will have to look for new values, and may have to look longer.

# %% tags=["question:overfit-five-layers", "answer"]
with question("overfit-five-layers"):
    # BEGIN ANSWER overfit-five-layers: choose a weight_scale and a learning_rate
    weight_scale = 0.17
    learning_rate = 4e-4
    # END ANSWER
    model = FullyConnectedNet([100, 100, 100, 100], weight_scale=weight_scale, dtype=np.float64)
    solver = Solver(
        model,
        small_data,
        print_every=10,
        num_epochs=20,
        batch_size=25,
        update_rule="sgd",
        optim_config={"learning_rate": learning_rate},
    )
    solver.train()
    at_least("best training accuracy", max(solver.train_acc_history), 1.0)

    plt.plot(solver.loss_history, "o")
    plt.title("Training loss, five layers")
    plt.xlabel("iteration")
    plt.ylabel("loss")
    plt.show()

# %% [markdown] tags=["question:inline-2", "text"]
# ## Inline question 2
#
# Compare your search for three layers with your search for five. Which of the two networks was
# more sensitive to the scale of its initial weights, and what explains it?

# %% [markdown] tags=["question:inline-2", "answer"]
# **Your answer:**
#
# BEGIN ANSWER inline-2: say which network, and why
# The five-layer network. Each affine layer multiplies the size of what passes through it by a
# factor proportional to the weight scale $s$, in the forward pass and again in the backward pass,
# so that scores and gradients vary roughly like a power of $s$ that grows with the depth: a factor
# of two in $s$ is a factor of 8 in the scores of three layers and of 32 in those of five. A scale
# a little too small lets the signal and its gradients die out; one a little too large makes them
# explode. The band of scales that train is therefore much narrower for the deeper network, and
# the learning rates that go with it change more quickly.
# END ANSWER

# %% [markdown] tags=["question:sgd-momentum", "text"]
# ## Update rules
#
# Plain stochastic gradient descent steps against the gradient of each batch. The rules that
# follow often get further in as many steps. All have one signature, in `cs682/optim.py`:
# `rule(w, dw, config)` returns the next `w` and the `config` that carries its state from step to
# step. Read `sgd` there first.
#
# ### Momentum
#
# Momentum (Polyak, 1964; Sutskever et al., 2013) gives the weights a velocity that gradients
# change and that otherwise decays by a factor $\mu$, so that steps in a lasting direction add up
# and those that alternate cancel:
#
# $$v \leftarrow \mu v - \alpha\, dw, \qquad w \leftarrow w + v .$$
#
# Write `sgd_momentum` in `cs682/optim.py`.

# %% tags=["question:sgd-momentum", "check"]
with question("sgd-momentum"):
    N, D = 4, 5
    w = np.linspace(-0.4, 0.6, num=N * D).reshape(N, D)
    dw = np.linspace(-0.6, 0.4, num=N * D).reshape(N, D)
    v = np.linspace(0.6, 0.9, num=N * D).reshape(N, D)

    next_w, config = sgd_momentum(w, dw, {"learning_rate": 1e-3, "velocity": v})
    expected_next_w = np.array([
        [0.1406, 0.20738947, 0.27417895, 0.34096842, 0.40775789],
        [0.47454737, 0.54133684, 0.60812632, 0.67491579, 0.74170526],
        [0.80849474, 0.87528421, 0.94207368, 1.00886316, 1.07565263],
        [1.14244211, 1.20923158, 1.27602105, 1.34281053, 1.4096],
    ])
    expected_velocity = np.array([
        [0.5406, 0.55475789, 0.56891579, 0.58307368, 0.59723158],
        [0.61138947, 0.62554737, 0.63970526, 0.65386316, 0.66802105],
        [0.68217895, 0.69633684, 0.71049474, 0.72465263, 0.73881053],
        [0.75296842, 0.76712632, 0.78128421, 0.79544211, 0.8096],
    ])
    report("next_w", next_w, expected_next_w, 1e-8)
    report("velocity", config["velocity"], expected_velocity, 1e-8)

# %% tags=["sgd-momentum", "selfcheck"]
grader.check("sgd-momentum")

# %% [markdown] tags=["question:sgd-momentum", "text"]
# Now let the two rules train the same six-layer network on 4,000 images. Momentum should get
# ahead. (The learning rates are fixed here; in your own work each rule deserves its own search.)

# %% tags=["question:sgd-momentum", "plot"]
num_train = 4000
small_data = {
    "X_train": data["X_train"][:num_train],
    "y_train": data["y_train"][:num_train],
    "X_val": data["X_val"],
    "y_val": data["y_val"],
}
solvers = {}


def train_with(rule, learning_rate):
    """Train a six-layer network by an update rule, and keep the solver under its name."""
    print(f"training with {rule}")
    model = FullyConnectedNet([100, 100, 100, 100, 100], weight_scale=5e-2)
    solver = Solver(
        model,
        small_data,
        num_epochs=5,
        batch_size=100,
        update_rule=rule,
        optim_config={"learning_rate": learning_rate},
        verbose=True,
    )
    solver.train()
    solvers[rule] = solver


with question("fully-connected-net"):
    train_with("sgd", 1e-2)
with question("sgd-momentum"):
    train_with("sgd_momentum", 1e-2)
with question("sgd-momentum"):
    show_histories(solvers)

# %% [markdown] tags=["question:rmsprop", "text"]
# ### RMSProp
#
# RMSProp (Tieleman & Hinton, 2012) gives every parameter a step size of its own: it keeps a
# running average of squared gradients and divides by its root, so that steep directions take
# smaller steps and flat ones larger.
#
# $$c \leftarrow \rho\, c + (1 - \rho)\, dw^2, \qquad
# w \leftarrow w - \alpha\, \frac{dw}{\sqrt{c} + \epsilon} .$$
#
# Write `rmsprop` in `cs682/optim.py`; $\rho$ is `decay_rate`, and $c$ is `cache`.

# %% tags=["question:rmsprop", "check"]
with question("rmsprop"):
    N, D = 4, 5
    w = np.linspace(-0.4, 0.6, num=N * D).reshape(N, D)
    dw = np.linspace(-0.6, 0.4, num=N * D).reshape(N, D)
    cache = np.linspace(0.6, 0.9, num=N * D).reshape(N, D)

    next_w, config = rmsprop(w, dw, {"learning_rate": 1e-2, "cache": cache})
    expected_next_w = np.array([
        [-0.39223849, -0.34037513, -0.28849239, -0.23659121, -0.18467247],
        [-0.132737, -0.08078555, -0.02881884, 0.02316247, 0.07515774],
        [0.12716641, 0.17918792, 0.23122175, 0.28326742, 0.33532447],
        [0.38739248, 0.43947102, 0.49155973, 0.54365823, 0.59576619],
    ])
    expected_cache = np.array([
        [0.5976, 0.6126277, 0.6277108, 0.64284931, 0.65804321],
        [0.67329252, 0.68859723, 0.70395734, 0.71937285, 0.73484377],
        [0.75037008, 0.7659518, 0.78158892, 0.79728144, 0.81302936],
        [0.82883269, 0.84469141, 0.86060554, 0.87657507, 0.8926],
    ])
    report("next_w", next_w, expected_next_w, 1e-7)
    report("cache", config["cache"], expected_cache, 1e-8)

# %% tags=["rmsprop", "selfcheck"]
grader.check("rmsprop")

# %% [markdown] tags=["question:adam", "text"]
# ### Adam
#
# Adam (Kingma & Ba, 2015) keeps running averages of the gradient, $m$, and of its square, $v$.
# Both begin at zero and are too small at first, which it corrects by the number of the step, $t$:
#
# $$m \leftarrow \beta_1 m + (1 - \beta_1)\, dw, \qquad
# v \leftarrow \beta_2 v + (1 - \beta_2)\, dw^2,$$
#
# $$\hat m = \frac{m}{1 - \beta_1^t}, \qquad \hat v = \frac{v}{1 - \beta_2^t}, \qquad
# w \leftarrow w - \alpha\, \frac{\hat m}{\sqrt{\hat v} + \epsilon} .$$
#
# Write the whole rule, with its correction, as `adam` in `cs682/optim.py`. Count the step before
# you use $t$, so that the first step has $t = 1$.

# %% tags=["question:adam", "check"]
with question("adam"):
    N, D = 4, 5
    w = np.linspace(-0.4, 0.6, num=N * D).reshape(N, D)
    dw = np.linspace(-0.6, 0.4, num=N * D).reshape(N, D)
    m = np.linspace(0.6, 0.9, num=N * D).reshape(N, D)
    v = np.linspace(0.7, 0.5, num=N * D).reshape(N, D)

    next_w, config = adam(w, dw, {"learning_rate": 1e-2, "m": m, "v": v, "t": 5})
    expected_next_w = np.array([
        [-0.40094747, -0.34836187, -0.29577703, -0.24319299, -0.19060977],
        [-0.1380274, -0.08544591, -0.03286534, 0.01971428, 0.0722929],
        [0.1248705, 0.17744702, 0.23002243, 0.28259667, 0.33516969],
        [0.38774145, 0.44031188, 0.49288093, 0.54544852, 0.59801459],
    ])
    expected_v = np.array([
        [0.69966, 0.68908382, 0.67851319, 0.66794809, 0.65738853],
        [0.64683452, 0.63628604, 0.6257431, 0.61520571, 0.60467385],
        [0.59414753, 0.58362676, 0.57311152, 0.56260183, 0.55209767],
        [0.54159906, 0.53110598, 0.52061845, 0.51013645, 0.49966],
    ])
    expected_m = np.array([
        [0.48, 0.49947368, 0.51894737, 0.53842105, 0.55789474],
        [0.57736842, 0.59684211, 0.61631579, 0.63578947, 0.65526316],
        [0.67473684, 0.69421053, 0.71368421, 0.73315789, 0.75263158],
        [0.77210526, 0.79157895, 0.81105263, 0.83052632, 0.85],
    ])
    report("next_w", next_w, expected_next_w, 1e-7)
    report("v", config["v"], expected_v, 1e-8)
    report("m", config["m"], expected_m, 1e-8)

# %% tags=["adam", "selfcheck"]
grader.check("adam")

# %% [markdown] tags=["question:adam", "text"]
# The same six-layer network again, with the two new rules beside the earlier ones.

# %% tags=["question:adam", "plot"]
with question("adam"):
    train_with("adam", 1e-3)
with question("rmsprop"):
    train_with("rmsprop", 1e-4)
with question("adam"):
    show_histories(solvers)

# %% [markdown] tags=["question:inline-3", "text"]
# ## Inline question 3
#
# AdaGrad (Duchi et al., 2011), like Adam, has a step size for each parameter:
#
# ```python
# cache += dw**2
# w -= learning_rate * dw / (np.sqrt(cache) + eps)
# ```
#
# Someone who trains a network with it sees the updates become very small and the network learn
# slowly. From what you know of the rule: why? Would Adam have the same trouble?

# %% [markdown] tags=["question:inline-3", "answer"]
# **Your answer:**
#
# BEGIN ANSWER inline-3: why AdaGrad's updates shrink, and whether Adam's do
# AdaGrad's cache is a sum of squares over the whole run: it never falls, and with gradients of
# steady size it grows in proportion to the number of steps, so that the effective learning rate
# falls like one over the root of that number however far the minimum still is. Adam divides by the
# root of an exponentially weighted average instead. It forgets old gradients, levels off at their
# recent mean square and falls again when gradients do, so the steps stay of the order of the
# learning rate: Adam doesn't have this trouble.
# END ANSWER

# %% [markdown] tags=["question:best-model", "text"]
# ## Train a good model
#
# Train the best fully-connected network on CIFAR-10 that you can, and keep it in `best_model`. At
# least **50 %** validation accuracy is asked; above 55 % is possible with care, and the course's
# own network reached 64 % in some minutes of training, with 62 % on the test images. What to vary:
# learning rate and its decay, weight scale, depth and width, regularization and update rule. A
# search over logarithmic scales, coarse and short at first, finds more than moving one value at a
# time. If you have done the notebooks on normalization and dropout, use what you wrote there.

# %% tags=["question:best-model", "answer"]
best_model = None
with question("best-model"):
    # BEGIN ANSWER best-model: train FullyConnectedNets and keep the best one in best_model
    class Varied:
        """Images that come mirrored half of the time, and shifted by up to two pixels."""

        def __init__(self, images):
            self.images = images

        def __len__(self):
            return len(self.images)

        def __getitem__(self, drawn):
            batch = self.images[drawn].astype(np.float32)
            padded = np.pad(batch, [(0, 0), (0, 0), (2, 2), (2, 2)], mode="edge")
            places = np.lib.stride_tricks.sliding_window_view(padded, (32, 32), axis=(2, 3))
            down, right = np.random.randint(5, size=(2, len(batch)))
            batch = places[np.arange(len(batch)), :, down, right]
            mirrored = np.random.rand(len(batch)) < 0.5
            batch[mirrored] = batch[mirrored][..., ::-1]
            return batch

    np.random.seed(0)
    best_model = FullyConnectedNet(
        [512, 256, 128], normalization="batchnorm", dropout=0.9, reg=1e-4, weight_scale=2e-2
    )
    best_solver = Solver(
        best_model,
        {**data, "X_train": Varied(data["X_train"])},
        update_rule="adam",
        optim_config={"learning_rate": 2e-3},
        lr_decay=0.85,
        num_epochs=20,
        batch_size=250,
        print_every=200,
    )
    best_solver.train()
    # END ANSWER

# %% [markdown] tags=["question:best-model", "text"]
# ## Test it
#
# Run your best model on the validation and test images. The test images have had no part in any
# choice you made, so this second number says how it would do on images that it has never seen.

# %% tags=["question:best-model", "check"]
with question("best-model"):
    for name in ("val", "test"):
        scores = filled(best_model).loss(data[f"X_{name}"])
        accuracy = np.mean(np.argmax(scores, axis=1) == data[f"y_{name}"])
        if name == "val":
            at_least("val accuracy", accuracy, 0.5, where=" on CIFAR-10")
        else:
            print(f"test accuracy: {accuracy}")

# %% [markdown] tags=["question:best-model", "text"]
# The last cell writes your model to `best_model.npz`: its parameters by name and, where there is
# batch normalization, the running averages of each layer. Hand it in with the notebook and the
# package.

# %% tags=["question:best-model", "save"]
with question("best-model"):
    arrays = dict(filled(best_model).params)
    for number, bn_param in enumerate(getattr(best_model, "bn_params", []), start=1):
        for name in ("running_mean", "running_var"):
            if name in bn_param:
                arrays[f"{name}{number}"] = bn_param[name]
    np.savez("best_model.npz", **arrays)
    print(f"best_model.npz holds {len(arrays)} arrays")
