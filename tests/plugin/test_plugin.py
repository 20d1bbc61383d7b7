"""``pytest --submission``: each check is a test case."""

from __future__ import annotations

import xml.etree.ElementTree as xml
from pathlib import Path

import pytest

CASES = [
    "scale-forward.published-1",
    "scale-forward.values",
    "scale-backward.values",
    "scale-backward.gradient",
    "decay.trajectory",
]
MEAN = (
    "def scale_forward(x, a):\n    return x * a, (x, a)\n"
    "def scale_backward(dout, cache):\n    x, a = cache\n"
    "    return dout * a, (dout * x).mean(axis=0)\n"
)


@pytest.fixture
def hand_in(pytester: pytest.Pytester, toy_course: Path) -> Path:
    """A right submission in a folder of its own, beside an ordinary test file that must not run."""
    pytester.makeini("[pytest]")
    pytester.makepyfile("def test_of_somebody_else(): assert False")
    folder = pytester.mkdir("ada") / "scales"
    folder.mkdir()
    for name in ("scale.py", "steps.py"):
        (folder / name).write_bytes((toy_course / "scales" / name).read_bytes())
    return folder


def run(pytester: pytest.Pytester, toy_course: Path, *arguments: object) -> pytest.RunResult:
    return pytester.runpytest_subprocess(
        "--assignment", str(toy_course), *map(str, arguments), "-p", "no:cacheprovider"
    )


@pytest.mark.usefixtures("hand_in")
def test_one_case_a_check(pytester: pytest.Pytester, toy_course: Path) -> None:
    """Right work passes, a case for each check with its id, and nothing else is collected."""
    result = run(pytester, toy_course, "--submission", "ada", "-v")
    result.assert_outcomes(passed=len(CASES))
    for case in CASES:
        result.stdout.fnmatch_lines([f"*ada::{case} PASSED*"])


def test_a_failure_shows_the_check_s_message(
    pytester: pytest.Pytester, toy_course: Path, hand_in: Path
) -> None:
    """What a student would read, and no traceback of the grader's; JUnit XML has it too."""
    (hand_in / "scale.py").write_text(MEAN)
    result = run(pytester, toy_course, "--submission", "ada", "--junit-xml=out.xml")
    result.assert_outcomes(passed=3, failed=2)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert "Traceback" not in result.stdout.str()
    assert "grader/plugin.py" not in result.stdout.str()
    cases = list(xml.parse(pytester.path / "out.xml").getroot().iter("testcase"))
    assert [(case.attrib["classname"], case.attrib["name"]) for case in cases] == [
        ("ada", case) for case in CASES
    ]
    failed = {case.attrib["name"]: case.find("failure") for case in cases}
    for name, failure in failed.items():
        assert (failure is not None) == ("scale-backward" in name)
        if failure is not None:
            assert failure.text is not None
            assert failure.text in result.stdout.str()
            assert " da " in failure.text


def test_each_submission_has_its_cases(
    pytester: pytest.Pytester, toy_course: Path, hand_in: Path
) -> None:
    """Several paths; one that can't be read fails its cases, and says why."""
    (pytester.path / "bo.zip").touch()
    result = run(pytester, toy_course, "--submission", "ada", "--submission", "bo.zip")
    result.assert_outcomes(passed=len(CASES), failed=len(CASES))
    result.stdout.fnmatch_lines(["*the file is empty*"])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--submission", "nowhere"], "*nowhere doesn't exist*"),
        (["--submission", "ada", "--grader-key", "nowhere"], "*there is no key in nowhere*"),
        (["--submission", "ada", "--grader-notebook", "Novel"], "*there is no notebook Novel*"),
    ],
)
@pytest.mark.usefixtures("hand_in")
def test_a_wrong_call_is_usage(
    pytester: pytest.Pytester, toy_course: Path, arguments: list[str], message: str
) -> None:
    """Exit code 4 and one line."""
    result = run(pytester, toy_course, *arguments)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([message])


@pytest.mark.usefixtures("hand_in")
def test_without_a_submission_nothing_changes(pytester: pytest.Pytester) -> None:
    """The plugin leaves other runs of pytest alone."""
    result = pytester.runpytest_subprocess()
    result.assert_outcomes(failed=1)
