"""What the desk refuses, in plain sentences with the status that a browser is told."""

from __future__ import annotations


class Refusal(Exception):
    """A request that isn't served; the message is shown to who sent it."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status, self.sentence = status, sentence


HOST = "This desk answers to 127.0.0.1 and localhost only. Open the address that it printed."
CROSS_SITE = (
    "Another page sent this request. Copy the address that `grader mark` printed into the address "
    "bar instead."
)
NO_TOKEN = (
    "This browser isn't known here, or the desk was started anew. Open the address that "
    "`grader mark` printed, with its token."
)
WRONG_TOKEN = "The token in this address is not the one that `grader mark` printed."
NO_MARKER = "Nobody's name is given in this browser. Go to /marker and give yours first."
METHOD = "The desk takes GET and POST only."
FORM = "The desk takes forms only (application/x-www-form-urlencoded)."
LARGE = "That is more than the desk takes at once: {limit} bytes. Shorten the comment."
CSRF = "This form is of another session. Reload the page and send it again."
MISSING = "There is no such page. The class may have changed: go back to the list of questions."
FIELD = "The field {name} holds {value!r}, which the desk can't take: {way}."
FAILED = "The desk has failed at this. What was confirmed before is kept; the terminal says more."
#: The name of marks that came in by the table of marks, which no marker may have.
RESERVED = "written.csv"
NO_CAUSE = (
    "Nobody has lost points by this cause any more. The list of causes has those that there are."
)
OTHER_STUDENTS = (
    "Other students have this cause now than when the page was opened. Open it anew, look at who "
    "they are, and send the form again. Nothing was changed."
)
REGRADING = "A regrade is going on. Wait until it is done, then start this one."
NO_BYTES = (
    "What these students handed in was not kept, so that it can't be marked again. "
    "`grader grade` marks a download."
)
