"""A table of word weights, made small: multinomial logistic regression by coordinate descent, then pruned and refitted.

For each label every word has a weight; a text speaks of the label whose weights add up to most. Fitting all words
first and dropping the weakest step by step, with a new fit after each step, keeps a table of a hundred words a
label within two points of the whole one. Plain Python: a step over one word touches only the rows that hold it.
No chance is involved: the same rows give the same table.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

_SHRINK = 4.0
"""How strongly the weight of a word of middling frequency is pulled to zero."""
_SHRINK_LAST = 0.15
"""Once few words are left, that part of it will do: there is less to learn by heart."""
_FIRST_KEPT = 2000
_KEPT_EACH_TIME = 0.7
_SWEEPS = 5
_LAST_SWEEPS = 20
_LONGEST_STEP = 1.0
_SETTLED = 0.002

Scores = Sequence[Sequence[float]]
"""By label, then by row."""


class Fit:
    """拟合: the weights of words by label, fitted to rows whose label is known.

    `rows_of[word]` are the rows that hold the word, `gold[row]` is the number of its label. `start`, if given, is what
    each row scores already without any of these words; then the words only mend it: none speaks against a label.
    """

    def __init__(
        self, rows_of: Mapping[str, Sequence[int]], gold: Sequence[int], labels: int, start: Scores | None = None
    ) -> None:
        self._rows_of = rows_of
        self._gold = gold
        self._start = start
        self._shrink = _shrinkage(rows_of, len(gold))
        self._seen: list[Counter[str]] = [Counter() for _ in range(labels)]
        for word, rows in rows_of.items():
            for row in rows:
                self._seen[gold[row]][word] += 1
        self.priors = [0.0] * labels
        self.weights = [
            {word: 0.0 for word, rows in rows_of.items() if word in seen or len(rows) >= labels} for seen in self._seen
        ]

    def shrink_to(self, most: int) -> None:
        """Fit, drop, fit again, until at most `most` words a label are left."""
        self._settle(_SWEEPS)
        left = min(max(map(len, self.weights), default=0), int(_FIRST_KEPT / _KEPT_EACH_TIME))
        while left > most:
            left = max(most, int(left * _KEPT_EACH_TIME))
            self._keep(left)
            self._settle(_SWEEPS)
        if not self._start:
            self._shrink = {word: _SHRINK_LAST * shrink for word, shrink in self._shrink.items()}
        self._settle(_LAST_SWEEPS)

    def _keep(self, most: int) -> None:
        """Forget all but the heaviest words of each label, whichever way they speak."""
        for label, weights in enumerate(self.weights):
            heaviest = sorted(weights, key=lambda word: (-abs(weights[word]), word))[:most]
            self.weights[label] = {word: weights[word] for word in heaviest if weights[word]}

    def _settle(self, sweeps: int) -> None:
        """Newton steps, one word of one label after another, until nothing moves much."""
        odds = self._odds()
        total = [sum(row) for row in zip(*odds, strict=True)]
        rows_of_label = Counter(self._gold)
        for _ in range(sweeps):
            furthest = 0.0
            for label, weights in enumerate(self.weights):
                own, seen = odds[label], self._seen[label]
                if not self._start:
                    self.priors[label] += _step(range(len(total)), own, total, rows_of_label[label], 0.01)
                for word, weight in weights.items():
                    shrink = self._shrink[word]
                    lowest = -weight if self._start else -_LONGEST_STEP
                    step = _step(self._rows_of[word], own, total, seen[word] - shrink * weight, shrink, lowest)
                    weights[word] = weight + step
                    furthest = max(furthest, abs(step))
            if furthest < _SETTLED:
                return

    def _odds(self) -> list[list[float]]:
        """e to the score, by label and row."""
        rows = range(len(self._gold))
        scores = [[prior + (self._start[k][row] if self._start else 0.0) for row in rows]
                  for k, prior in enumerate(self.priors)]  # fmt: skip
        for label, weights in enumerate(self.weights):
            for word, weight in weights.items():
                for row in self._rows_of[word] if weight else ():
                    scores[label][row] += weight
        return [[math.exp(score) for score in of_label] for of_label in scores]


def _step(
    rows: Iterable[int],
    own: list[float],
    total: list[float],
    wanted: float,
    curvature: float,
    lowest: float = -_LONGEST_STEP,
) -> float:
    """Move one weight to where the label's expected number of rows is the wanted one; `own` and `total` follow."""
    expected = 0.0
    for row in rows:
        share = own[row] / total[row]
        expected += share
        curvature += share - share * share
    step = max(lowest, -_LONGEST_STEP, min(_LONGEST_STEP, (wanted - expected) / curvature))
    if abs(step) < _SETTLED / 10:
        return 0.0
    factor = math.exp(step)
    for row in rows:
        before = own[row]
        own[row] = after = before * factor
        total[row] += after - before
    return step


def _shrinkage(rows_of: Mapping[str, Sequence[int]], rows: int) -> dict[str, float]:
    """A rare word says more when it does stand there, so it is pulled to zero less than a common one."""
    rarity = {word: 1 + math.log(rows / len(found)) for word, found in rows_of.items()}
    middling = sum(rarity.values()) / max(1, len(rarity))
    return {word: _SHRINK * (middling / one) ** 2 for word, one in rarity.items()}
