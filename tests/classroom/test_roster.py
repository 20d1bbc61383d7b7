"""The people of a class, out of each learning system's table."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.classroom.roster import Person, Roster, load
from grader.classroom.sheets import TableError

TABLES = {
    "canvas": (
        "Student,ID,SIS User ID,SIS Login ID,Section,HW3 (98765)\n"
        "    Points Possible,,,,,10\n"
        '"Doe, Jane",10231,S001,jdoe,Sec 1,\n"Ek, Bo",10232,S002,bek,Sec 2,8\n',
        {"ids": {"canvas": "10231"}, "name": "doejane"},
    ),
    "moodle": (
        "\ufeffIdentifier,Full name,ID number,Email address,Status,Group,Grade\n"
        "Participant 117,Jane Doe,S001,jane@example.edu,Submitted,Red,\n"
        "Participant 118,Bo Ek,S002,bo@example.edu,,Blue,\n",
        {"ids": {"moodle": "117"}, "name": "Jane Doe"},
    ),
    "gradescope": (
        "First Name,Last Name,SID,Email,Sections,Total Score\n"
        "Jane,Doe,S001,jane@example.edu,A,\nBo,Ek,S002,bo@example.edu,B,\n",
        {"ids": {"gradescope": "9"}, "members": [{"name": "J.", "ids": {"sid": "S001"}}]},
    ),
    "classroom50": (
        "username,first_name,last_name,email,section,github_id\n"
        "jdoe,Jane,Doe,jane@example.edu,1,77\nbek,Bo,Ek,bo@example.edu,1,78\n",
        {"ids": {"username": "jdoe", "whole": "cs-hw-jdoe"}, "name": ""},
    ),
    "any": ("name;student_id\nJane Doe;S001\nBo Ek;S002\n", {"ids": {"id": "S001"}}),
}


@pytest.mark.parametrize("system", TABLES)
def test_each_system_s_table_is_a_roster(tmp_path: Path, system: str) -> None:
    """Names, ids and sections are found by the columns' names, and hand-ins by their ids."""
    text, about = TABLES[system]
    (tmp_path / "roster.csv").write_text(text, "utf-8")
    people = load(tmp_path / "roster.csv")
    assert [person.name for person in people] == ["Jane Doe", "Bo Ek"]
    assert Roster(people).of("x", about) == [people[0]]
    assert [Person.of(person.to_json()) for person in people] == people


def test_a_table_without_people_is_refused(tmp_path: Path) -> None:
    """Neither names nor ids: the message says which columns there are."""
    (tmp_path / "roster.csv").write_text("a,b\n1,2\n")
    with pytest.raises(TableError, match="names nobody"):
        load(tmp_path / "roster.csv")


def test_a_plain_name_is_a_person_s_only_if_one_has_it() -> None:
    """Whole names, family names first, ids within a name; two of one name are nobody."""
    jane, bo = Person("Jane Doe", {"sid": "00123456"}), Person("Bo Ék", {"username": "bek"})
    roster = Roster([jane, bo, Person("Ann Lee", {"sid": "1"}), Person("Ann Lee", {"sid": "2"})])
    for name, whose in {
        "Jane Doe": [jane], "doe_jane": [jane], "hw2-00123456": [jane], "00123456": [jane],
        "Bo Ek": [bo], "bek_hw2": [bo], "Ann Lee": [], "123456": [], "nobody": [],
    }.items():  # fmt: skip
        assert roster.of(name, {}) == whose, name


def test_names_that_differ_by_vowels_are_two() -> None:
    """Where vowels are signs beside or around a letter; accents tell nobody apart."""
    people = [Person(name) for name in ("राम", "रमा", "กิต", "กุต")]
    assert [Roster(people).of(person.name, {}) for person in people] == [[p] for p in people]
    assert Roster([Person("Émilie Żak")]).of("emilie zak", {}) == [Person("Émilie Żak")]
    assert Roster([Person("محمّد")]).of("محمد", {}) == [Person("محمّد")]


def test_a_group_is_all_who_have_its_name() -> None:
    """A Moodle team by its name, a Canvas group by its name and the one who handed in."""
    people = [Person(n, {"canvas": str(i)}, group="Team Red") for i, n in enumerate("abc")]
    roster = Roster([*people, Person("d", {"canvas": "9"}, group="Blue")])
    assert roster.of("x", {"ids": {"moodle": "55"}, "name": "Team Red"}) == people
    assert roster.of("x", {"ids": {"canvas": "1"}, "name": "teamred"}) == people
    # A team's number may be the number that another system's, or this one's, person has.
    team = {"layout": "moodle", "ids": {"moodle": "7"}, "name": "Team Red"}
    assert Roster([*people, Person("z", {"moodle": "7"})]).of("x", team) == people


def test_times_of_handing_in_are_read(tmp_path: Path) -> None:
    """As Gradescope and Moodle write them, and as ISO; what can't be read stays to be told."""
    times = {
        "2026-10-05 23:02:33 -0700": "2026-10-05T23:02:33-07:00",
        "Wednesday, 10 June 2026, 2:14 PM": "2026-06-10T14:14:00",
        "2026-10-05T23:02:33+02:00": "2026-10-05T23:02:33+02:00",
        "-": "",
        "gestern": "gestern",
    }
    lines = [f'n{i};s{i};"{text}"' for i, text in enumerate(times)]
    path = tmp_path / "roster.csv"
    path.write_text("\n".join(["name;sid;Submission Time", *lines]), "utf-8")
    assert [person.submitted for person in load(path)] == list(times.values())
