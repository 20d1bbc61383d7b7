"""A browser without a window, and the answers that it is shown."""

from __future__ import annotations

from typing import Any

from starlette.testclient import TestClient

BASE = "http://127.0.0.1:8000"
QUESTION = "inline-1"
#: Answers of three texts, two of which are near each other, and one that stands alone.
ANSWERS = {
    "ada": "Sigmoid saturates for large inputs, and ReLU has no slope for negative ones.",
    "ben": "sigmoid saturates for large inputs,  and ReLU has no slope for negative ones.",
    "eve": "Sigmoid saturates for very large inputs, and ReLU has no slope for negative ones.",
    "kim": "Only the sigmoid.",
}


class Browser(TestClient):
    """A browser that came with the token. ``post`` sends what a form of the desk sends."""

    def get_page(self, path: str) -> str:
        """Return a page's HTML; it has to be there."""
        answer = self.get(path)
        assert answer.status_code == 200, (path, answer.status_code, answer.text)
        return answer.text

    def submit(self, path: str, **fields: Any) -> Any:
        """Post a form; the answer is the page that follows."""
        return self.post(
            path, data={"csrf": self.csrf, "back": "/", **fields}, headers={"Origin": BASE}
        )

    @property
    def csrf(self) -> str:
        """The token that this browser's pages have in their forms."""
        return self.get("/keys").text.partition('data-csrf="')[2].partition('"')[0]
