"""BM25 over weighted words: which of a few hundred short texts a question is about."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

_ENOUGH = 1.2
"""How soon a word said again adds nothing (k1)."""
_LENGTH = 0.5
"""How far a long text counts less for each of its words (b)."""


class Bm25:
    """相关度: a fixed set of texts, each a bag of weighted words, ready to be asked."""

    def __init__(self, texts: Sequence[Mapping[str, float]]) -> None:
        self._count = count = len(texts)
        used = Counter(word for text in texts for word in text)
        usual = sum(sum(text.values()) for text in texts) / count if count else 1.0
        unit = math.log(2 * count + 2)
        self._rarity = {word: math.log(1 + (count - n + 0.5) / (n + 0.5)) / unit for word, n in used.items()}
        self._weights: dict[str, list[tuple[int, float]]] = defaultdict(list)
        for place, text in enumerate(texts):
            half = _ENOUGH * (1 - _LENGTH + _LENGTH * sum(text.values()) / usual)
            for word, times in text.items():
                self._weights[word].append((place, self._rarity[word] * times / (times + half)))

    def find(self, words: Iterable[str]) -> tuple[list[float], float]:
        """The score of each text for the (distinct) words, and the most any text could score.

        The unit is a word no text has: so scores mean the same among fifty texts and among five hundred.
        """
        scores = [0.0] * self._count
        most = 0.0
        for word in words:
            most += self._rarity.get(word, 1.0)
            for place, weight in self._weights.get(word, ()):
                scores[place] += weight
        return scores, most
