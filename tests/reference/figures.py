"""What it means that a published figure is reproduced, here and on other machines.

The figures were printed by numpy 2.4 on a processor with AVX2. There, each printed digit must
come out again. Elsewhere sums are taken in another order and their last places differ: losses
then agree within 1e-12, and errors are of the order of magnitude that their row allows.
"""

import json
import math
from pathlib import Path

import numpy as np

PUBLISHED = Path(__file__).parents[2] / "assignment" / "checks" / "published.json"


def pinned() -> bool:
    """Tell whether this is the environment in which every printed digit is expected."""
    config = np.show_config(mode="dicts")
    simd = config.get("SIMD Extensions", {})
    wide = {"AVX2", "X86_V3"} & {*simd.get("baseline", ()), *simd.get("found", ())}
    blas = config["Build Dependencies"]["blas"]["name"]
    return np.__version__.startswith("2.4.") and bool(wide) and blas == "scipy-openblas"


def published(name: str) -> np.ndarray:
    """Return the published array (or number) of that name."""
    return np.array(json.loads(PUBLISHED.read_text("utf-8"))[name]["value"])


def rel_error(x: np.ndarray, y: np.ndarray) -> float:
    """Return the largest of ``|x - y| / max(1e-8, |x| + |y|)``, as the notebook does."""
    return float(np.max(np.abs(x - y) / np.maximum(1e-8, np.abs(x) + np.abs(y))))


def same_digits(value: float, printed: str) -> bool:
    """Tell whether a value, printed with as many digits, is what was printed."""
    digits = sum(map(str.isdigit, printed.lower().partition("e")[0].lstrip("0.")))
    return float(f"{value:.{digits - 1}e}") == float(printed)


def assert_error(value: float, printed: str, order: float, elsewhere: float | None = None) -> None:
    """An error is the published one where that is pinned, and of the order allowed anywhere.

    *elsewhere* is the order in other environments, for an error that is rounding and no more.
    """
    if pinned():
        assert same_digits(value, printed), f"{value} is not the published {printed}"
        assert_order(value, order)
    else:
        assert_order(value, elsewhere or order)


def assert_order(error: float, order: float) -> None:
    """An error is of that order of magnitude or less: 3e-8 is of the order of 1e-8."""
    assert error == 0 or math.floor(math.log10(error)) <= round(math.log10(order)), (
        f"{error} is not of the order of {order}"
    )


def assert_loss(value: float, printed: str) -> None:
    """A loss is the published one: each digit where that is pinned, within 1e-12 anywhere.

    What was printed with fewer digits than that is compared to the last of them.
    """
    if pinned() or len(printed) < 14:
        assert same_digits(value, printed), f"{value} is not the published {printed}"
    else:
        assert math.isclose(value, float(printed), rel_tol=1e-12)
