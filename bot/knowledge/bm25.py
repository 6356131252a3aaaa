"""BM25 over weighted words: which of a few hundred short texts a question is about."""

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence

_ENOUGH = 1.2
"""How soon a word said again adds nothing (k1)."""
_LENGTH = 0.5
"""How far a long text counts less for each of its words (b)."""
_MOST = _ENOUGH + 1


class Bm25:
    """相关度: a fixed set of texts, each a bag of weighted words, ready to be asked."""

    def __init__(self, texts: Sequence[Mapping[str, float]]) -> None:
        count = len(texts)
        used = Counter(word for text in texts for word in text)
        usual = sum(sum(text.values()) for text in texts) / count if count else 1.0
        self._rarity = {word: math.log(1 + (count - n + 0.5) / (n + 0.5)) for word, n in used.items()}
        self._unknown = math.log(1 + 2 * count + 1)
        self._weights: dict[str, list[tuple[int, float]]] = defaultdict(list)
        for place, text in enumerate(texts):
            half = _ENOUGH * (1 - _LENGTH + _LENGTH * sum(text.values()) / usual)
            for word, times in text.items():
                self._weights[word].append((place, self._rarity[word] * times * _MOST / (times + half)))

    def find(self, words: Collection[str]) -> tuple[dict[int, float], float]:
        """Score by place for each text that has one of the (distinct) words, and the most any text could score."""
        scores: dict[int, float] = defaultdict(float)
        most = 0.0
        for word in words:
            most += self._rarity.get(word, self._unknown) * _MOST
            for place, weight in self._weights.get(word, ()):
                scores[place] += weight
        return scores, most
