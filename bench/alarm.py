"""Fits the weights of bot/understanding/alarm.py: `python -m bench.alarm` prints them and how well they do.

Every message is weighed by a bot that has not learnt it: the rows are dealt into parts, and each part is read by an
understanding without its examples. Fitted on the rows no rule was written from, and on ordinary messages.
"""

import math
from collections.abc import Sequence
from dataclasses import astuple, fields, replace

from bench.quality import rows_of
from bot.understanding import Understanding
from bot.understanding.alarm import AlarmSigns
from bot.understanding.understanding import KIND_EXAMPLES
from handlers.matters import shipped_definitions

PARTS = 5
KEPT_SMALL = 0.01
"""Against weights that grow without need."""
ROUNDS = 30
NAMES = [field.name for field in fields(AlarmSigns)]
Weighed = tuple[list[float], bool, str]


def without(texts: set[str]) -> Understanding:
    """An understanding that has not learnt these sentences."""
    definitions = (
        replace(matter, examples=tuple(e for e in matter.examples if e not in texts))
        for matter in shipped_definitions()
    )
    kinds = {kind: [e for e in examples if e not in texts] for kind, examples in KIND_EXAMPLES.items()}
    return Understanding(definitions, kind_examples=kinds)


def weighed(halves: Sequence[str]) -> list[Weighed]:
    """The signs of every message of these halves that might be an alarm, whether it is one, and its words."""
    said = [(row["text"], row["emergency"]) for h in halves for row in rows_of("fresh_emergencies.jsonl", h)]
    said += [(row["text"], row["emergency"]) for row in rows_of("plain_emergencies.jsonl") if "weighed" in halves]
    ordinary = "unseen" if "unseen" in halves else "seen"
    said += [(row["text"], row["kind"] == "emergency") for row in rows_of("fresh_messages.jsonl", ordinary)]
    found: list[Weighed] = []
    for part in range(PARTS):
        dealt = said[part::PARTS]
        reader = without({text for text, _ in dealt})
        for text, real in dealt:
            alarm = reader.read(text).alarm
            found.append(([1.0, *(astuple(alarm) if alarm else (0.0,) * len(NAMES))], real, text))
    return found


def fitted(rows: Sequence[Weighed]) -> list[float]:
    """Logistic regression by Newton's method."""
    size = len(rows[0][0])
    weights = [0.0] * size
    for _ in range(ROUNDS):
        slope = [-KEPT_SMALL * weight for weight in weights]
        curve = [[KEPT_SMALL * (i == j) for j in range(size)] for i in range(size)]
        for signs, real, _ in rows:
            chance = 1 / (1 + math.exp(-max(-30.0, min(30.0, _loudness(weights, signs)))))
            for i, sign in enumerate(signs):
                slope[i] += (real - chance) * sign
                bend = chance * (1 - chance) * sign
                for j in range(size):
                    curve[i][j] += bend * signs[j]
        weights = [weight + step for weight, step in zip(weights, _solved(curve, slope), strict=True)]
    return weights


def _loudness(weights: Sequence[float], signs: Sequence[float]) -> float:
    return sum(weight * sign for weight, sign in zip(weights, signs, strict=True))


def _solved(matrix: list[list[float]], right: list[float]) -> list[float]:
    """Gauss; the matrix is small and positive."""
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    for i, pivot in enumerate(rows):
        for j, row in enumerate(rows):
            if i != j:
                share = row[i] / pivot[i]
                rows[j] = [one - share * other for one, other in zip(row, pivot, strict=True)]
    return [row[-1] / row[i] for i, row in enumerate(rows)]


def shares(weights: Sequence[float], rows: Sequence[Weighed], floor: float) -> tuple[float, float]:
    """Emergencies heard, and others that raised an alarm."""
    loud = [(real, _loudness(weights, signs) >= floor) for signs, real, _ in rows]
    heard, false = ([alarm for real, alarm in loud if real is kind] for kind in (True, False))
    return sum(heard) / len(heard), sum(false) / len(false)


def main() -> None:
    rows, kept = weighed(("weighed",)), weighed(("unseen",))
    weights = fitted(rows)
    print({name: round(weight, 2) for name, weight in zip(["silence", *NAMES], weights, strict=True)})
    for floor in (-2.0, -1.5, -1.0, -0.5, 0.0, 0.5):
        here, there = shares(weights, rows, floor), shares(weights, kept, floor)
        print(f"alarm_from {floor:4}: fitted {here[0]:.3f} / {here[1]:.3f}, unseen {there[0]:.3f} / {there[1]:.3f}")


if __name__ == "__main__":
    main()
