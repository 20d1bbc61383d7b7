"""Notes: short facts about a run that cost nothing, and the texts that stand for them."""

from typing import NamedTuple


class Changed(NamedTuple):
    """The input *name* was written into."""

    name: str

    def __str__(self) -> str:
        return f"changed:{self.name}"


class Calls(NamedTuple):
    """*function* called the function *name* so often for one answer."""

    function: str
    name: str
    times: int

    def __str__(self) -> str:
        return f"calls:{self.function}:{self.name}:{self.times}"


Note = Changed | Calls


def parse(text: str) -> Note | None:
    """Return the note that a text stands for; ``None`` where it is none."""
    match text.split(":"):
        case ["changed", name]:
            return Changed(name)
        # Longer numbers are no counts, and digits of other scripts are none of the grader's.
        case ["calls", function, name, times] if _is_count(times):
            return Calls(function, name, int(times))
    return None


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 10
