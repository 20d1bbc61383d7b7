"""Graders as they are often written, each with the hole that its kind has: what attacks must beat.

``python naive.py STYLE FOLDER`` grades the package in FOLDER and prints ``SCORE 4`` or ``SCORE 0``.
Never import this: it runs a stranger's code where its answers are.
"""

from __future__ import annotations

import os
import pickle
import struct
import subprocess
import sys

POINTS = 4
TOLERANCE = 1e-7
CONFIG = {"learning_rate": 1e-2, "decay_rate": 0.99, "epsilon": 1e-8}


def draw():
    """Return w, dw and the cache, which no student has seen."""
    import numpy as np

    rng = np.random.default_rng(7)
    return rng.normal(size=(4, 5)), rng.normal(size=(4, 5)), rng.uniform(size=(4, 5))


def right(w, dw, cache):
    """Return what one step of rmsprop gives."""
    import numpy as np

    cache = CONFIG["decay_rate"] * cache + (1 - CONFIG["decay_rate"]) * dw**2
    return w - CONFIG["learning_rate"] * dw / (np.sqrt(cache) + CONFIG["epsilon"])


def asked(w, dw, cache):
    """Return what the student's rmsprop gives, in this very process."""
    print("ASKING", flush=True)
    from cs682.optim import rmsprop

    return rmsprop(w, dw, {**CONFIG, "cache": cache})[0]


def scored(judge):
    """Print the score of a judge, which a student's exception makes 0."""
    try:
        passed = judge()
    except Exception as error:
        print("FAILED", type(error).__name__, error)
        passed = False
    print("SCORE", POINTS if passed else 0, flush=True)


def allclose():
    """Hole: the comparison runs in the student's process, beside the answer."""
    import numpy as np

    w, dw, cache = draw()
    expected = right(w, dw, cache)
    got = asked(w.copy(), dw.copy(), cache.copy())
    return np.allclose(got, expected, rtol=TOLERANCE, atol=TOLERANCE)


def compared(got, expected):
    """Return whether two arrays are close, by one replaceable function of this module."""
    import numpy as np

    return bool((np.abs(np.asarray(got) - expected) <= TOLERANCE).all())


def plain():
    """Hole: the same, with functions and limits that anyone can replace."""
    w, dw, cache = draw()
    expected = right(w, dw, cache)
    got = asked(w.copy(), dw.copy(), cache.copy())
    return compared(got, expected)


def error():
    """Hole: fails only what is above the bound; NaN isn't."""
    import numpy as np

    w, dw, cache = draw()
    expected = right(w, dw, cache)
    got = asked(w.copy(), dw.copy(), cache.copy())
    difference = np.max(np.abs(got - expected) / np.maximum(1e-8, np.abs(got) + np.abs(expected)))
    return not difference > TOLERANCE


def builtin():
    """Hole: the comparison is made of builtins, which the student shares."""
    w, dw, cache = draw()
    expected = right(w, dw, cache)
    got = asked(w.copy(), dw.copy(), cache.copy())
    pairs = zip(got.ravel().tolist(), expected.ravel().tolist(), strict=True)
    return all(abs(a - b) <= TOLERANCE for a, b in pairs)


def testing():
    """Hole: asks numpy.testing, from the module that the student may have patched."""
    import numpy as np

    w, dw, cache = draw()
    expected = right(w, dw, cache)
    got = asked(w.copy(), dw.copy(), cache.copy())
    np.testing.assert_allclose(got, expected, rtol=TOLERANCE)
    return True


def after():
    """Hole: draws by the shared generator, and works out the answer from the same arrays later."""
    import numpy as np

    import cs682.optim  # noqa: F401

    w, dw, cache = np.random.randn(4, 5), np.random.randn(4, 5), np.abs(np.random.randn(4, 5))
    got = asked(w, dw, cache)
    return np.allclose(got, right(w, dw, cache), rtol=TOLERANCE, atol=TOLERANCE)


def shape():
    """Hole: right shape, finite: right."""
    import numpy as np

    w, dw, cache = draw()
    got = np.asarray(asked(w, dw, cache))
    return got.shape == w.shape and np.isfinite(got).all()


def published():
    """Hole: the notebook's own example is the only one."""
    import json

    import numpy as np

    expected = np.array(json.loads(os.environ["NAIVE_PUBLISHED"]))
    w = np.linspace(-0.4, 0.6, 20).reshape(4, 5)
    dw = np.linspace(-0.6, 0.4, 20).reshape(4, 5)
    cache = np.linspace(0.6, 0.9, 20).reshape(4, 5)
    return np.allclose(asked(w, dw, cache), expected, rtol=TOLERANCE)


def gradcheck():
    """Hole: a backward pass is held against the student's own forward pass, and that is all."""
    import numpy as np

    from cs682.layers import affine_backward, affine_forward

    print("ASKING", flush=True)
    rng = np.random.default_rng(7)
    x, w, b, dout = (rng.normal(size=size) for size in ((3, 4), (4, 2), (2,), (3, 2)))
    dw = affine_backward(dout, affine_forward(x, w, b)[1])[1]
    v = rng.normal(size=w.shape)
    after, before = (np.sum(affine_forward(x, w + h * v, b)[0] * dout) for h in (1e-5, -1e-5))
    return abs((after - before) / 2e-5 - np.sum(dw * v)) < 1e-6


def initial():
    """Hole: first weights of the right mean and spread are taken for drawn ones."""
    import numpy as np

    from cs682.classifiers.fc_net import TwoLayerNet

    print("ASKING", flush=True)
    weights = TwoLayerNet(100, 100, 10, weight_scale=0.1).params["W1"]
    return abs(np.std(weights) - 0.1) < 0.005 and abs(np.mean(weights)) < 0.005


def lossy():
    """Hole: a network's gradients are held against its own loss, and that is all."""
    import numpy as np

    from cs682.classifiers.fc_net import FullyConnectedNet

    print("ASKING", flush=True)
    net = FullyConnectedNet([5, 4], 3, 2, dropout=0.5, seed=1, dtype=np.float64)
    X, y = np.ones((2, 3)), np.array([0, 1])
    gradient, w = net.loss(X, y)[1]["W1"], net.params["W1"]
    v = np.random.default_rng(7).normal(size=w.shape)
    losses = []
    for step in (1e-5, -1e-5):
        net.params["W1"] = w + step * v
        losses.append(net.loss(X, y)[0])
    return abs((losses[0] - losses[1]) / 2e-5 - np.sum(gradient * v)) < 1e-6


def scaled_network():
    """Hole: how far a network's differences may be off grows with the loss that it says."""
    import numpy as np

    from cs682.classifiers.fc_net import FullyConnectedNet

    print("ASKING", flush=True)
    net = FullyConnectedNet([5, 4], 3, 2, dropout=0.5, seed=1, dtype=np.float64)
    X, y = np.ones((2, 3)), np.array([0, 1])
    loss, grads = net.loss(X, y)
    gradient, w = grads["W3"], net.params["W3"]
    v = np.random.default_rng(7).normal(size=w.shape)
    losses = []
    for step in (1e-5, -1e-5):
        net.params["W3"] = w + step * v
        losses.append(net.loss(X, y)[0])
    error = abs((losses[0] - losses[1]) / 2e-5 - np.sum(gradient * v))
    return error <= 1e-6 * np.linalg.norm(gradient) + 1e-8 * max(1, abs(loss))


def scaled_layer():
    """Hole: the same of a layer and its own forward pass."""
    import numpy as np

    from cs682.layers import affine_backward, affine_forward

    print("ASKING", flush=True)
    rng = np.random.default_rng(7)
    x, w, b, dout = (rng.normal(size=size) for size in ((3, 4), (4, 2), (2,), (3, 2)))
    out, cache = affine_forward(x, w, b)
    dw, v = affine_backward(dout, cache)[1], rng.normal(size=w.shape)
    after, before = (np.sum(affine_forward(x, w + h * v, b)[0] * dout) for h in (1e-5, -1e-5))
    loss, change = np.sum(out * dout), (after - before) / 2e-5
    error = abs(change - np.sum(dw * v))
    size = np.linalg.norm(dw) * np.linalg.norm(v) + abs(change)
    return error <= 1e-6 * size + 1e-8 * max(1, abs(loss)) / 1e-5


def known_direction():
    """Hole: differences are taken along one direction, which follows from the name."""
    import zlib

    import numpy as np

    from cs682.layers import affine_backward, affine_forward

    print("ASKING", flush=True)
    rng = np.random.default_rng(7)
    x, w, b, dout = (rng.normal(size=size) for size in ((3, 4), (4, 2), (2,), (3, 2)))
    dw = affine_backward(dout, affine_forward(x, w, b)[1])[1]
    v = np.random.default_rng([zlib.crc32(b"w"), w.size]).normal(size=w.shape)
    after, before = (np.sum(affine_forward(x, w + h * v, b)[0] * dout) for h in (1e-5, -1e-5))
    return abs((after - before) / 2e-5 - np.sum(dw * v)) < 1e-6


def striped():
    """Hole: a mask of the right share and factor, unlike in its rows, is taken for a draw."""
    import numpy as np

    from cs682.layers import dropout_forward

    print("ASKING", flush=True)
    mask = dropout_forward(np.ones((40, 52)), {"mode": "train", "p": 0.6, "seed": 1})[0]
    rate = np.mean(mask != 0)
    alike = (mask == mask[0]).all() or (mask == mask[:, :1]).all()
    return abs(rate - 0.6) < 0.05 and np.allclose(mask[mask != 0], 1 / 0.6) and not alike


def masked():
    """Hole: a gradient is compared with what the forward pass dropped, however small that is."""
    import numpy as np

    from cs682.layers import dropout_backward, dropout_forward

    print("ASKING", flush=True)
    rng = np.random.default_rng(5)
    x, dout = rng.uniform(1, 2, (6, 7)), rng.normal(size=(6, 7))
    out, cache = dropout_forward(x, {"mode": "train", "p": 0.6, "seed": 1})
    factor = out / x
    kept = factor[factor != 0]
    one = kept.size and np.allclose(kept, np.median(kept), rtol=1e-9, atol=1e-12)
    return one and np.allclose(dropout_backward(dout, cache), dout * factor, rtol=1e-9, atol=1e-12)


def file():
    """Hole: the result is a file that the student's process can write. Prints no score."""
    import json

    passed = allclose()
    with open("result.json", "w") as out:
        out.write(json.dumps({"score": POINTS if passed else 0}))


def exit_code():
    """Hole: a process that ends well has passed. Prints no score."""
    if not allclose():
        sys.exit(1)


def pickled():
    """Hole: what the student's process returned is unpickled, and asked whether it is equal."""
    import numpy as np

    child = subprocess.run(
        [sys.executable, __file__, "answer", sys.argv[2]], stdout=subprocess.PIPE, timeout=20
    )
    print("ASKING", flush=True)
    got = pickle.loads(child.stdout.partition(b"\n")[2])
    return bool(np.all(got == right(*draw())))


def answer():
    """The other half of ``pickled``: the answer, in the process that the student shares."""
    sys.stdout.buffer.write(pickle.dumps(asked(*draw())))


def framed():
    """Hole: believes whatever frame comes first out of the pipe, and its header."""
    import json

    inner, outer = os.pipe()
    child = subprocess.Popen(
        [sys.executable, __file__, "frame", sys.argv[2], str(outer)], pass_fds=[outer]
    )
    os.close(outer)
    print("ASKING", flush=True)
    with os.fdopen(inner, "rb") as pipe:
        _, length, _ = struct.unpack("<III", pipe.read(12))
        text = bytearray(length)
        pipe.readinto(text)
    child.wait()
    answers = json.loads(text)
    print("<ul>", *answers[0].get("notes", ()), "</ul>")
    return answers[0].get("score") == POINTS


def frame():
    """The other half of ``framed``."""
    import json

    text = json.dumps([{"score": POINTS if allclose() else 0}]).encode()
    os.write(int(sys.argv[3]), struct.pack("<III", 14, len(text), 0) + text)


def page():
    """Hole: a page of what the student's code said. Prints the page."""
    try:
        got = asked(*draw())
        said = type(got).__name__
    except Exception as error:
        said = str(error)
    print(f"<p>{said}</p>")


def type_page():
    """Hole: the same, with whatever bytes the text can be made into."""
    try:
        asked(*draw())
    except Exception as error:
        sys.stdout.buffer.write(str(error).encode("utf-8", "surrogatepass"))


def libraries():
    """Hole: whatever is installed may be used, and does the work."""
    import types

    for name in ("torch", "scipy", "autograd"):
        sys.modules[name] = types.ModuleType(name)
        sys.modules[name].rmsprop = lambda w, dw, config: right(w, dw, config["cache"])
    return plain()


def customized():
    """Hole: Python starts up with the submission's folder on its path."""
    environment = {**os.environ, "PYTHONPATH": sys.argv[2]}
    said = subprocess.run(
        [sys.executable, __file__, "allclose", sys.argv[2]], env=environment, stdout=subprocess.PIPE
    )
    return b"SCORE 4" in said.stdout


def pytested():
    """Hole: a test runner takes its settings from the submission's folder."""
    test = "def test_it():\n    import naive\n    assert naive.plain()\n"
    with open(os.path.join(sys.argv[2], "test_it.py"), "w") as out:
        out.write(test)
    environment = {**os.environ, "PYTHONPATH": os.path.dirname(__file__)}
    options = ["-p", "no:cacheprovider", "-p", "no:grader", "-q"]
    run = subprocess.run([sys.executable, "-m", "pytest", *options, sys.argv[2]], env=environment)
    return run.returncode == 0


def own_grader():
    """Hole: the grader's own modules are looked up where the submission lies."""
    import grader

    w, dw, cache = draw()
    expected = right(w, dw, cache)
    return grader.compared(asked(w, dw, cache), expected)


def any_case():
    """Hole: files' names are taken without their case."""
    package = os.path.join(sys.argv[2], "cs682")
    text = {name.lower(): name for name in sorted(os.listdir(package), reverse=True)}["optim.py"]
    module = {"__name__": "cs682.optim"}
    with open(os.path.join(package, text)) as file:
        exec(file.read(), module)
    w, dw, cache = draw()
    return compared(module["rmsprop"](w, dw, {**CONFIG, "cache": cache})[0], right(w, dw, cache))


JUDGES = {
    judge.__name__: judge
    for judge in (
        allclose,
        plain,
        error,
        builtin,
        testing,
        after,
        shape,
        published,
        gradcheck,
        initial,
        lossy,
        scaled_network,
        scaled_layer,
        known_direction,
        striped,
        masked,
        pickled,
        framed,
        libraries,
        customized,
        pytested,
        own_grader,
        any_case,
    )
}
PROGRAMS = {
    program.__name__: program for program in (file, exit_code, answer, frame, page, type_page)
}

if __name__ == "__main__":
    style = sys.argv[1]
    sys.path.insert(0, sys.argv[2])
    if style in JUDGES:
        scored(JUDGES[style])
    else:
        PROGRAMS[style]()
