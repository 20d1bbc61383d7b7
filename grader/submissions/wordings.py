"""How much alike the words of two texts are, where another course asks the same in its own."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence

#: Letters of a word that count: more tell a plural, or a verb's ending.
_STEM = 6
#: The fewest words in common that say something.
_LEAST = 3
#: Words that say nothing of what a text is about.
_SMALL = (
    "about after all also and any are ask asked asks been before below but can cell cells "
    "code could did does each for from has have her here his how into its know like may more "
    "most much not note now one only other our out over same say see should some such than "
    "that the their them then there these they this those two under use used uses using very "
    "was way were what when where which who why will with would you your inline question "
    "questions answer answers notice"
)
_COMMON = frozenset(word[:_STEM] for word in _SMALL.split())


def words(text: str) -> frozenset[str]:
    """Return the words of *text* by their first letters, and its numbers but for single digits."""
    found = re.findall(r"[a-z_]{3,40}|\d{2,9}", text.lower())
    return frozenset(word[:_STEM] for word in found) - _COMMON


class CommonWords:
    """The words of some *texts*: the fewer of them have one, the more it says."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = [words(text) for text in texts]
        count = Counter(word for text in self._texts for word in text)
        self._weights = {word: math.log(1 + len(texts) / n) ** 2 for word, n in count.items()}
        self._sizes = [self._weight(text) for text in self._texts]

    def likeness(self, place: int, others: frozenset[str]) -> float:
        """Return how much alike a text and some words are, 0 to 1: the cosine of their angle.

        Words that no text has count for nothing, and less than three words in common say nothing.
        """
        if len(self._texts[place] & others) < _LEAST:
            return 0.0
        size = self._sizes[place] * self._weight(others)
        common = self._weight(self._texts[place] & others)
        return common / math.sqrt(size) if size else 0.0

    def _weight(self, some: frozenset[str]) -> float:
        return sum(self._weights.get(word, 0.0) for word in some)
