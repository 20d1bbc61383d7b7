"""Make a class of mixed submissions, the same from the same seed on any machine.

``python tests/regression/make.py FOLDER [--seed N] [--count N]`` writes a folder for each run of
the grader (:data:`RUNS`), and in it that run's submissions. All is made of what stands in this
folder: two of the hand-ins (the right one, and the template as it was given out) and the edits in
``material/``. Neither changes with the assignment, so that results can be compared over years.
"""

from __future__ import annotations

import argparse
import random
import re
import shutil
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import books
import saved

HERE = Path(__file__).resolve().parent
HANDINS, MATERIAL = HERE / "handins", HERE / "material"
SEED, COUNT = 0, 300

#: What ``grader grade`` is told besides, by run. All but ``saved`` train anew where a notebook is.
RUNS: Mapping[str, tuple[str, ...]] = {
    "first": ("--train", "short"),
    "others": ("--notebook", "BatchNormalization", "--notebook", "Dropout"),
    "saved": (),
}
#: Questions of the notebooks that ``others`` asks about.
_OTHERS = re.compile(r"(batch|layer)norm|dropout|.*-(normalization|dropout)$")
#: One submission in so many is right, and in a style of its own.
_RIGHT = 25
_STUDENT = ("layers.py", "optim.py", "classifiers/fc_net.py")

Files = dict[str, bytes]
Entry = Mapping[str, Any]


@dataclass(frozen=True)
class Handed:
    """One submission: its files by path in its folder, or in its zip; ``slow`` ones take seconds.

    ``form`` is ``folder``, ``zip`` or ``file``: the one of its files, by itself.
    """

    name: str
    files: Mapping[str, bytes]
    run: str = "first"
    form: str = "folder"
    slow: bool = False

    def write(self, folder: Path) -> None:
        """Write it into the run's folder below *folder*."""
        place = folder / self.run / self.name
        place.parent.mkdir(parents=True, exist_ok=True)
        if self.form == "zip":
            place.with_name(f"{self.name}.zip").write_bytes(saved.zipped(self.files.items()))
        elif self.form == "file":
            ((file, data),) = self.files.items()
            place.with_name(file).write_bytes(data)
        else:
            place.mkdir()
            for path, data in self.files.items():
                (place / path).parent.mkdir(parents=True, exist_ok=True)
                (place / path).write_bytes(data)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="written afresh")
    parser.add_argument("--seed", type=int, default=SEED, metavar="N")
    parser.add_argument("--count", type=int, default=COUNT, metavar="N")
    arguments = parser.parse_args()
    shutil.rmtree(arguments.folder, ignore_errors=True)
    made = handed(arguments.seed, arguments.count)
    for one in made:
        one.write(arguments.folder)
    print(f"made {arguments.folder}: {len(made)} submissions, a folder for each run of the grader")


def handed(seed: int = SEED, count: int = COUNT) -> list[Handed]:
    """Return the submissions of a class.

    A little more than half are those that are there once. Of the others some are right, in styles
    of their own, and the rest is wrong in one way or in two, so that every misconception is there
    if the class is large enough.
    """
    dice = Dice(seed)
    made = dice.some(list(_once()), count * 11 // 20)
    right = count // _RIGHT
    singles, pairs = _mistakes(dice, count - len(made) - right)
    made += [_mistaken((entry,), dice) for entry in singles]
    made += [_mistaken(pair, dice) for pair in pairs]
    made += [_styled(number, dice) for number in range(right)]
    return sorted(made, key=lambda one: one.name)


class Dice:
    """Draws by ``random()`` alone: the one stream that Python promises to keep."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def below(self, count: int) -> int:
        return int(self._random.random() * count)

    def some(self, items: Sequence[Any], count: int) -> list[Any]:
        """Return *count* of the items, or all of them, in an order of their own."""
        left = list(items)
        return [left.pop(self.below(len(left))) for _ in range(min(count, len(left)))]


def _mistakes(dice: Dice, count: int) -> tuple[list[Entry], list[tuple[Entry, Entry]]]:
    """Return *count* mistakes, single and in pairs: as many pairs as it takes to have them all."""
    drawn = dice.some(catalogue(), len(catalogue()))
    waiting, pairs = list(drawn), []
    while len(pairs) < min(count // 2, len(drawn) - count):
        one = waiting.pop()
        other = next(_fitting(one, waiting), None) or next(_fitting(one, drawn))
        waiting = [entry for entry in waiting if entry is not other]
        pairs.append((one, other))
    singles = waiting[: count - len(pairs)]
    while len(singles) + len(pairs) < count:
        one = drawn[dice.below(len(drawn))]
        (other,) = dice.some(list(_fitting(one, drawn)), 1)
        if (one, other) not in pairs:
            pairs.append((one, other))
    return singles, pairs


def _fitting(one: Entry, entries: Iterable[Entry]) -> Iterator[Entry]:
    """Yield the entries of another function that the same run asks about."""
    for other in entries:
        if _run(other) == _run(one) and _place(other) != _place(one):
            yield other


def _mistaken(entries: Sequence[Entry], dice: Dice) -> Handed:
    files = right()
    for entry in entries:
        files = edited(files, entry)
    if len(entries) > 1:
        for style in dice.some(_table("styles", "style"), dice.below(3)):
            files = edited(files, style, strict=False)
    name = "+".join(entry["id"] for entry in entries)
    kind = "mistake" if len(entries) == 1 else "pair"
    # Some hand in the notebook as they got it.
    beside = {books.NAME: books.RELEASED.read_bytes()} if not dice.below(5) else {}
    return Handed(f"{kind}-{name}", {**packed(files), **beside}, _run(entries[0]))


def _styled(number: int, dice: Dice) -> Handed:
    files = right()
    for style in dice.some(_table("styles", "style"), 2 + dice.below(4)):
        files = edited(files, style, strict=False)
    for quirk in dice.some(_table("styles", "quirk"), dice.below(3)):
        files = edited(files, quirk, strict=False)
    return Handed(f"right-{number:02}", packed(files), ("first", "others")[number % 2])


# --- Those that are there once -------------------------------------------------------------------


def _once() -> Iterator[Handed]:
    for name in sorted(path.name for path in (MATERIAL / "variants").iterdir()):
        files = package(MATERIAL / "variants" / name)
        for run in ("first", "others"):
            yield Handed(f"variant-{name}-{run}", packed(files), run)
    for kind in ("odd", "hostile"):
        for entry in _table(kind, kind):
            added = {f"cs682/{path}": text.encode() for path, text in entry.get("add", {}).items()}
            files = {_plain(path): data for path, data in added.items()}
            files |= packed(edited(right(), entry))
            run, slow = entry.get("run", "first"), entry.get("slow", False)
            yield Handed(f"{kind}-{entry['id']}", files, run, slow=slow)
    for entry in _table("notebooks", "notebook"):
        files = template() if entry.get("template") else right()
        for edit in entry.get("package", ()):
            files = edited(files, edit)
        files = {**packed(files), books.NAME: books.book(entry, _answers())}
        kind = "trained" if entry.get("trained") else "notebook"
        yield Handed(f"{kind}-{entry['id']}", files, slow=kind == "trained")
    yield from _layouts()
    yield from _damaged()
    yield from _saved()


def _layouts() -> Iterator[Handed]:
    """Yield right work in the forms in which it is handed in."""
    files, notebook = right(), {books.NAME: books.RELEASED.read_bytes()}
    forms = {
        "of-another-name": packed(files, "cs231n"),
        "deep": packed(files, "My homework (final)/week 3/asgn2"),
        "of-no-known-name": packed(files, "code"),
        "flat": files,
        "flat-networks": {Path(path).name: data for path, data in files.items()},
        "twice": {**packed(files, "a/cs682"), **packed(files, "b/cs682")},
        "with-a-backup": {**packed(files), "old/cs682/layers.py": b"import nothing\n"},
        "with-junk": {
            **packed(files),
            **packed(template(), "__MACOSX/cs682"),
            **packed(template(), ".ipynb_checkpoints/cs682"),
        },
        "with-a-copied-notebook": {
            **packed(files),
            "FullyConnectedNets (1).ipynb": books.book({"written": True}, {}),
        },
        "with-all-that-was-given": {**package(HANDINS / "untouched"), **packed(files), **notebook},
    }
    for name, found in forms.items():
        yield Handed(f"layout-{name}", found)
    yield Handed("layout-Zoë Müller (late)", packed(files))
    yield Handed("layout-zip", {**packed(files), **notebook}, form="zip")
    yield Handed("layout-zip-wrapped", packed(files, "zoe/hw 2/cs682"), form="zip")
    yield Handed(
        "layout-zip-in-a-zip", {"inner.zip": saved.zipped(packed(files).items())}, form="zip"
    )


def _damaged() -> Iterator[Handed]:
    """Yield what is missing, unreadable or untouched."""
    files = right()
    yield Handed("damaged-untouched", package(HANDINS / "untouched"))
    yield Handed("damaged-untouched-package", packed(template()), "others")
    for path in _STUDENT:
        rest = {other: data for other, data in files.items() if other != path}
        yield Handed(f"damaged-without-{Path(path).stem}", packed(rest))
    texts = {
        "empty-files": dict.fromkeys(_STUDENT, b""),
        "latin-1": {"layers.py": files["layers.py"] + "# größer\n".encode("latin-1")},
        "windows": {
            path: b"\xef\xbb\xbf" + files[path].replace(b"\n", b"\r\n") for path in _STUDENT
        },
        "null-bytes": {"optim.py": files["optim.py"] + b"\0\0\n"},
        "too-large": {"optim.py": files["optim.py"] + b"# and so on\n" * 100_000},
    }
    for name, changed in texts.items():
        yield Handed(f"damaged-{name}", packed({**files, **changed}))
    in_its_way = {**packed(files), "cs682/optim.py/notes.txt": b"a folder for a file\n"}
    del in_its_way["cs682/optim.py"]
    yield Handed("damaged-folder-for-a-file", in_its_way)
    yield Handed("damaged-only-a-notebook", {books.NAME: books.RELEASED.read_bytes()})
    yield Handed("damaged-only-words", {"essay.txt": b"I could not get it to run.\n"})
    yield Handed("damaged-empty-folder", {})
    yield Handed(
        "damaged-notes.txt", {"damaged-notes.txt": b"a file in place of a folder\n"}, form="file"
    )
    yield Handed("damaged-cut-off", {"damaged-cut-off.zip": b"PK\x03\x04 cut off"}, form="file")
    yield Handed("damaged-empty", {}, form="zip")


def _saved() -> Iterator[Handed]:
    """Yield trained models in files: their cells train next to nothing."""
    answer = "    best_model = FullyConnectedNet([2])"
    notebook = books.book({"fill": {"best-model": answer}}, {})
    for name, data in saved.models().items():
        beside = {books.NAME: notebook, "best_model.npz": data}
        yield Handed(f"saved-{name}", {**packed(right()), **beside}, "saved", slow=True)


# --- Files ---------------------------------------------------------------------------------------


def right() -> Files:
    """Return the student's files of the right hand-in."""
    files = package(HANDINS / "right" / "cs682")
    return {path: files[path] for path in (*_STUDENT, "layer_utils.py")}


def template() -> Files:
    """Return the student's files as they were given out."""
    files = package(HANDINS / "untouched" / "cs682")
    return {path: files[path] for path in _STUDENT}


def packed(files: Mapping[str, bytes], folder: str = "cs682") -> Files:
    return {f"{folder}/{path}": data for path, data in files.items()}


@cache
def _package(folder: Path) -> Mapping[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }


def package(folder: Path) -> Files:
    """Return the files in a folder, by path."""
    return dict(_package(folder))


def edited(files: Mapping[str, bytes], entry: Entry, *, strict: bool = True) -> Files:
    """Return *files* with an entry's edits made, within its ``function`` if any.

    An edit that doesn't fit raises if *strict*; else the entry is left out.
    """
    text = files[entry["file"]].decode("utf-8")
    name = entry.get("function", "")
    start, end = _span(text, name) if name else (0, len(text))
    before, part, after = text[:start], text[start:end], text[end:]
    for edit in entry.get("edits", ()):
        if part.count(edit["old"]) != 1:
            if not strict:
                return dict(files)
            raise ValueError(f"{entry['id']}: {edit['old']!r} doesn't stand there once")
        part = part.replace(edit["old"], edit["new"])
    text = before + part + after + entry.get("append", "")
    return {**files, entry["file"]: text.encode("utf-8")}


def _span(text: str, name: str) -> tuple[int, int]:
    """Return where the function or class *name* stands at the top level of a module."""
    found = re.search(rf"(?ms)^(?:def|class) {re.escape(name)}\b.*?(?=^\S|\Z)", text)
    if found is None:
        raise ValueError(f"there is no {name}")
    return found.span()


def _plain(path: str) -> str:
    """Return a path without ``cs682/..``: what lies beside the package."""
    return path.replace("cs682/../", "")


@cache
def _read(path: Path) -> Mapping[str, Any]:
    return tomllib.loads(path.read_text("utf-8"))


def _table(file: str, name: str) -> list[Entry]:
    return list(_read(MATERIAL / f"{file}.toml")[name])


def _answers() -> Mapping[str, str]:
    answers: Mapping[str, str] = _read(MATERIAL / "notebooks.toml")["answers"]
    return answers


@cache
def catalogue() -> list[Entry]:
    """Return the misconceptions as edits; a file's ``file`` is that of each of its entries."""
    return [
        {"file": _read(path)["file"], **entry}
        for path in sorted((MATERIAL / "misconceptions").glob("*.toml"))
        for entry in _read(path)["misconception"]
    ]


def _run(entry: Entry) -> str:
    return "others" if _OTHERS.match(entry["question"]) else "first"


def _place(entry: Entry) -> tuple[str, str]:
    return entry["file"], entry["function"]


if __name__ == "__main__":
    main()
