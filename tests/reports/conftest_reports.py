"""A page of pairs that are alike, with all that may stand on one."""

from __future__ import annotations

from grader.classroom.likeness import fingerprints
from grader.classroom.likeness.pairs import compare
from grader.classroom.likeness.works import Mistake, Passages, Work
from grader.reports import similar

EVIL = "</code><script>alert(1)</script>"
#: What two have in common, and what everybody has of their own.
CODE = [f"x{i} = x{i - 1} @ w{i}  # {EVIL}" for i in range(1, 30)]
ANSWER = f"the slope of it is flat on the left so nothing {EVIL} comes back from there"


def _code(tokens: list[str]) -> Passages:
    spots = tuple((i // 4 + 1, i // 4 + 1) for i in range(len(tokens)))
    prints = tuple(fingerprints.of_code(tokens, set()))
    return Passages("layers.py", "affine_forward", prints, spots, 1, 29)


def _answer(text: str) -> Passages:
    words = fingerprints.words(text)
    prints = tuple(fingerprints.of_words([word for word, _, _ in words], set()))
    return Passages("inline-1", "inline-1", prints, tuple((b, e) for _, b, e in words))


def works() -> list[Work]:
    """Return a class of twelve in which two are alike, and one of an earlier year that is, too."""
    made = [
        Work(
            f"student {n}",
            (_code([f"{n} {i}" for i in range(100)]),),
            (_answer(f"answer {n} is another one than all of the others {n} are"),),
        )
        for n in range(10)
    ]
    wrong = (Mistake("relu-step", "ReLU", "The output is the mask"),)
    shared = (_code([str(i) for i in range(116)]),)
    for name in ("ada", EVIL):
        made.append(Work(name, shared, (_answer(ANSWER),), wrong, unread=(f"{EVIL} isn't read.",)))
    texts = {"layers.py": "\n".join(CODE)}
    made.append(Work("cy", shared, year="homework/2019", texts=texts))
    return made


def similar_page() -> str:
    """Return the page of :func:`works`."""

    def called(work: Work) -> str:
        return work.name

    def text(work: Work, part: Passages) -> str:
        return "\n".join(CODE) if part.last else ANSWER

    listed = works()
    parts = [
        similar.part(
            "code",
            compare(listed, lambda work: work.code, most=100, mistakes=True),
            called,
            text,
        ),
        similar.part(
            "answers",
            compare(listed, lambda work: work.answers, most=100, mistakes=False),
            called,
            text,
        ),
    ]
    return similar.page(parts, title="Nets", works=listed, called=called)
