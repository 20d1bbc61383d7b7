"""Networks: scores, losses and gradients, with and without regularization."""

import numpy as np

from grader.kinds.terms import OutputTerms, Sum

DATA_LOSS = "the data loss"
DATA_GRADIENT = "the gradient of the data loss"
#: How a parameter's sort is called, beside weights.
SORTS = {"b": "the biases", "gamma": "gamma", "beta": "beta"}


def sort(name):
    """Return W, b, gamma or beta."""
    return name.rstrip("0123456789")


def depth(given):
    return sum(sort(name) == "W" for name in given["params"])


def sizes(given, reg=0.0):
    count = len(given["y"])
    symbols = {"N": count, "C": given["options"]["num_classes"]}
    return {**symbols, "reg": float(reg)} if reg else symbols


def without_regularization(given):
    changed = {**given, "options": {**given["options"], "reg": 0.0}}
    return {**changed, "new_reg": 0.0} if "new_reg" in given else changed


def without_last_bias(given):
    last = f"b{depth(given)}"
    return {**given, "params": {**given["params"], last: 0.0 * given["params"][last]}}


def layer(given, name):
    """Return what a student calls an array of weights, in a network of any depth."""
    number = int(name[1:])
    if not given["arguments"] or number == 1:
        return name
    return "the last W" if number == depth(given) else "the W in between"


def scores(given, answers):
    last = given["params"][f"b{depth(given)}"]
    product = answers["scores"]
    return OutputTerms(
        {"the product with the last W": product, "the last b": last + 0 * product},
        symbols=sizes(given),
    )


def whole_scores(given, answers):
    found = answers["scores"]
    raised = np.exp(found - found.max(axis=1, keepdims=True))
    name = "the scores of the last layer"
    return OutputTerms(
        {name: found},
        instead={
            name: {
                "they went through the softmax": raised / raised.sum(axis=1, keepdims=True),
                "they went through a ReLU": np.maximum(found, 0),
            }
        },
        symbols=sizes(given),
    )


def loss(output, setting):
    def terms(given, answers):
        reg = given[setting] if setting in given else given["options"].get("reg", 0.0)
        params = given["params"]
        squares, others = {}, {}
        for name, array in params.items():
            term = 0.5 * reg * np.sum(array**2)
            if sort(name) == "W":
                called = f"the squares of {layer(given, name)}"
                squares[called] = squares.get(called, 0.0) + term
            elif reg:
                called = f"the squares of {SORTS[sort(name)]}"
                others[called] = others.get(called, 0.0) + term
        if reg:
            weights = [array for name, array in params.items() if sort(name) == "W"]
            absolute = 0.5 * reg * sum(np.abs(w).sum() for w in weights)
            others["the absolute values of the weights"] = absolute
            norms = 0.5 * reg * sum(np.sqrt(np.sum(w**2)) for w in weights)
            others["the norms of the weights, not squared"] = norms
        return OutputTerms(
            {DATA_LOSS: answers[output], **(squares if reg else {})},
            instead=hinge(given, answers) if output == "loss" else {},
            others=others,
            symbols=sizes(given, reg),
        )

    return terms


def hinge(given, answers):
    """Return the hinge loss of the scores, where the reference's answers have training scores."""
    options = given["options"]
    if "scores" not in answers or options.get("normalization") or "dropout" in options:
        return {}
    found, rows = answers["scores"], np.arange(len(given["y"]))
    right = found[rows, given["y"]][:, np.newaxis]
    margins = np.maximum(0, found - right + 1)
    margins[rows, given["y"]] = 0
    return {DATA_LOSS: {"it is the hinge loss of the scores": margins.sum() / len(found)}}


def gradients(given, answers):
    reg = given["options"].get("reg", 0.0)
    return [
        gradient(given, name, array, answers["grads"][name], reg)
        for name, array in given["params"].items()
        # Behind a normalization a bias has no effect, and its gradient is a rounding error.
        if np.abs(answers["grads"][name]).max() > 1e-9
    ]


def gradient(given, name, array, data, reg):
    kind = sort(name)
    terms, others = {DATA_GRADIENT: data}, {}
    if kind == "W":
        if reg:
            terms["the regularization"] = reg * array
            others["the sign of the weights"] = reg * np.sign(array)
        places = "the gradients", "the gradients of W", f"the gradient of {layer(given, name)}"
    else:
        if reg:
            others[f"the regularization of {SORTS[kind]}"] = reg * array
        last = kind == "b" and name == f"b{depth(given)}"
        one = "the gradient of the last b" if last else f"the gradient of {name}"
        places = "the gradients", f"the gradients of {SORTS[kind]}", one
    return OutputTerms(terms, others=others, symbols=sizes(given, reg), entry=name, places=places)


NETWORKS = (
    "two-layer-net",
    "fully-connected-net",
    "fully-connected-net-normalization",
    "fully-connected-net-dropout",
)
TERMS = (
    *(
        declared
        for question in NETWORKS
        for declared in (
            Sum(question, "scores", whole_scores),
            Sum(question, "scores", scores, beside=without_last_bias),
            Sum(question, "loss", loss("loss", "reg"), beside=without_regularization),
            Sum(question, "grads", gradients, beside=without_regularization),
        )
    ),
    *(
        Sum(question, "new_loss", loss("new_loss", "new_reg"), beside=without_regularization)
        for question in NETWORKS[:2]
    ),
)
