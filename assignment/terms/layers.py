"""Affine layers, ReLU, and dropout when testing."""

import numpy as np

from grader.kinds.terms import OutputTerms, Sum


def affine_sizes(given):
    rows, (features, outputs) = flat(given["x"]), given["w"].shape
    return {"N": len(rows), "D": features, "M": outputs}


def flat(x):
    """Return x (N, d_1, ..., d_k) as rows (N, D)."""
    return x.reshape(len(x), -1)


def affine_out(given, _):
    x, w, b = given["x"], given["w"], given["b"]
    product = flat(x) @ w
    by_columns = np.asarray([row.ravel(order="F") for row in x])
    return OutputTerms(
        {"the product of x and w": product, "b": b + 0 * product},
        instead={
            "the product of x and w": {
                "the features of an example stand in the order of its columns": by_columns @ w,
                "the rows of x are mixed up, as by a reshape to (D, N)": flat_by_d(x) @ w,
            }
        },
        symbols=affine_sizes(given),
    )


def flat_by_d(x):
    return x.reshape(-1, len(x)).T


def affine_dx(given, _):
    dx = (given["dout"] @ given["w"].T).reshape(given["x"].shape)
    return OutputTerms({"the product of dout and w": dx}, symbols=affine_sizes(given))


def affine_dw(given, _):
    x, dout = flat(given["x"]), given["dout"]
    return OutputTerms(
        {"the product of x and dout": x.T @ dout},
        instead={
            "the product of x and dout": {
                "dx stands there where x is asked": (dout @ given["w"].T).T @ dout,
                "the rows of x are mixed up, as by a reshape to (D, N)": flat_by_d(x).T @ dout,
                "the part of the first example stands there alone": np.outer(x[0], dout[0]),
                "the part of the last example stands there alone": np.outer(x[-1], dout[-1]),
            }
        },
        symbols=affine_sizes(given),
    )


def affine_db(given, _):
    total = given["dout"].sum(axis=0)
    return OutputTerms(
        {"the sum of dout over the examples": total},
        instead={
            "the sum of dout over the examples": {
                "b stands there as a factor": total * given["b"],
                "the sum there is over all axes": total.sum() + 0 * total,
                "the first example stands there alone": given["dout"][0],
                "the last example stands there alone": given["dout"][-1],
            }
        },
        symbols=affine_sizes(given),
    )


def relu_out(given, _):
    x = given["x"]
    return OutputTerms(
        {"what of x is above zero": x * (x > 0)},
        instead={
            "what of x is above zero": {"the mask alone stands there, without x": 1.0 * (x > 0)}
        },
        others={"what of x is below zero": x * (x < 0)},
    )


def relu_dx(given, _):
    x, dout = given["x"], given["dout"]
    name = "dout where x is above zero"
    return OutputTerms(
        {name: dout * (x > 0)},
        instead={
            name: {
                "the mask alone stands there, without dout": 1.0 * (x > 0),
                "x stands there as a factor, beside the mask": dout * x * (x > 0),
                "the mask there is taken from dout, not from x": dout * (dout > 0),
            }
        },
        others={"dout where x is below zero": dout * (x < 0)},
    )


def dropout_test(given, _):
    return OutputTerms({"x": given["x"]}, symbols={"p": float(given["dropout_param"]["p"])})


TERMS = (
    Sum("affine-forward", "out", affine_out),
    Sum("affine-backward", "dx", affine_dx),
    Sum("affine-backward", "dw", affine_dw),
    Sum("affine-backward", "db", affine_db),
    Sum("relu-forward", "out", relu_out),
    Sum("relu-backward", "dx", relu_dx),
    Sum("dropout-forward", "out", dropout_test),
)
