# %% [markdown] tags=["title"]
# # Neighbours and lines
#
# You write the functions in `fits/`, and fit a line here.

# %% tags=["setup"]
import numpy as np

from fits.linear import moments, mse
from fits.neighbours import classify, distances, nearest
from fits.points import drawn, split

data = split(*drawn(160, 0), *drawn(40, 1), 120)

# %% [markdown] tags=["question:distances", "text"]
# ## Distances
#
# The first row prints 0 and 5.

# %% tags=["question:distances", "check"]
try:
    print(distances(np.array([[0.0, 0.0], [3.0, 4.0]]), np.array([[0.0, 0.0]])))
except NotImplementedError as error:
    print(error)

# %% [markdown] tags=["question:nearest", "text"]
# ## The nearest points
#
# Each row prints the places of its two smallest numbers.

# %% tags=["question:nearest", "check"]
try:
    print(nearest(np.array([[3.0, 1.0, 2.0]]), 2))
except NotImplementedError as error:
    print(error)

# %% [markdown] tags=["question:classify", "text"]
# ## The class of the nearest neighbours
#
# The point lies beside the first class.

# %% tags=["question:classify", "check"]
try:
    print(classify(np.eye(2), np.array([0, 1]), np.array([[0.9, 0.1]]), 1))
except NotImplementedError as error:
    print(error)

# %% [markdown] tags=["question:moments", "text"]
# ## Mean and spread
#
# The mean is 2, the spread 1.

# %% tags=["question:moments", "check"]
try:
    print(moments(np.array([[1.0], [3.0]])))
except NotImplementedError as error:
    print(error)

# %% [markdown] tags=["question:loss", "text"]
# ## Mean squared error
#
# The loss is 4, the gradients are -8 and -4.

# %% tags=["question:loss", "check"]
try:
    print(mse(np.array([[2.0]]), np.array([2.0]), np.zeros(1), 0.0))
except NotImplementedError as error:
    print(error)

# %% [markdown] tags=["question:fit", "text"]
# ## Fit
#
# Fit a line to `data["x"]` and `data["t"]`; `predict(x)` returns what it says of points x (N, 3).

# %% tags=["question:fit", "answer"]
predict = None
# BEGIN ANSWER fit: repeat steps against the gradient, and define predict.
w, b = np.zeros(3), 0.0
losses = []
for _ in range(100):
    loss, dw, db = mse(data["x"], data["t"], w, b)
    losses.append(float(loss))
    w, b = w - 0.1 * dw, b - 0.1 * db


def predict(x):
    return x @ w + b


predict.losses = losses
# END ANSWER

# %% [markdown] tags=["question:why-k", "text"]
# ## Few neighbours or many
#
# What goes wrong with a very small k, and what with a very large one?

# %% [markdown] tags=["question:why-k", "answer"]
# BEGIN ANSWER why-k: name what happens at either end
# With few neighbours the class follows single points and their noise. With many it is decided by
# points that lie far away, until the commonest class is answered everywhere.
# END ANSWER
