"""Make a class with planted copies and honest twins, the same from the same seed.

``python tests/similar/planted_class.py FOLDER [--count N] [--seed N]`` writes a folder for each
student, and ``FOLDER.json`` beside it: which pairs are copies, which are twins. Students choose for
each question one of the project's own implementations, right or with a known mistake, and write it
in a style of their own (:mod:`disguises`). A copy is another student's work in disguise, whole or
in part; twins are honest students who wrote the same short functions in the same way.
"""

from __future__ import annotations

import argparse
import ast
import json
import random
import re
import shutil
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import disguises

ROOT = Path(__file__).resolve().parents[2]
COURSE = ROOT / "assignment" / "cs682"
NOTEBOOK = "FullyConnectedNets"
#: Packages of which functions are taken.
PACKAGES = (
    COURSE,
    ROOT / "assignment" / "witness",
    *sorted((ROOT / "tests" / "variants").glob("[!p_]*")),
    *(ROOT / "tests" / "right" / name / "cs682" for name in ("typed", "generators", "matched")),
)
#: Of 200: whole copies, copies of some functions alone, pairs of twins.
COPIES, PARTS, TWINS = 10, 6, 10
#: Short functions that twins share.
SHORT = ("relu_forward", "relu_backward", "affine_forward")
FILES = ("layers.py", "optim.py", "classifiers/fc_net.py")
#: Clauses of answers; each student takes some, in an order and with words of their own.
OPENINGS = ("I think that", "As far as I can tell", "In my runs", "The point is that", "Because")
CLAUSES = (
    "the sigmoid flattens out where the inputs are large so that hardly any gradient comes back",
    "relu gives no gradient at all once its inputs are negative for every example in the batch",
    "leaky relu keeps a small slope on the left and so never stops learning entirely",
    "the deeper net multiplies the scale of the weights once for every layer that it has",
    "a scale that is a little too small makes the activations die out before the last layer",
    "five layers need a more careful choice of the initialization than three of them do",
    "the cache of adagrad only ever grows and the steps become smaller and smaller",
    "adam forgets old gradients by its decay so that its steps don't shrink forever",
    "the learning rate has to be chosen anew since the loss surface is steeper there",
    "with small batches the estimate of the gradient is noisy and the loss jumps around",
    "a one dimensional case like x below zero already shows where the derivative is zero",
    "the numbers printed above by the gradient check show the same thing",
)
FILLERS = (
    "really", "of course", "usually", "in practice", "roughly", "again", "here", "more or less",
    "in the end", "as expected", "clearly", "sometimes", "I guess", "at first", "later on",
)  # fmt: skip


@dataclass
class Student:
    """A student's files, answers by question, and whose copy it is."""

    name: str
    files: dict[str, str] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)


@dataclass
class Class:
    """All students, and the names of the pairs that were planted."""

    students: list[Student]
    copies: list[tuple[str, str]]
    parts: list[tuple[str, str]]
    twins: list[tuple[str, str]]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="written afresh")
    parser.add_argument("--count", type=int, default=200, metavar="N")
    parser.add_argument("--seed", type=int, default=0, metavar="N")
    arguments = parser.parse_args()
    made = make(arguments.count, arguments.seed)
    write(made, arguments.folder)
    print(f"made {arguments.folder}: {len(made.students)} students, {len(made.copies)} copies")


def make(count: int = 200, seed: int = 0) -> Class:
    """Return a class of *count*; of a smaller one than 200, fewer are copies and twins."""
    dice = random.Random(f"class {seed}")
    share = count / 200
    copies, parts, twins = (max(1, round(share * n)) for n in (COPIES, PARTS, TWINS))
    numbers = list(range(1, count + 1))
    dice.shuffle(numbers)
    names = [f"student-{number:03}" for number in numbers]
    honest = [_student(name, f"{seed} {name}") for name in names[: count - copies - parts]]
    made = Class(honest, [], [], [])
    for one, other in zip(honest[: 2 * twins : 2], honest[1 : 2 * twins : 2], strict=True):
        _twin(one, other)
        made.twins.append((one.name, other.name))
    victims = honest[2 * twins :]
    for name in names[count - copies - parts : count - parts]:
        victim = victims.pop()
        made.students.append(_copy(name, victim, f"{seed} {name}"))
        made.copies.append((victim.name, name))
    for name in names[count - parts :]:
        victim = victims.pop()
        made.students.append(_part(name, victim, f"{seed} {name}"))
        made.parts.append((victim.name, name))
    made.students.sort(key=lambda student: student.name)
    return made


def write(made: Class, folder: Path) -> None:
    """Write a class into *folder*, and what was planted beside it."""
    shutil.rmtree(folder, ignore_errors=True)
    for student in made.students:
        for path, text in student.files.items():
            place = folder / student.name / "cs682" / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, "utf-8")
        book = folder / student.name / f"{NOTEBOOK}.ipynb"
        book.write_text(_notebook(student.answers), "utf-8")
    planted = {"copies": made.copies, "parts": made.parts, "twins": made.twins}
    folder.with_name(f"{folder.name}.json").write_text(json.dumps(planted), "utf-8")


# --- One student ---------------------------------------------------------------------------------


def _student(name: str, seed: str) -> Student:
    dice = random.Random(seed)
    student = Student(name)
    wrong = dice.sample(_mistakes(), dice.choice([0, 0, 1, 1, 2, 3]))
    for file in FILES[:2]:
        chosen: dict[str, str] = {}
        for stem, functions in _questions(file).items():
            mine = [entry for entry in wrong if entry["function"] in functions]
            package = COURSE if mine else dice.choice(_having(file, stem))
            source = (package / file).read_text("utf-8")
            for entry in mine:
                source = _edited(source, entry)
            for function in functions:
                chosen |= _taken(source, function, package.name if package != COURSE else "")
        text = "import numpy as np\n\n\n" + "\n\n\n".join(chosen.values()) + "\n"
        student.files[file] = disguises.styled(text, f"{seed} {file}")
    nets: dict[str, str] = {}
    for name in ("TwoLayerNet", "FullyConnectedNet"):
        mine = [entry for entry in wrong if entry["function"].startswith(f"{name}.")]
        package = COURSE if mine else dice.choice(_having(FILES[2], name))
        source = (package / FILES[2]).read_text("utf-8")
        for entry in mine:
            source = _edited(source, entry)
        nets |= _taken(source, name, package.name if package != COURSE else "")
    text = "import numpy as np\n\n\n" + "\n\n\n".join(nets.values()) + "\n"
    student.files[FILES[2]] = disguises.styled(text, f"{seed} nets")
    for question in ("inline-1", "inline-2", "inline-3"):
        student.answers[question] = _answer(dice)
    return student


def _answer(dice: random.Random) -> str:
    said = []
    for clause in dice.sample(CLAUSES, dice.choice([2, 3])):
        words = clause.split()
        for _ in range(3):
            words.insert(dice.randrange(1, len(words)), dice.choice(FILLERS))
        said.append(" ".join([dice.choice(OPENINGS), *words]))
    return ". ".join(said) + "."


def _twin(one: Student, other: Student) -> None:
    """Have *other* write the short functions in the same way as *one*."""
    theirs = _parsed(one.files["layers.py"])
    tree = ast.parse(other.files["layers.py"])
    tree.body = [
        theirs.get(node.name, node)
        if isinstance(node, ast.FunctionDef) and node.name in SHORT
        else node
        for node in tree.body
    ]
    other.files["layers.py"] = ast.unparse(tree) + "\n"


def _copy(name: str, victim: Student, seed: str) -> Student:
    files = {
        path: disguises.disguised(text, f"{seed} {path}") for path, text in victim.files.items()
    }
    dice = random.Random(f"{seed} words")
    answers = {question: _reworded(text, dice) for question, text in victim.answers.items()}
    return Student(name, files, answers)


def _part(name: str, victim: Student, seed: str) -> Student:
    """Return a student who wrote most, and took the longest functions of another."""
    student = _student(name, seed)
    theirs = _parsed(disguises.disguised(victim.files["layers.py"], seed))
    own = ast.parse(student.files["layers.py"])
    longest = sorted(theirs, key=lambda one: -len(ast.unparse(theirs[one])))[:4]
    taken = [theirs[one] for one in longest]
    own.body = [n for n in own.body if getattr(n, "name", "") not in longest] + list(taken)
    student.files["layers.py"] = ast.unparse(own) + "\n"
    return student


def _reworded(text: str, dice: random.Random) -> str:
    """Return an answer with some of its words changed, and its sentences in another order."""
    sentences = text.rstrip(".").split(". ")
    dice.shuffle(sentences)
    words = ". ".join(sentences).split()
    for place in dice.sample(range(len(words)), len(words) // 15):
        words[place] = dice.choice(FILLERS)
    return " ".join(words) + "."


# --- Material ------------------------------------------------------------------------------------


@cache
def _parsed_file(path: Path) -> Mapping[str, ast.AST]:
    return _parsed(path.read_text("utf-8"))


def _parsed(text: str) -> dict[str, Any]:
    tree = ast.parse(text)
    return {
        node.name: node for node in tree.body if isinstance(node, (ast.FunctionDef, ast.ClassDef))
    }


@cache
def _questions(file: str) -> dict[str, list[str]]:
    """Return the functions of a file, those that hand things to one another together."""
    found: dict[str, list[str]] = {}
    for name in _parsed_file(COURSE / file):
        if not name.startswith("_"):
            found.setdefault(re.sub(r"_(forward|backward)$", "", name), []).append(name)
    return found


@cache
def _having(file: str, stem: str) -> list[Path]:
    wanted = set(_questions(file)[stem])
    return [p for p in PACKAGES if (p / file).is_file() and wanted <= set(_parsed_file(p / file))]


def _taken(source: str, function: str, package: str) -> dict[str, str]:
    """Return a function's text, and that of all in its module that it needs, by name."""
    tree = ast.parse(source)
    there: dict[str, ast.stmt] = {}
    for node in tree.body:
        for name in _bound(node):
            there[name] = node
    course = {name for file in FILES for names in _questions(file).values() for name in names}
    found: dict[str, ast.stmt] = {}
    waiting = [function]
    while waiting:
        name = waiting.pop()
        node = there.get(name)
        if node is None or name in found:
            continue
        found[name] = node
        read = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
        waiting += sorted(read - course - {"np"} - set(found))
    made = {}
    for name, node in reversed(found.items()):
        text = ast.unparse(node)
        for helper in set(found) - {function}:
            text = re.sub(rf"\b{re.escape(helper)}\b", f"{helper}_{package or 'own'}", text)
        made[name if name == function else f"{name}_{package or 'own'}"] = text
    return made


def _bound(node: ast.stmt) -> list[str]:
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        return [node.name]
    if isinstance(node, ast.Assign):
        return [target.id for target in node.targets if isinstance(target, ast.Name)]
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return [alias.asname or alias.name for alias in node.names if alias.name != "numpy"]
    return []


@cache
def _mistakes() -> list[dict[str, Any]]:
    """Return the known mistakes as edits of one function of the reference."""
    found = []
    for path in sorted((ROOT / "assignment" / "misconceptions").glob("*.toml")):
        document = tomllib.loads(path.read_text("utf-8"))
        for entry in document.get("misconception", ()):
            file = entry.get("file", document.get("file", ""))
            if file in FILES and "function" in entry and "edits" in entry:
                found.append({**entry, "file": file})
    return found


def _edited(source: str, entry: Mapping[str, Any]) -> str:
    """Return *source* with a mistake in it; as it was, where the mistake doesn't fit."""
    name = entry["function"].partition(".")[0]
    span = re.search(rf"(?ms)^(?:def|class) {re.escape(name)}\b.*?(?=^\S|\Z)", source)
    if span is None:
        return source
    text = span[0]
    for edit in entry["edits"]:
        if text.count(edit["old"]) != 1:
            return source
        text = text.replace(edit["old"], edit["new"])
    made = source[: span.start()] + text + source[span.end() :]
    try:
        ast.parse(made)
    except SyntaxError:
        return source
    return made


def _notebook(answers: Mapping[str, str]) -> str:
    document = json.loads((ROOT / "student_template" / f"{NOTEBOOK}.ipynb").read_text("utf-8"))
    for cell in document["cells"]:
        question = str(cell.get("id", "")).removesuffix("-answer")
        if question in answers:
            cell["source"] = f"**Your answer:**\n\n{answers[question]}"
    return json.dumps(document)


def texts(made: Class) -> Sequence[str]:
    """Return every text that a student wrote."""
    return [text for student in made.students for text in student.files.values()]


if __name__ == "__main__":
    main()
