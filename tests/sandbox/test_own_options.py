"""Parameters that a student's function has beyond the course's, where a stand-in answers for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from grader.sandbox.guest.reference.proxies import without_options


def course(dout, cache):
    """The course's function, as it is given out."""


def stand_in(*args: Any, **kwargs: Any) -> Any:
    """What is called in a student's function's place: returns how it was called."""
    return args, kwargs


def with_option(dout, cache, need_dx=True, *, scale=1):
    """A student's function with options of its own."""


def renamed(gradient, kept, need_dx=True):
    """A student's function whose parameters have other names."""


def raiser(*args: Any, **kwargs: Any) -> Any:
    """What stands in for a function whose file doesn't load."""


@pytest.mark.parametrize(
    ("own", "args", "kwargs", "passed"),
    [
        (with_option, (1, 2), {}, ((1, 2), {})),
        (with_option, (1, 2, False), {}, ((1, 2), {})),
        (with_option, (1, 2), {"need_dx": False}, ((1, 2), {})),
        (with_option, (1,), {"cache": 2, "need_dx": False, "scale": 3}, ((1, 2), {})),
        (with_option, (), {"cache": 2, "dout": 1}, ((), {"cache": 2, "dout": 1})),
        (renamed, (), {"gradient": 1, "kept": 2}, ((1, 2), {})),
        (raiser, (1, 2, False), {}, ((1, 2), {})),
        (raiser, (1, 2), {"need_dx": False}, ((1, 2), {})),
    ],
)
def test_what_the_course_has_no_parameter_for_is_left_out(
    own: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], passed: Any
) -> None:
    """By position and by name, as the student's own function would have taken the call."""
    assert without_options(stand_in, course, own)(*args, **kwargs) == passed


@pytest.mark.parametrize(
    ("own", "args", "kwargs"),
    [
        (course, (1, 2, False), {}),
        (course, (1, 2), {"need_dx": False}),
        (with_option, (1, 2), {"unheard_of": 3}),
        (with_option, (1, 2, 3, 4), {}),
        (None, (1, 2, 3), {}),
        (3, (1, 2, 3), {}),
    ],
)
def test_a_call_that_the_students_own_refuses_is_not_mended(
    own: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> None:
    """It goes on as it is, and the reference's function refuses it."""
    assert without_options(stand_in, course, own)(*args, **kwargs) == (args, kwargs)


def test_without_the_courses_text_calls_stay_as_they_are() -> None:
    """Where the course gives out no such function, nothing is known of its parameters."""
    assert without_options(stand_in, None, with_option) is stand_in
