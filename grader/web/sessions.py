"""Who is known to the desk: a browser that came with the token, and the name that it marks by."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass, field


@dataclass
class BrowserSession:
    """A browser. ``marker`` is empty until a name was given; ``said`` is told on the next page.

    ``names``: it shows whose an answer is. ``second``: it looks at answers a second time, without
    what others gave.
    """

    id: str
    csrf: str
    marker: str = ""
    names: bool = False
    second: bool = False
    said: str = ""


@dataclass
class BrowserSessions:
    """The browsers of one run of the desk: they end with it.

    ``token`` stands in the address that is printed; ``marker`` is the name that browsers begin
    with.
    """

    marker: str = ""
    token: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    _known: dict[str, BrowserSession] = field(default_factory=dict)

    def begin(self, token: str) -> BrowserSession | None:
        """Return a new session for who has the token; ``None`` for anyone else."""
        if not hmac.compare_digest(token.encode(), self.token.encode()):
            return None
        made = BrowserSession(secrets.token_urlsafe(24), secrets.token_urlsafe(24), self.marker)
        self._known[made.id] = made
        return made

    def known(self, id: str) -> BrowserSession | None:
        """Return the session of a cookie's value, if there is one."""
        return self._known.get(id)
