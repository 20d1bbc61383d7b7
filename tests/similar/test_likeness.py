"""Copies in disguise are on top, honest twins are not, and what all have counts for nothing."""

from __future__ import annotations

from dataclasses import replace

import disguises
import planted_class
import planted_pairs
import pytest
from conftest_similar import Works, read
from hypothesis import given
from hypothesis import strategies as st

from grader.classroom.likeness import fingerprints
from grader.classroom.likeness.pairs import LEAST_WORKS, Comparison, apart, compare
from grader.classroom.likeness.works import Given, Mistake, Work, answers_of, code_of

LONG = """
def center(x, w, gamma):
    mean = np.einsum("nd->d", x) / x.shape[0]
    rest = x - np.outer(np.ones(len(x)), mean)
    for i in range(rest.shape[1]):
        rest[:, i] *= gamma[i] / np.linalg.norm(rest[:, i] + 3e-7)
    scaled = np.tensordot(rest, w, axes=([1], [0]))
    return np.clip(scaled, -4.5, 7.25), (rest, mean)
"""
#: The same, as somebody hands it in who copied it.
COPIED = """
def middle(a, b, c):
    # the middle
    m = (np.einsum('nd->d', a)
         / a.shape[0])

    r = a - np.outer(np.ones(len(a)), m,)
    for column in range(r.shape[1]):
        r[:, column] *= (c[column] / np.linalg.norm(r[:, column] + 0.3e-6))
    out = np.tensordot(r, b, axes=([1], [0])); return (np.clip(out, -4.5, 7.25), (r, m))
"""
SHORT = "def relu_forward(x):\n    out = np.maximum(0, x)\n    cache = x\n    return out, cache\n"


def other(number: int) -> str:
    """Return a function that no other student has."""
    terms = " + ".join(f"np.square(x[{number}{i}]) * {number}.{i}" for i in range(1, 8))
    return f"def own(x):\n    value = {terms}\n    return value - {number}\n"


def compared(works: list[Work], **options: bool) -> Comparison:
    return compare(works, lambda work: work.code, most=500, mistakes=options.get("mistakes", False))


def names(comparison: Comparison) -> list[tuple[str, str]]:
    return [(pair.one.name, pair.other.name) for pair in comparison.pairs]


def test_names_layout_and_comments_count_for_nothing() -> None:
    """A function and its copy are the same tokens."""
    (one,), (copy,) = (read(file=text)[0].functions for text in (LONG, COPIED))
    assert [sign for sign, _ in fingerprints.folded(one)] == [
        sign for sign, _ in fingerprints.folded(copy)
    ]


def test_what_is_computed_counts() -> None:
    """Another function of numpy, another number or operator is another token."""
    (one,) = read(file=LONG)[0].functions
    for old, new in (("clip", "maximum"), ("7.25", "7.5"), (" - np.outer", " + np.outer")):
        (changed,) = read(file=LONG.replace(old, new))[0].functions
        assert fingerprints.folded(one) != fingerprints.folded(changed)


WORDS = st.lists(st.sampled_from("abcdefgh"), max_size=40)
#: The shortest passage that two texts can't share without a fingerprint.
REACH = fingerprints.RUN + fingerprints.WINDOW - 1


@given(
    st.lists(st.sampled_from("abcdefgh"), min_size=REACH, max_size=30), WORDS, WORDS, WORDS, WORDS
)
def test_a_long_passage_is_always_seen(
    shared: list[str], before: list[str], after: list[str], above: list[str], below: list[str]
) -> None:
    """The guarantee of winnowing: wherever the passage stands in either text."""
    one = fingerprints.of_code([*before, *shared, *after], set())
    two = fingerprints.of_code([*above, *shared, *below], set())
    assert {each.hash for each in one} & {each.hash for each in two}


def test_a_copy_is_above_all_and_stands_apart(work: Works) -> None:
    """Its lines are known, and how many have them."""
    works = [work(f"s{i}", layers=other(i), short=SHORT) for i in range(LEAST_WORKS + 2)]
    works += [work("ada", layers=LONG), work("bo", layers=COPIED)]
    found = compared(works)
    assert names(found)[0] == ("ada", "bo")
    first = found.pairs[0]
    assert found.stands_apart(first)
    (shared,) = first.shared
    assert (shared.one.name, shared.other.name, shared.rarest) == ("center", "middle", 2)
    assert not any(found.stands_apart(pair) for pair in found.pairs[1:])


def test_a_short_function_that_two_have_is_little(work: Works) -> None:
    """Though all that one of them has is in the other, too: there are few ways to write it."""
    works = [work(f"s{i}", layers=other(i)) for i in range(LEAST_WORKS + 2)]
    works += [work("ada", layers=SHORT + "    # end\n"), work("bo", layers=other(77) + SHORT)]
    found = compared(works)
    twins = [pair for pair in found.pairs if {pair.one.name, pair.other.name} == {"ada", "bo"}]
    assert all(pair.likeness < 25 for pair in twins)
    assert not any(found.stands_apart(pair) for pair in twins)


def test_what_many_have_is_nobodys_own(work: Works) -> None:
    """A function that half of a class has from one page makes no pair."""
    works = [work(f"s{i}", layers=LONG) for i in range(8)]
    works += [work(f"t{i}", layers=other(i)) for i in range(8)]
    found = compared(works)
    assert not any(shared.one.name == "center" for pair in found.pairs for shared in pair.shared)


def test_the_courses_own_text_is_nobodys_own(root: object, work: Works) -> None:
    """Template and reference: who hands them in has nothing of their own."""
    text = (planted_class.COURSE / "layers.py").read_text("utf-8")
    assert work("ada", layers=text).code == ()
    assert code_of(read(layers=text), Given())


def test_a_team_is_no_pair(work: Works) -> None:
    """Nor are two hand-ins of one student, this year's and an earlier one's."""
    works = [work(f"s{i}", layers=other(i)) for i in range(6)]
    ada, bo = work("ada", layers=LONG), work("bo", layers=COPIED)
    assert ("ada", "bo") in names(compared([*works, ada, bo]))
    team = [replace(one, owners=frozenset({one.name, "team 1"})) for one in (ada, bo)]
    assert ("ada", "bo") not in names(compared([*works, *team]))


def test_earlier_years_are_compared_with_the_class_alone(work: Works) -> None:
    """Two of an earlier year make no pair, and no number of the class's distribution."""
    works = [work(f"s{i}", layers=other(i)) for i in range(6)]
    old = [replace(work(name, layers=LONG), year="2019") for name in ("ada", "bo")]
    found = compared([*works, work("cy", layers=COPIED), *old])
    assert names(found)[:2] == [("cy", "ada"), ("cy", "bo")]
    assert ("ada", "bo") not in names(found)
    assert len(found.highest) == 7


def test_a_rare_mistake_is_above_right_lines(work: Works) -> None:
    """Of two pairs with equal code, the one with a mistake in common is first, and tells it."""
    wrong = Mistake("relu-step", "ReLU", "The output is the mask")
    works = [work(f"s{i}", layers=other(i)) for i in range(8)]
    works += [work("ada", layers=LONG), work("bo", layers=COPIED)]
    more = LONG.replace("3e-7", "5e-7").replace("4.5", "4.75").replace("einsum", "trace")
    works += [replace(work(name, layers=more), mistakes=(wrong,)) for name in ("cy", "dee")]
    found = compared(works, mistakes=True)
    assert names(found)[0] == ("cy", "dee")
    assert found.pairs[0].mistakes == ((wrong, 2),)
    common = [replace(one, mistakes=(wrong,)) for one in works]
    assert all(pair.mistakes == () for pair in compared(common, mistakes=True).pairs)


def test_answers_are_alike_by_their_words() -> None:
    """Whatever their signs and capitals; the question's own words count for nothing."""
    course = Given()
    course.add_words(["Which of these functions has no gradient where its inputs are negative?"])
    own = "because the slope of it is flat on the left, so nothing comes back from there"
    copied = f"Which of these functions has no gradient where - {own.upper()}!"
    (one,) = answers_of({"q": own}, course)
    (two,) = answers_of({"q": copied}, course)
    assert {each.hash for each in one.prints} <= {each.hash for each in two.prints}
    assert answers_of({"q": "which of these functions has no gradient where"}, course) == ()


def test_a_class_too_small_has_no_line() -> None:
    """And of a larger one it lies far above what is usual in it, and above nothing at all."""
    assert apart([10.0] * (LEAST_WORKS - 1)) is None
    assert (apart([10.0] * 50) or 0) > 15
    assert (apart([0.0] * 50) or 0) > 5


@pytest.fixture(scope="module")
def planted() -> planted_class.Class:
    """A small class with two copies, one in part, and twins."""
    return planted_class.make(40, 1)


def test_planted_copies_are_on_top(planted: planted_class.Class, work: Works) -> None:
    """In a class in which students write in styles of their own; nobody else stands apart."""
    works = [
        work(one.name, **{path.replace("/", "_"): text for path, text in one.files.items()})
        for one in planted.students
    ]
    pairs = {"copies": planted.copies, "parts": planted.parts, "twins": planted.twins}
    found = planted_pairs.rows_of(works)
    assert planted_pairs.report(found, pairs) == 0
    # The judge is judged: it sees a copy that isn't there, and one that nobody planted.
    assert (
        planted_pairs.report(planted_pairs.rows_of(works), {**pairs, "copies": planted.twins}) == 1
    )
    assert (
        planted_pairs.report(planted_pairs.rows_of(works), {**pairs, "copies": planted.copies[:1]})
        == 1
    )


def test_a_class_is_the_same_from_the_same_seed(planted: planted_class.Class) -> None:
    """And a disguise changes the text of every file."""
    assert planted_class.texts(planted_class.make(40, 1)) == planted_class.texts(planted)
    files = {student.name: student.files for student in planted.students}
    for one, other in planted.copies:
        assert all(files[one][path] != files[other][path] for path in planted_class.FILES)
    assert disguises.disguised(LONG, "a") != disguises.disguised(LONG, "b")
