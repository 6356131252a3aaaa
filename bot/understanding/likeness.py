"""Likeness to the example sentences: the weaker, second kind of evidence beside the rules.

An officer who adds an example teaches the bot without writing a rule. Words of an example weigh the more the
fewer matters use them.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

_MOST = 3.5
"""What full likeness adds to a matter's score: less than a rule of four characters."""
_LEAST = 0.18
_COMMON = 14
"""A feature that more matters than this use says nothing."""


class Likeness:
    """像例句: which matters' examples a message resembles, and how much."""

    def __init__(self, examples: Mapping[str, Sequence[Sequence[str]]]) -> None:
        users: dict[str, Counter[str]] = defaultdict(Counter)
        for code, sentences in examples.items():
            for features in sentences:
                for feature in dict.fromkeys(features):
                    users[feature][code] += 1
        count = max(len(examples), 2)
        self._weights: dict[str, list[tuple[str, float]]] = {}
        self._rarity: dict[str, float] = {}
        self._unknown = math.log(count)
        for feature, codes in users.items():
            rarity = math.log(count / len(codes)) if len(codes) <= _COMMON else 0.0
            self._rarity[feature] = rarity
            if rarity:
                total = sum(codes.values())
                self._weights[feature] = [(code, rarity * (uses / total) ** 0.5) for code, uses in codes.items()]

    def find(self, features: Sequence[str]) -> dict[str, tuple[float, str]]:
        """Matter code → (what it adds to the score, a line that says why)."""
        sums: dict[str, float] = defaultdict(float)
        best: dict[str, tuple[float, str]] = {}
        whole = 0.0
        for feature in dict.fromkeys(features):
            whole += self._rarity.get(feature, self._unknown * 0.6)
            for code, weight in self._weights.get(feature, ()):
                sums[code] += weight
                if code not in best or weight > best[code][0]:
                    best[code] = (weight, feature)
        return {
            code: (round(_MOST * share**0.5 * min(1, total / 9), 2), f"像例句:{best[code][1]}")
            for code, total in sums.items()
            if whole and (share := min(1.0, total / whole)) >= _LEAST
        }
