"""What may be passed on: no group of fewer than five, and nothing it could be computed from."""

from hypothesis import given
from hypothesis import strategies as st

from grader.reports.disclosure import FEWEST, Disclosure
from grader.wording.report import FEWER

SHARED, OWN = Disclosure(shared=True), Disclosure()
counts = st.lists(st.integers(0, 30), min_size=1, max_size=8)


def named(numbers: list[int]) -> dict[str, int]:
    return {f"n{i}": number for i, number in enumerate(numbers)}


@given(counts)
def test_a_whole_tells_nothing_of_a_small_part(numbers: list[int]) -> None:
    """What is left of the whole, once all that is told is taken off, is nobody or five and more."""
    told = SHARED.parts(named(numbers))
    hidden = [n for name, n in named(numbers).items() if told[name] != str(n)]
    assert all(not 0 < int(text) < FEWEST for text in told.values() if text.isdigit())
    if any(count >= FEWEST for count in numbers):
        assert sum(hidden) == 0 or sum(hidden) >= FEWEST


@given(counts)
def test_the_instructor_sees_everything(numbers: list[int]) -> None:
    """Nothing is suppressed, nor joined."""
    assert OWN.parts(named(numbers)) == {name: str(n) for name, n in named(numbers).items()}
    assert OWN.joined(numbers) == [(i, i, n) for i, n in enumerate(numbers)]


@given(counts)
def test_columns_are_joined_until_none_is_small(numbers: list[int]) -> None:
    """Neighbours cover the whole in order, their counts add up, and none is of a few."""
    made = SHARED.joined(numbers)
    assert [first for first, _, _ in made] == [0, *(last + 1 for _, last, _ in made[:-1])]
    assert made[-1][1] == len(numbers) - 1
    assert all(count == sum(numbers[first : last + 1]) for first, last, count in made)
    assert len(made) == 1 or all(not 0 < count < FEWEST for *_, count in made)


@given(st.integers(0, 60), st.integers(0, 60))
def test_a_share_is_shown_if_both_its_groups_may_be(hits: int, others: int) -> None:
    """Those who have it, and those who don't, are none or at least five."""
    small = 0 < hits < FEWEST or 0 < others < FEWEST
    assert SHARED.shows(hits, hits + others) == (not small)
    assert OWN.shows(hits, hits + others)


def test_one_small_part_takes_another_with_it() -> None:
    """The smallest of the others, since the whole would tell it."""
    assert SHARED.parts({"a": 50, "b": 9, "c": 2}) == {"a": "50", "b": "·", "c": FEWER}
    assert SHARED.parts({"a": 50, "b": 3, "c": 2}) == {"a": "50", "b": FEWER, "c": FEWER}
