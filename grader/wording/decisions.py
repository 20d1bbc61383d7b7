"""What a student's page says of a person's decisions, and what the log says of them."""

from __future__ import annotations

#: A note that is pinned to a cause of lost points.
NOTE = "A note from the course: {text}"
#: What was decided of an objection, recorded on a day.
DECISION = "Your objection of {day} was decided: {decision}"
#: Why points changed, where an objection was the reason.
ON_APPEAL = "by the decision of your objection"

#: Of a step in the desk: what its undoing takes back.
POINTS = "changed points of {of}"
POINTS_OF_ALL = "changed points of {students} in {of}"
PIN = "pinned a note"
UNPIN = "took a note off"
DECIDE = "decided an objection"
REOPEN = "took a decision back"
OBJECT = "recorded an objection"

#: In the log, by what was done.
PINNED = "pinned a note ({id}) to {cause}"
UNPINNED = "took off a note ({id}) from {cause}"
OBJECTED = "recorded an objection ({id}) to {code}"
DECIDED = "decided an objection ({id})"
REOPENED = "took back a decision ({id})"
CHANGED = "{change} ({id})"
TAKEN_BACK = "took back {change} ({id})"
REGRADED = "marked again ({id})"
PUT_BACK = "put back the result of before ({id})"
UNDONE = "undid: {what} ({id})"
