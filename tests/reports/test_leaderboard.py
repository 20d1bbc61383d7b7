"""The page that a class may read: places and pseudonyms, and nothing that leads to a name."""

from __future__ import annotations

from typing import Any

from grader.reports import feedback, leaderboard, pages
from grader.reports.leaderboard import Ranking, boards

CALLED = {"ada": "teal otter 10", "bo": "amber fox 11", "cy": "jade wren 12", "di": "ruby owl 13"}


def person(name: str, accuracy: float | None, data: str = "short", **more: float) -> dict[str, Any]:
    """A result with the question "best", whose model reached *accuracy*."""
    evidence = {"data": data, "accuracy": accuracy, "accuracies": more} if accuracy else {}
    check = {"id": "best.accuracy", "evidence": evidence}
    asked = {"id": "best", "title": "The best model", "checks": [check]}
    other = {"id": "other", "title": "Another", "checks": [{"evidence": {"accuracy": 1.0}}]}
    return {"submission": name, "questions": [other, asked]}


def made(*people: dict[str, Any]) -> list[leaderboard.Board]:
    return boards(people, {"best"}, CALLED.__getitem__)


def test_the_best_comes_first_and_equals_share_a_place() -> None:
    """Two seconds are followed by the fourth, equals in the order of their pseudonyms."""
    people = [person("ada", 0.5), person("bo", 0.41), person("cy", 0.7), person("di", 0.5001)]
    (board,) = made(*people)
    assert (board.title, board.kind) == ("The best model", "short")
    assert board.rows == (
        Ranking(1, "jade wren 12", "70.0 %"),
        Ranking(2, "ruby owl 13", "50.0 %"),
        Ranking(2, "teal otter 10", "50.0 %"),
        Ranking(4, "amber fox 11", "41.0 %"),
    )


def test_who_has_no_model_is_not_listed() -> None:
    """Neither a place nor a pseudonym is given for nothing."""
    without = [person("ada", None), {"submission": "bo", "questions": []}]
    assert made(*without) == []
    assert not any(leaderboard.listed(result, {"best"}) for result in without)
    assert leaderboard.listed(person("cy", 0.1), {"best"})
    assert not leaderboard.listed(person("cy", 0.1), ())


def test_models_of_different_images_are_not_compared() -> None:
    """Drawn images are another matter than photographs: each set has its own board."""
    full = person("ada", 0.6, "full", validation=0.6, moved=0.55, test=0.52)
    assert [(board.kind, board.rows) for board in made(person("bo", 0.9), full)] == [
        ("full", (Ranking(1, "teal otter 10", "52.0 %"),)),
        ("short", (Ranking(1, "amber fox 11", "90.0 %"),)),
    ]


def test_a_training_that_was_ended_early_has_no_place(page: Any) -> None:
    """What it would reach isn't known: the page says how many there are."""
    ended = person("bo", 0.9)
    ended["questions"][1]["checks"][0]["evidence"]["ended_early"] = True
    (board,) = made(person("ada", 0.6), ended)
    assert board.rows == (Ranking(1, "teal otter 10", "60.0 %"),)
    assert not leaderboard.listed(ended, {"best"})
    for found, said in (
        (board, "1 further model reached what is asked, and training ended there: how far it gets"),
        (made(ended)[0], "1 model reached what is asked"),
    ):
        html = leaderboard.leaderboard([found], title="Nets", data="CIFAR-10")
        assert said in page(html).text
        assert ("<table" in html) == bool(found.rows)


def test_the_page_has_no_real_name(page: Any) -> None:
    """Places, pseudonyms and accuracies are all that it says of anyone."""
    people = [person("Ada Lovelace", 0.5), person("Bo", 0.4, "full")]
    names = {"Ada Lovelace": "teal otter 10", "Bo": "amber fox 11"}
    found = boards(people, {"best"}, names.__getitem__)
    html = leaderboard.leaderboard(found, title="Nets", data="CIFAR-10")
    parsed = page(html)
    assert "Ada" not in html
    assert ">Bo<" not in html
    assert "The best model: CIFAR-10 Place Name Accuracy 1 amber fox 11 40.0 %" in parsed.text
    assert "The best model: drawn images Place Name Accuracy 1 teal otter 10" in parsed.text
    assert not [link for link in parsed.all("a") if not link["href"].startswith("#")]
    empty = page(leaderboard.leaderboard([], title="Nets", data="CIFAR-10"))
    assert "There is no model to show yet." in empty.text


def test_no_text_is_taken_for_markup(hostile: Any) -> None:
    """A title does nothing on this page either."""
    (board,) = made(person("ada", 0.5))
    worse = leaderboard.Board(hostile.text, "short", board.rows)
    hostile.harmless(leaderboard.leaderboard([worse], title=hostile.text, data=hostile.text))


def test_one_s_own_page_tells_one_s_own_name(result: Any, page: Any) -> None:
    """Without a leaderboard, feedback doesn't speak of one."""
    said = "On the leaderboard this submission is called teal otter 10 ."
    assert said in page(feedback(result, pseudonym="teal otter 10")).text
    assert "leaderboard" not in page(feedback(result)).text


def test_a_class_page_keeps_what_the_board_needs() -> None:
    """Results without what no page shows give the same board."""
    people = [person("ada", 0.6, "full", validation=0.6, test=0.5), person("bo", 0.4)]
    assert made(*map(pages.brief, people)) == made(*people)
