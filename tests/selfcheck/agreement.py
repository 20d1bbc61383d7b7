"""Print what ``grader check`` finds of what ``grader grade`` finds, case by case.

``python tests/selfcheck/agreement.py [--examples N] [--cases FILE] [WORD...]`` takes every known
mistake (the catalogue's, those planted in other code, those of ``cases.toml`` beside this file,
those of FILE, and right code in other styles) whose id holds a WORD, or all of them. Each is
graded with the demonstration key, and checked with the public examples of the template.

A check that failed in the grade is *found* where the check of the same id fails with the same
stage, output and message; digits aside, since other examples give other numbers. The message is
that on what came: why it came so is told by the catalogue and by terms in the grade, which students
don't have, and is counted apart. Of a question
that waits for another which fails, nothing is asked of it yet: it counts as found where that one
failed in the grade as well. The rest is listed with what came instead. Exits with 1 when less than
97 % are found, or when a question fails in the check alone.
"""

from __future__ import annotations

import argparse
import ast
import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from grader.authoring import building
from grader.authoring.release import examples as public
from grader.key import dependence, examples, load, sources
from grader.key.checks import course_checks
from grader.marking.marker import Marker
from grader.model.verdicts import CheckResult, SubmissionResult
from grader.sandbox import Package, Sandbox
from grader.selfcheck.examples import moved
from grader.selfcheck.page import MOST_LINES, question_lines
from grader.selfcheck.questions import CheckedQuestion, check
from grader.selfcheck.search import Budget
from grader.submissions import Submission

ROOT = Path(__file__).resolve().parents[2]
COURSE = ROOT / "assignment"
LEAST = 0.97

Files = dict[str, bytes]
#: What a failure is recognized by.
Said = tuple[str | None, str, str]


class Course:
    """The course with its key, its public examples and a sandbox to ask both in."""

    def __init__(self, sandbox: Sandbox, budget: Budget) -> None:
        self.assignment = sources.manifest(COURSE)
        self.reference = sources.package(COURSE / self.assignment.package)
        self.key = load(ROOT / building.OUTPUTS)
        self.checks = course_checks(COURSE)
        template = sources.template_folder(COURSE, self.assignment)
        self.public = examples.load(template / examples.FOLDER, self.assignment.id)
        assert self.public is not None, f"{template} has no {public.PATHS[0]}: run grader build"
        self.tables = dependence.load(template / examples.FOLDER, self.assignment.id)
        self.sandbox, self.budget = sandbox, budget
        notebooks = [notebook.name for notebook in self.assignment.notebooks]
        self.marker = Marker(
            self.assignment, self.key, sandbox, notebooks, self.reference, ("code",)
        )

    def graded(self, files: Files) -> SubmissionResult:
        """Mark a package as ``grade`` does."""
        return self.marker.mark(
            Submission("s", "s", self.assignment.package, files, {}, "sha256:0")
        )

    def checked(self, files: Files, base: Files, lost: set[str]) -> dict[str, CheckedQuestion]:
        """Check a package as ``check`` does: all questions, but for those of unchanged code.

        What of *base* is changed is told by the text of each function and class.
        """
        package = Package(self.assignment.package, files, self.key.given, self.assignment.given)
        differing = {
            name for path, data in files.items() for name in changed(data, base.get(path, b""))
        }
        asked = [
            question.id
            for question in self.marker.questions
            if question.id in lost or differing & {"", *question.functions}
        ]
        with self.sandbox.start(package) as session:
            found = check(
                self.assignment,
                self.checks,
                self.public,
                asked,
                session,
                self.budget,
                tables=lambda: self.tables,
            )
            return {question.id: question for question in found}


class Table:
    """Counts what is found, and keeps a line for each thing that isn't."""

    def __init__(self, course: Course) -> None:
        self._course = course
        self.failed = self.found = self.longest = self.why = self.why_here = 0
        self.rest: list[str] = []
        self.red: list[str] = []

    def add(self, name: str, files: Files, base: Files) -> str:
        """Grade and check one case; return its line."""
        result = self._course.graded(files)
        lost = {q.id for q in result.questions if q.status != "passed"}
        checked = self._course.checked(files, base, lost)
        here, found, red = 0, 0, len(self.red)
        for question in result.questions:
            own = checked.get(question.id)
            if own is None:
                continue
            if own.state == "failed" and question.id not in lost:
                self.red.append(f"{name}: {question.id} ({', '.join(c.id for c in own.failed)})")
            by_id = {entry.id: entry for entry in own.checks if entry.status != "passed"}
            for entry in question.checks:
                if entry.status != "failed":
                    continue
                here += 1
                same = entry.id in by_id and alike(entry, by_id[entry.id])
                if told_why(entry):
                    self.why += 1
                    self.why_here += entry.id in by_id and told_why(by_id[entry.id])
                if same or (own.state == "waits" and set(own.needs) <= lost):
                    found += 1
                else:
                    instead = told(by_id[entry.id]) if entry.id in by_id else own.state
                    self.rest.append(f"{name}: {entry.id}: {told(entry)} / {instead}")
            self.longest = max(self.longest, *map(length, own.failed), 0)
        self.failed += here
        self.found += found
        alone = "  fails in the check alone" if len(self.red) > red else ""
        return f"{name:52}{found:3} of {here:3}{alone}"


def changed(one: bytes, other: bytes) -> set[str]:
    """Return the functions and classes that differ; "" for anything else at the top level."""

    def parts(text: bytes) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for node in ast.parse(text).body:
            found.setdefault(getattr(node, "name", ""), []).append(ast.dump(node))
        return found

    try:
        mine, theirs = parts(one), parts(other)
    except SyntaxError:
        return {""}
    return {name for name in mine.keys() | theirs.keys() if mine.get(name) != theirs.get(name)}


def alike(hidden: CheckResult, public: CheckResult) -> bool:
    """Say whether both tell the same: of a public example the words of an exception as well."""
    one, other = told(hidden), told(public)
    return one[:2] == other[:2] and other[2].startswith(one[2].rstrip())


def told_why(result: CheckResult) -> bool:
    """Say whether more is told of a failure than what came."""
    return bool(result.diagnosis or "came" in result.evidence)


def told(result: CheckResult) -> Said:
    """Return what a failure is recognized by: its stage, output, and message without digits.

    Of a property it is the name: the sentence about a hidden example gives no figure.
    """
    if "property" in result.evidence:
        return result.stage, result.evidence.get("output", ""), result.evidence["property"]["name"]
    came = result.evidence.get("came", result.message)
    shapeless = re.sub(r"shape is (\([^)]*\)|a different one)", "shape is another", came)
    message = re.sub(r"[-+]?\d[\d.]*(e[-+]?\d+)?", "#", shapeless)
    return result.stage, result.evidence.get("output", ""), message


def length(result: CheckResult) -> int:
    """Return how many lines a failure takes in a terminal."""
    alone = CheckedQuestion("q", "failed", [result])
    return question_lines(alone, "", set(), _shorten).count("\n") + 1


def _shorten(check: str, code: str, most: int) -> str:
    return code if code.count("\n") < most else moved(code, most, f"{check}.npz")[0]


def cases(course: Course, also: Path | None) -> Iterator[tuple[str, Files, Files]]:
    """Yield the mistakes, by name, as the files of a package, and that without the mistake."""
    for wrong in sources.misconceptions(COURSE, course.assignment, course.reference):
        yield wrong.misconception.id, dict(wrong.files), course.reference
    staged = sources.package(ROOT / "tests" / "variants" / "staged")
    for path in sorted((ROOT / "tests" / "variants" / "planted").glob("*.toml")):
        for entry in sources.entries(path, ("id", "file", "edits")):
            yield f"{entry['id']} (planted)", sources.edited(staged, entry, path), staged
    path = Path(__file__).with_name("cases.toml")
    for entry in sources.entries(path, ("id", "file", "edits")):
        files = sources.edited(course.reference, entry, path)
        yield entry["id"], files, course.reference
    for folder in sorted((ROOT / "tests" / "variants").iterdir()):
        if folder.name != "planted" and (right := sources.package(folder)):
            yield f"{folder.name} (right)", right, {}
    if also is not None:
        base = sources.package(also.parent / "base")
        for case in json.loads(also.read_text("utf-8")):
            yield case["name"], edited(base, case["edit"]), edited(base, [])


def edited(base: Mapping[str, bytes], edits: list[dict[str, str]]) -> Files:
    """Return a package with texts replaced, without the lines that mark an answer."""
    files = dict(base)
    for edit in edits:
        text = files[edit["file"]].decode("utf-8")
        files[edit["file"]] = text.replace(edit["old"], edit["new"], 1).encode("utf-8")
    marks = re.compile(rb"(?m)^ *# (BEGIN|END) ANSWER.*\n")
    return {path: marks.sub(b"", data) for path, data in files.items()}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--examples", type=int, default=5, help="inputs of each search")
    parser.add_argument("--cases", type=Path, metavar="FILE", help="a JSON file of further cases")
    parser.add_argument("words", nargs="*", metavar="WORD", help="parts of ids")
    arguments = parser.parse_args()
    limits = sources.manifest(COURSE).limits
    with Sandbox(limits, level="process", allow_unsandboxed=True) as sandbox:
        course = Course(sandbox, Budget(arguments.examples))
        table, count = Table(course), 0
        for name, files, base in cases(course, arguments.cases):
            if not arguments.words or any(word in name for word in arguments.words):
                print(table.add(name, files, base), flush=True)
                count += 1
    share = table.found / table.failed if table.failed else 1.0
    print(f"\n{count} cases: {table.found} of {table.failed} failures found ({share:.1%})")
    print(f"of {table.why} of which the grade says why, the check says why of {table.why_here}")
    print(f"the longest failure has {table.longest} lines, of {MOST_LINES}")
    for title, lines in (("not found", table.rest), ("red here, green there", table.red)):
        print(f"{title}: {len(lines)}", *lines, sep="\n  ")
    return 1 if share < LEAST or table.red or table.longest > MOST_LINES else 0


if __name__ == "__main__":
    sys.exit(main())
