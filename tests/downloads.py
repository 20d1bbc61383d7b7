"""A class of 24 as each learning system lays out its download, made from the formats' descriptions.

Names have accents and go from right to left, two hand-ins are a group's, two students handed in
twice, two were late, and systems and editors left their junk; beside all lies one loose notebook
that is nobody's. A download is a mapping of paths to bytes, to be packed or laid out on disk.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass

Files = Mapping[str, bytes]
#: What a student hands in: files of a package and a notebook, by the student's number.
Work = Callable[[int], Files]
Download = dict[str, bytes]

LOOSE = "somebody.ipynb"
GROUPS, TWICE, LATE, APART = (22, 23), (3, 7), (5, 7), (9, 10)
_NAMES = (
    ("Ada", "Lovelace"), ("Émilie", "du Châtelet"), ("محمد", "الخوارزمي"), ("שרה", "כהן"),
    ("王", "小明"), ("Søren", "Ålund"), ("Jane", "O'Neil"), ("Jane", "Doe"), ("John", "Doe"),
    ("José", "García López"), ("Zoë", "van der Berg"), ("Ольга", "Иванова"), ("Ngọc", "Trần"),
    ("Łukasz", "Żak"), ("Σοφία", "Παππά"), ("İpek", "Öztürk"), ("Mary-Ann", "Smith"),
    ("N", "N"), ("Anon", "Late"), ("Bo", "Ek"), ("Cy", "Young"), ("Di", "Wu"),
    ("Eve", "Adams"), ("Flo", "Beck"),
)  # fmt: skip


@dataclass(frozen=True)
class Student:
    """One of the class, with what each system knows of them."""

    number: int
    first: str
    last: str

    @property
    def name(self) -> str:
        return f"{self.first} {self.last}"

    @property
    def id(self) -> str:
        """A number that is as wide as a spreadsheet may cut."""
        return f"{self.number + 1:08d}"

    @property
    def user(self) -> str:
        return f"user{self.number}"

    @property
    def email(self) -> str:
        return f"{self.user}@example.edu"


CLASS = tuple(Student(number, *name) for number, name in enumerate(_NAMES))
#: Who belongs to a group, beside the one who hands in for it.
PARTNERS = {22: Student(122, "Gil", "Partner"), 23: Student(123, "Hal", "Partner")}
JUNK = {"__MACOSX/._x": b"", ".DS_Store": b"", "index.html": b"<html>"}


def packed(files: Files) -> bytes:
    """Return a zip of *files*."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in files.items():
            archive.writestr(path, data)
    return made.getvalue()


def old(files: Files) -> Files:
    """Return an earlier attempt: the same files, empty."""
    return dict.fromkeys(files, b"# nothing yet\n")


def canvas(work: Work, *, anonymous: bool = False) -> Download:
    """Flat; some hand in a zip, some a file each; a later file of one name has a number."""
    found: Download = {LOOSE: b"{}", **JUNK}
    for student in CLASS:
        late = "LATE_" if student.number in LATE else ""
        name = "".join(c for c in f"{student.last}{student.first}".lower() if c.isalnum())
        group = f"team{student.number}" if student.number in GROUPS else name
        start = (
            f"{late}anon_x{student.number}Q_"
            if anonymous
            else f"{group}_{late}{1000 + student.number}_"
        )
        attachment = 88000 + 10 * student.number
        if student.number in APART:
            for place, (path, data) in enumerate(work(student.number).items()):
                found[f"{start}{attachment + place}_{path.rpartition('/')[2]}"] = data
            continue
        if student.number in TWICE:
            found[f"{start}{attachment - 5}_hw2.zip"] = packed(old(work(student.number)))
            found[f"{start}{attachment}_hw2-1.zip"] = packed(work(student.number))
            continue
        found[f"{start}{attachment}_hw2.zip"] = packed(work(student.number))
    found[f"typist_{2000}_text.html"] = b"<p>later</p>"
    return found


def moodle(
    work: Work, *, flat: bool = False, blind: bool = False, before: bool = False
) -> Download:
    """A folder each, or flat; a team's has the team's name; a text typed in has one of its own."""
    found: Download = {LOOSE: b"{}", **JUNK}
    for student in CLASS:
        name = f"Team {student.number}" if student.number in GROUPS else student.name
        start = f"{'Participant' if blind else name}_{500 + student.number}_assignsubmission_"
        sign = "_" if flat else "_/" if before else "/"
        if student.number in APART:
            for path, data in work(student.number).items():
                found[f"{start}file{sign}{path.rpartition('/')[2] if flat else path}"] = data
        else:
            found[f"{start}file{sign}hw.zip"] = packed(work(student.number))
        if student.number == 2:
            found[f"{start}onlinetext{sign}onlinetext.html"] = b"<p>see the zip</p>"
    return found


def gradescope(work: Work) -> Download:
    """A folder each, unpacked already, and the metadata that name who is in a group."""
    top = "assignment_77_export/"
    found: Download = {f"{top}{LOOSE}": b"{}"}
    lines = []
    for student in CLASS:
        id = f"submission_{9000 + student.number}"
        for path, data in work(student.number).items():
            found[f"{top}{id}/{path}"] = data
        lines += [f"{id}:", "  :submitters:"]
        for member in (student, PARTNERS.get(student.number)):
            if member is not None:
                lines += [
                    f'  - :name: "{member.name}"',
                    f"    :sid: '{member.id}'",
                    f"    :email: {member.email}",
                ]
        lines += ["  :created_at: 2026-10-05 23:02:33.123456 -07:00", "  :score: 8.0"]
    found[f"{top}submission_metadata.yml"] = "\n".join(lines).encode()
    return found


def blackboard(work: Work) -> Download:
    """Flat, with the time of each attempt, and a text beside each."""
    found: Download = {LOOSE: b"{}", **JUNK}
    for student in CLASS:
        times = ["2026-10-05-13-45-22"]
        if student.number in TWICE:
            times.insert(0, "2026-10-04-09-00-00")
        for time in times:
            files = work(student.number) if time == times[-1] else old(work(student.number))
            start = f"Homework_2_j_{student.user}_attempt_{time}"
            found[f"{start}_hw 2.zip"] = packed(files)
            found[f"{start}.txt"] = b"Name: ...\n"
    return found


def brightspace(work: Work) -> Download:
    """A folder an attempt, with names and a time without a colon."""
    found: Download = {LOOSE: b"{}", **JUNK}
    for student in CLASS:
        days = ["5"] if student.number not in TWICE else ["4", "5"]
        for day in days:
            files = work(student.number) if day == days[-1] else old(work(student.number))
            start = f"{397000 + student.number}-2557369 - {student.name} - Oct {day}, 2026 926 PM/"
            for path, data in files.items():
                found[start + path] = data
    return found


def repositories(work: Work) -> Download:
    """A clone each, with a tag for each submission."""
    found: Download = {LOOSE: b"{}", "students.csv": b"username\n"}
    for student in CLASS:
        top = f"cs682-hw2-{student.user}/"
        for path, data in work(student.number).items():
            found[top + path] = data
        found[f"{top}.git/HEAD"] = b"ref: refs/heads/main\n"
        found[f"{top}.git/packed-refs"] = (
            b"0123 refs/tags/submit/2026-10-04T14-32-05Z-a1b2c3d\n"
            b"0124 refs/tags/submit/2026-10-05T14-32-05Z-a1b2c3e\n"
        )
    return found


def nbgrader(work: Work) -> Download:
    """The course's folder, with what was handed out and another assignment beside it."""
    found: Download = {
        "nbgrader_config.py": b"",
        "source/hw2/Nets.ipynb": b"{}",
        f"submitted/{LOOSE}": b"{}",
    }
    for student in CLASS:
        top = f"submitted/{student.user}/hw2/"
        for path, data in work(student.number).items():
            found[top + path] = data
        found[f"{top}timestamp.txt"] = b"2026-10-05 13:45:22.123456 UTC\n"
        if student.number % 3 == 0:
            found[f"submitted/{student.user}/hw1/other.txt"] = b""
    return found


def plain(work: Work) -> Download:
    """Zips and folders in turn, and one loose notebook."""
    found: Download = {LOOSE: b"{}", **JUNK}
    for student in CLASS:
        if student.number % 2:
            found[f"{student.name}.zip"] = packed(work(student.number))
        else:
            for path, data in work(student.number).items():
                found[f"{student.name}/{path}"] = data
    return found


#: Each layout: how it is made, and what its owners are called by number.
LAYOUTS: Mapping[str, tuple[Callable[[Work], Download], Callable[[Student], str]]] = {
    "canvas": (canvas, lambda s: f"canvas:{1000 + s.number}"),
    "canvas-anonymous": (
        lambda work: canvas(work, anonymous=True),
        lambda s: f"canvas:anon_x{s.number}Q",
    ),
    "moodle": (moodle, lambda s: f"moodle:{500 + s.number}"),
    "moodle-before-4.1": (
        lambda work: moodle(work, before=True),
        lambda s: f"moodle:{500 + s.number}",
    ),
    "moodle-flat": (lambda work: moodle(work, flat=True), lambda s: f"moodle:{500 + s.number}"),
    "moodle-blind": (lambda work: moodle(work, blind=True), lambda s: f"moodle:{500 + s.number}"),
    "gradescope": (
        gradescope,
        lambda s: (
            "gradescope:"
            + "+".join(sorted(m.id for m in (s, PARTNERS.get(s.number)) if m is not None))
        ),
    ),
    "blackboard": (blackboard, lambda s: f"blackboard:Homework_2_j_{s.user}"),
    "brightspace": (brightspace, lambda s: f"brightspace:{397000 + s.number}"),
    "repositories": (repositories, lambda s: f"repositories:cs682-hw2-{s.user}"),
    "nbgrader": (nbgrader, lambda s: f"nbgrader:{s.user}"),
    "plain": (plain, lambda s: s.name),
}
