"""``grader build``: what it makes, what it refuses, and what it finds stale."""

from collections.abc import Callable
from pathlib import Path

import pytest
from conftest_cli import Said

from grader.key import load

WRONG = """
[[misconception]]
id = "forgets"
question = "decay"
file = "steps.py"
edits = [{old = 'config["sum"] + dw', new = "dw"}]
"""
WORDS = '[forgets]\ntitle = "Forgets"\nmessage = "Keep the sum."\nnote = ""\n'

Build = Callable[..., Said]


@pytest.fixture
def build(grader: Callable[..., Said], toy: Path) -> Build:
    """Run ``grader build`` on a copy of the toy assignment that has one misconception."""
    (toy / "misconceptions").mkdir(exist_ok=True)
    (toy / "misconceptions" / "all.toml").write_text(WRONG)
    (toy / "misconceptions" / "texts.toml").write_text(WORDS)

    def build(*arguments: object) -> Said:
        return grader("build", "-a", toy, *arguments)

    return build


def files(toy: Path) -> dict[str, bytes]:
    """Return everything that a build makes beside *toy*."""
    top = toy.parent
    made = [top / "student_template", top / "reference_outputs"]
    return {
        str(path.relative_to(top)): path.read_bytes()
        for folder in made
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), "utf-8")


def test_twice_on_one_machine_is_the_same_to_the_byte(build: Build, toy: Path) -> None:
    """Whatever stands there already; and then nothing is stale."""
    assert build().code == 0
    first = files(toy)
    assert {name.partition("/")[0] for name in first} == {"student_template", "reference_outputs"}
    (toy.parent / "student_template" / "scales" / "steps.py").write_text("mine")
    (toy.parent / "reference_outputs" / "key.bin").unlink()
    assert build().code == 0
    assert files(toy) == first
    fresh = build("--check")
    assert (fresh.code, fresh.out) == (0, "")


def test_each_stale_thing_is_named_and_left_alone(build: Build, toy: Path) -> None:
    """Exit code 1, a line each on stdout, and how to make it fresh; --check writes nothing."""
    build()
    edit(toy / "template" / "README.md", "steps", "strides")
    (toy / "checks" / "published.json").write_text('{"figure": {"row": 1, "value": 2}}')
    edit(toy / "checks" / "__init__.py", "sizes(2, 4", "sizes(2, 5")
    edit(toy / "misconceptions" / "all.toml", 'new = "dw"', 'new = "-dw"')
    before = files(toy)
    said = build("--check")
    assert said.code == 1
    assert said.out.splitlines() == [
        "reference_outputs/published.json",
        "student_template/stale: README.md",
        "student_template/stale: checks/__init__.py",
        "student_template/missing: checks/published.json",
        "student_template/stale: checks/examples.json (the examples of decay.trajectory are not "
        "the key's)",
        "reference_outputs: the key's examples of decay.trajectory are not those that the "
        "strategies draw",
        "reference_outputs: the key's ladder of decay.trajectory is not the one that the "
        "strategies draw",
        "reference_outputs: the misconceptions' answers",
    ]
    assert "run `grader build`" in said.err
    assert files(toy) == before
    assert build().code == 0
    assert build("--check").code == 0


def test_other_answers_are_stale(build: Build, toy: Path) -> None:
    """A reference, and its witness, that answer otherwise by 1e-9 are told from the key."""
    build()
    for folder, old in (("scales", 'config["rate"] *'), ("witness", "")):
        path = toy / folder / "steps.py"
        if old:
            edit(path, old, 'config["rate"] * (1 + 1e-9) *')
        else:
            path.write_bytes((toy / "scales" / "steps.py").read_bytes())
    said = build("--check")
    assert said.code == 1
    assert "the reference no longer gives the key's answers of decay.trajectory" in said.out


def test_another_table_of_what_outputs_depend_on_is_stale(build: Build, toy: Path) -> None:
    """In the key, whose table the template has, too."""
    build()
    path = toy.parent / "reference_outputs" / "dependence.json"
    path.write_text(path.read_text("ascii").replace("change=never", "change=always"))
    said = build("--check")
    assert said.out.splitlines() == [
        "student_template/stale: checks/dependence.json",
        "reference_outputs: what outputs depend on",
    ]


def test_what_was_never_built_is_stale(build: Build) -> None:
    """On a checkout without the generated folders, each is named."""
    said = build("--check")
    assert said.code == 1
    assert "student_template/missing: assignment.toml" in said.out
    assert "there is no key in" in said.out


@pytest.mark.parametrize(
    ("old", "new", "line", "reason"),
    [
        ("    # END ANSWER\n", "", 12, "never closed"),
        ("# BEGIN ANSWER decay", "# BEGIN ANSWER decoy", 12, "no question 'decoy'"),
        ("# BEGIN ANSWER decay", "# Begin answer decay", 12, "this is no marker"),
        ("    # END ANSWER", "    w # END ANSWER", 15, "must stand alone"),
        ("    # END ANSWER", "# END ANSWER", 15, "indented otherwise"),
        (
            '    config["sum"]',
            '    # BEGIN ANSWER decay: x\n    config["sum"]',
            13,
            "begins inside",
        ),
    ],
)
def test_bad_markers_are_refused_with_file_and_line(
    build: Build, toy: Path, old: str, new: str, line: int, reason: str
) -> None:
    """Exit code 2, where it stands and what is wrong; nothing is written."""
    path = toy / "scales" / "steps.py"
    path.write_text(path.read_text("utf-8").replace(old, new, 1), "utf-8")
    said = build()
    assert said.code == 2
    assert said.err.startswith(f"grader: scales/steps.py:{line}: ")
    assert reason in said.err
    assert files(toy) == {}


def test_a_leak_is_refused(build: Build, toy: Path) -> None:
    """An answer that a text for students repeats is not given out."""
    edit(toy / "template" / "README.md", "steps", "steps: da = (dout * x).sum(axis=0)")
    said = build()
    assert said.code == 2
    assert "answers would leak: README.md:1" in said.err
    assert files(toy) == {}


def test_a_course_makes_its_own_key(build: Build, toy: Path, tmp_path: Path) -> None:
    """From a secret seed or a fresh one, into a folder outside of the repository."""
    for name in ("fresh", "another"):
        assert build("--key", tmp_path / name).code == 0
    fresh, another = (load(tmp_path / name) for name in ("fresh", "another"))
    assert fresh.secret != another.secret
    assert fresh.hash != another.hash
    seed = tmp_path / "seed"
    seed.write_text("twenty-two letters or more\n")
    assert build("--key", tmp_path / "key", "--seed-file", seed).code == 0
    assert {path.name for path in (tmp_path / "key").iterdir()} >= {"key.json", "key.bin"}
    assert "twenty-two letters" not in (tmp_path / "key" / "key.json").read_text()
    assert files(toy) == {}
    seed.write_text("short")
    for arguments, reason in (
        (["--seed-file", seed], "goes with --key"),
        (["--key", tmp_path / "key", "--seed-file", seed], "put at least 22"),
        (
            ["--key", tmp_path / "key", "--seed-file", tmp_path / "none"],
            "can't be read as a seed: No such file or directory: write at least 22 random",
        ),
    ):
        said = build(*arguments)
        assert said.code == 2
        assert reason in said.err
