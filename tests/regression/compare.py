"""Grade the class and the hand-ins, and compare the results with those on record.

``python tests/regression/compare.py [--only NAME ...] [-j N]`` prints every difference and exits
with 1 if there is one. ``--record --reason "..."`` writes ``digests.json`` anew, and keeps the
reason in it.

The record holds, for each submission, a line for itself, for each question and for each check: its
marks, then the beginnings of three hashes, of its evidence, of its words and of all else. What
most submissions of a run have in common stands once, under ``usual``. Fields that ``result.json``
gets later are told, and are no difference.

Only the command is used, and the files that it writes: the engine can be built anew behind them.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, NamedTuple

import make

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
DIGESTS = HERE / "digests.json"

# What a record leaves out is in this list, in `_plain` and in `_quiet`; all else is compared.
#: Fields of a result that aren't compared: how and when it was graded, by which version and key.
#: The key's hash changes with a word in a title; what follows from the key is compared.
#: A replay is named by its bytes, times included.
DROPPED = ("isolation", "grader", "versions", "key", "replay", "started", "seconds")
#: By part of a question or of a check: its fields. All other fields are a part of their own.
MARKS = ("status", "stage", "score", "max_score", "diagnosis")
WORDS = ("title", "message", "notes")
PARTS = ("evidence", "words", "rest")

#: Of each number; and below what size a number is rounding, and counts as zero.
DIGITS, ROUNDING = 6, 1e-12
#: How far the accuracy of a trained model may be from the recorded one.
ACCURACY = 0.1
_REACHED = re.compile(r"\b\d+\.\d%")
#: Where a recursion ends, and so what it says, depends on how deep its caller stands.
_RECURSION = re.compile(r"maximum recursion depth exceeded[a-z A-Z_]*")
_OFF_BY_NOTHING = re.compile(r" \S+ is off by \S+ in every element\.$")

#: What a record says of a submission that lacks a question that its run asks most others.
IN_FULL = "in full"

Json = Any
Result = dict[str, Json]
#: By "" (the submission), by question and by check: the marks and the hashes of the parts.
Lines = dict[str, str]


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--record", action="store_true", help="write the record anew")
    parser.add_argument("--reason", metavar="TEXT", help="why the results changed; with --record")
    parser.add_argument("--only", nargs="+", default=["*"], metavar="NAME", help="may have a *")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="leave the results here")
    parser.add_argument("-j", "--jobs", type=int, default=1, metavar="N", help="processes to use")
    arguments = parser.parse_args()
    if arguments.record and (not arguments.reason or arguments.only != ["*"]):
        parser.error("--record needs a --reason, and records all submissions")
    with tempfile.TemporaryDirectory() as folder:
        results = graded(arguments.keep or Path(folder), arguments.only, arguments.jobs)
    if not results:
        parser.error("no submission has such a name")
    if arguments.record:
        reasons = read()["reasons"] if DIGESTS.is_file() else []
        DIGESTS.write_text(written(recorded(results, [*reasons, arguments.reason])), "utf-8")
        print(f"recorded {sum(map(len, results.values()))} submissions")
        return 0
    found = list(differences(read(), results, whole=arguments.only == ["*"]))
    for line in (*told(found), *added(read(), results)):
        print(line)
    differ = len({one.submission for one in found})
    print(f"{sum(map(len, results.values()))} submissions, {differ} of them differ")
    return 1 if found else 0


# --- Grading -------------------------------------------------------------------------------------


def graded(
    folder: Path, only: Sequence[str] = ("*",), jobs: int = 1
) -> dict[str, dict[str, Result]]:
    """Return the results of submissions by run and name; what is made for it goes into *folder*."""
    for part in ("submissions", "grades"):  # an earlier run's would be taken over
        shutil.rmtree(folder / part, ignore_errors=True)
    submissions = folder.resolve() / "submissions"
    for one in make.handed():
        if _named(one.name, only):
            one.write(submissions)
    for path in (HERE / "handins").iterdir():
        if _named(path.stem, only):
            place = submissions / "handins" / path.name
            if path.is_dir():
                shutil.copytree(path, place)
            else:
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(path, place)
    runs = {**make.RUNS, "handins": make.RUNS["first"]}
    return {
        run: _grade(submissions / run, folder.resolve() / "grades" / run, options, jobs)
        for run, options in runs.items()
        if (submissions / run).is_dir()
    }


def _named(name: str, only: Iterable[str]) -> bool:
    return any(fnmatch(name, wanted) for wanted in only)


def _grade(submissions: Path, grades: Path, options: Sequence[str], jobs: int) -> dict[str, Result]:
    """Run the command on a folder of submissions."""
    # -P: the grader that is installed, and no folder of that name where this is run.
    command = [sys.executable, "-P", "-m", "grader", "grade", submissions, "--as", "class"]
    command += ["-a", ROOT / "assignment", "-o", grades, "-q", "-j", str(jobs), *options]
    # Without a data set, wherever this runs; and with one thread, as the grader's children have.
    environment = {"CIFAR10_DIR": str(grades / "none"), "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(
        [str(word) for word in command],
        env=os.environ | environment,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    # 3: the grader failed on a question, which the results say as well.
    if done.returncode not in (0, 3):
        raise RuntimeError(f"{command} exits with {done.returncode}: {done.stderr}")
    results = [json.loads(path.read_text("utf-8")) for path in grades.rglob("result.json")]
    return {result["submission"]: result for result in sorted(results, key=_name)}


def _name(result: Result) -> str:
    return str(result["submission"])


# --- What is compared ----------------------------------------------------------------------------


def lines(result: Result, known: Iterable[str]) -> Lines:
    """Return what a record holds of a result, of the fields at the paths *known*."""
    kept = normal(pruned(result, frozenset(known)))
    questions = kept.pop("questions", [])
    made = {"": _line(_total(kept), {**kept, "order": [q["id"] for q in questions]})}
    for question in questions:
        checks = question.pop("checks", [])
        order = [check["id"] for check in checks]
        made[question["id"]] = _line(_marks(question), {**question, "order": order})
        made |= {check["id"]: _line(_marks(check), check) for check in checks}
    return made


def _total(result: Result) -> str:
    score, most, pending = (result.pop(name, None) for name in ("score", "max_score", "pending"))
    return f"{result.pop('status', None)} {score}/{most} pending {pending}"


def _marks(part: Result) -> str:
    """Return the marks of a question or a check, and take their fields away."""
    status, stage, score, most, diagnosis = (part.pop(name, None) for name in MARKS)
    accuracy = part.get("evidence", {}).pop("accuracy", None)
    found = [f"{status}:{stage}" if stage else str(status), f"{score}/{most}"]
    found += [diagnosis] if diagnosis else []
    found += [f"accuracy {accuracy}"] if accuracy is not None else []
    return " ".join(found)


def _line(marks: str, part: Result) -> str:
    words = {name: part.pop(name) for name in WORDS if name in part}
    evidence = part.pop("evidence", {})
    return " ".join([marks, "|", *map(_hash, (evidence, words, part))])


def _hash(value: Json) -> str:
    text = json.dumps(value, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def normal(result: Result) -> Result:
    """Return a result without what may differ between two runs, or between two machines."""
    kept = {name: value for name, value in result.items() if name not in DROPPED}
    made: Result = _plain(kept)
    for question in made.get("questions", []):
        for check in question.get("checks", []):
            _quiet(check)
    return made


def _plain(value: Json) -> Json:
    """Return a value with its numbers and texts as they are on every machine."""
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    if isinstance(value, float):
        # Sums are taken in another order by another processor's kernels.
        return float(f"{value:.{DIGITS}g}") if abs(value) > ROUNDING else 0.0
    # What a training reaches depends on rounding, which every step enlarges.
    if isinstance(value, str):
        return _RECURSION.sub("maximum recursion depth exceeded", _REACHED.sub("N%", value))
    return value


def _quiet(check: Result) -> None:
    """Take out of a check what rounding decides."""
    evidence = check.get("evidence", {})
    # A training's course; the accuracy at its end is compared with a tolerance.
    evidence.pop("accuracies", None)
    for name, values in evidence.get("histories", {}).items():
        evidence["histories"][name] = len(values)
    # Whether processor time or the clock's ran out first is a matter of what else runs.
    if check.get("stage") == "timed_out":
        evidence.get("exception", {}).pop("text", None)
    # An answer that is right up to rounding, in a check that failed otherwise.
    if evidence.get("error") == 0:
        for name in ("worst", "heat", "structure"):
            evidence.pop(name, None)
        check["message"] = _OFF_BY_NOTHING.sub("", check.get("message", ""))


def paths(value: Json, at: str = "") -> Iterator[str]:
    """Yield the path of every field, without the numbers of what stands in lists."""
    if isinstance(value, dict):
        for name, inner in value.items():
            place = f"{at}.{name}".lstrip(".")
            yield place
            yield from paths(inner, place)
    elif isinstance(value, list):
        for inner in value:
            yield from paths(inner, at)


def pruned(value: Json, known: frozenset[str], at: str = "") -> Json:
    """Return a copy without the fields that aren't *known*."""
    if isinstance(value, dict):
        places = {name: f"{at}.{name}".lstrip(".") for name in value}
        return {
            name: pruned(inner, known, places[name])
            for name, inner in value.items()
            if places[name] in known
        }
    if isinstance(value, list):
        return [pruned(inner, known, at) for inner in value]
    return value


# --- The record ----------------------------------------------------------------------------------


def read() -> dict[str, Json]:
    """Return the record."""
    record: dict[str, Json] = json.loads(DIGESTS.read_text("utf-8"))
    return record


def recorded(results: Mapping[str, Mapping[str, Result]], reasons: Sequence[str]) -> Json:
    """Return the record of results by run and name."""
    found = {path for run in results.values() for result in run.values() for path in paths(result)}
    made: Json = {"reasons": list(reasons), "fields": sorted(found), "usual": {}, "runs": {}}
    for run, those in results.items():
        all_lines = {name: lines(result, found) for name, result in those.items()}
        usual = made["usual"][run] = _usual(all_lines.values())
        made["runs"][run] = {name: _short(one, usual) for name, one in all_lines.items()}
    return made


def written(record: Json) -> str:
    """Return the record as the text of its file."""
    return json.dumps(record, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def _usual(all_lines: Iterable[Lines]) -> Lines:
    """Return the line that comes most often for each question and check."""
    counts: dict[str, Counter[str]] = {}
    for one in all_lines:
        for id, line in one.items():
            counts.setdefault(id, Counter())[line] += 1
    # Of lines that come as often, the same on every run.
    return {id: max(sorted(count), key=count.__getitem__) for id, count in counts.items() if id}


def _short(one: Lines, usual: Lines) -> Lines:
    if usual.keys() - one.keys():
        return {IN_FULL: "yes", **one}
    return {id: line for id, line in one.items() if usual.get(id) != line}


def _long(short: Lines, usual: Lines) -> Lines:
    if IN_FULL in short:
        return {id: line for id, line in short.items() if id != IN_FULL}
    return {**usual, **short}


# --- Differences ---------------------------------------------------------------------------------


class Difference(NamedTuple):
    """What differs at one place: a question or a check, or "" for the submission itself."""

    submission: str
    place: str
    what: str


def differences(
    record: Json, results: Mapping[str, Mapping[str, Result]], *, whole: bool = True
) -> Iterator[Difference]:
    """Yield what differs from the record; *whole*: from all that is on record."""
    met: set[str] = set()
    for run in sorted(results.keys() | (record["runs"].keys() if whole else set())):
        those, then = results.get(run, {}), record["runs"].get(run, {})
        for name in sorted(those.keys() | (then.keys() if whole else set())):
            if name not in those or name not in then:
                yield Difference(name, "", "no result" if name in then else "not on record")
                continue
            met |= set(paths(those[name]))
            now = lines(those[name], record["fields"])
            yield from _different(name, _long(then[name], record["usual"][run]), now)
    for path in sorted(set(record["fields"]) - met if whole else ()):
        yield Difference("all", "", f"no result has the field {path}")


def told(found: Iterable[Difference]) -> Iterator[str]:
    """Yield a line for each difference; one that many submissions have is told once."""
    names: dict[tuple[str, str], list[str]] = {}
    for one in found:
        names.setdefault((one.place, one.what), []).append(one.submission)
    for (place, what), those in names.items():
        more = f" and {len(those) - 3} more" if len(those) > 3 else ""
        yield ": ".join(part for part in (", ".join(those[:3]) + more, place, what) if part)


def added(record: Json, results: Mapping[str, Mapping[str, Result]]) -> Iterator[str]:
    """Yield the fields that results have and the record doesn't know."""
    met = {path for run in results.values() for result in run.values() for path in paths(result)}
    yield from (f"not compared, since it is new: {p}" for p in sorted(met - set(record["fields"])))


def _different(name: str, then: Lines, now: Lines) -> Iterator[Difference]:
    """Yield the differences of one submission, by question and check."""
    for id in sorted(then.keys() | now.keys()):
        if id not in then or id not in now:
            yield Difference(name, id, "is gone" if id in then else "wasn't there")
            continue
        (old, *old_hashes), (new, *new_hashes) = _parted(then[id]), _parted(now[id])
        hashes = zip(PARTS, old_hashes, new_hashes, strict=True)
        what = [] if _same(old, new) else [f"{old} -> {new}"]
        what += [part for part, one, other in hashes if one != other]
        if what:
            yield Difference(name, id, ", ".join(what))


def _parted(line: str) -> list[str]:
    """Return the marks and the hashes of a line."""
    marks, _, hashes = line.partition(" | ")
    return [marks, *hashes.split()]


def _same(old: str, new: str) -> bool:
    """Say whether two marks are the same; accuracies may be a little off."""
    pairs = [marks.partition(" accuracy ") for marks in (old, new)]
    if pairs[0][0] != pairs[1][0] or bool(pairs[0][2]) != bool(pairs[1][2]):
        return False
    return not pairs[0][2] or abs(float(pairs[0][2]) - float(pairs[1][2])) <= ACCURACY


if __name__ == "__main__":
    sys.exit(main())
