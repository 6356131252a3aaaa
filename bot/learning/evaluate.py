"""How well rules do on texts whose label is known."""

import math
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.understanding import Understanding

from .labelled import LabelledText
from .rule_file import RuleRanking

WANTED_PRECISION = 0.9
WANTED_HEARD = 0.98
_STEPS = 20
_SLOWEST = 5
_SHOWN = 40


@dataclass(frozen=True, slots=True)
class Opinion:
    """判断: what the rules say of a text."""

    ranked: tuple[tuple[str, float], ...]
    """Labels and scores, best first; empty when nothing hit."""
    kind: str | None = None
    emergency: bool | None = None
    loudness: float | None = None
    """How loudly it speaks of danger now."""

    @property
    def best(self) -> str:
        return self.ranked[0][0] if self.ranked else ""

    @property
    def margin(self) -> float:
        """How far the best is ahead of the next one."""
        return self.ranked[0][1] - (self.ranked[1][1] if len(self.ranked) > 1 else 0.0) if self.ranked else 0.0


Judge = Callable[[str], Opinion]


@dataclass(frozen=True, slots=True)
class Judged:
    """评判: a text, what is right, what the rules said, and how long it took (seconds)."""

    row: LabelledText
    opinion: Opinion
    seconds: float = 0.0

    @property
    def right(self) -> bool:
        return self.opinion.best in self.row.accepted

    @property
    def gold(self) -> str:
        """Of several right answers the one that was given."""
        return self.opinion.best if self.right else self.row.labels[0]


def by_rules(ranking: RuleRanking) -> Judge:
    return lambda text: Opinion(tuple(ranking.rank(text)))


def by_catalogue(understanding: Understanding) -> Judge:
    def judge(text: str) -> Opinion:
        reading = understanding.read(text)
        understood = reading.understood
        ranked = tuple((matter.code, matter.score) for matter in understood.matters)
        loudness = reading.alarm.loudness if reading.alarm else None
        return Opinion(ranked, understood.kind, understood.emergency, loudness)

    return judge


def judged(rows: Iterable[LabelledText], judge: Judge) -> Iterator[Judged]:
    for row in rows:
        begun = time.perf_counter()
        opinion = judge(row.text)
        yield Judged(row, opinion, time.perf_counter() - begun)


def evaluation(results: Sequence[Judged], known: Iterable[str]) -> dict[str, object]:
    """Everything measurable, ready for JSON. `known` are the labels the rules know.

    A row whose label the rules do not know counts as wrong. Macro-F1 is the mean over the labels that occur.
    """
    unknown = Counter(label for result in results for label in result.row.labels[:1])
    for label in known:
        unknown.pop(label, None)
    measured = [result for result in results if result.row.labels]
    pairs = Counter((result.gold, result.opinion.best) for result in measured)
    per_class = scores_by_label(pairs)
    wrong = sorted(
        ((count, pair) for pair, count in pairs.items() if pair[0] != pair[1]), key=lambda it: (-it[0], it[1])
    )
    return {
        "rows": len(results),
        "measured": len(measured),
        "accuracy": _share(measured, lambda result: result.right),
        "macro_f1": round(macro_f1(pairs), 4),
        "per_class": per_class,
        "confusion": [{"gold": gold, "predicted": best, "count": count} for count, (gold, best) in wrong],
        "curve": _curve(measured),
        "threshold": _threshold(measured),
        "unknown_labels": dict(sorted(unknown.items())),
        **_matters(measured),
        **_kinds(results),
        **_emergencies(results),
        "slowest": _slowest(results),
    }


def scores_by_label(pairs: Mapping[tuple[str, str], int]) -> dict[str, dict[str, float]]:
    """Precision, recall, F1 and number of rows of every label that occurs; `pairs` counts (right, said)."""
    support, said = Counter[str](), Counter[str]()
    for (gold, best), count in pairs.items():
        support[gold] += count
        said[best] += count
    found = {}
    for label in sorted(support):
        hit = pairs.get((label, label), 0)
        found[label] = {
            "precision": round(hit / said[label], 4) if said[label] else 0.0,
            "recall": round(hit / support[label], 4),
            "f1": round(2 * hit / (support[label] + said[label]), 4),
            "support": support[label],
        }
    return found


def macro_f1(pairs: Mapping[tuple[str, str], int]) -> float:
    support, said = Counter[str](), Counter[str]()
    for (gold, best), count in pairs.items():
        support[gold] += count
        said[best] += count
    labels = [label for label, rows in support.items() if rows]
    return sum(2 * pairs.get((label, label), 0) / (support[label] + said[label]) for label in labels) / max(
        1, len(labels)
    )


def _share(results: Sequence[Judged], good: Callable[[Judged], bool]) -> float:
    return round(sum(map(good, results)) / len(results), 4) if results else 0.0


def _cuts(results: Sequence[Judged]) -> list[tuple[float, float, float]]:
    """(margin, coverage, precision) if only texts of this margin or more were decided; by rising margin."""
    cuts: list[tuple[float, float, float]] = []
    decided = right = 0
    spoken = sorted((result for result in results if result.opinion.best), key=lambda result: -result.opinion.margin)
    for place, result in enumerate(spoken):
        decided, right = decided + 1, right + result.right
        margin = result.opinion.margin
        if place + 1 == len(spoken) or spoken[place + 1].opinion.margin < margin:
            cuts.append((margin, decided / len(results), right / decided))
    return cuts[::-1]


def _curve(results: Sequence[Judged]) -> list[dict[str, float]]:
    cuts = _cuts(results)
    wanted = [cuts[place * (len(cuts) - 1) // _STEPS] for place in range(_STEPS + 1)] if cuts else []
    return [_cut(cut) for cut in dict.fromkeys(wanted)]


def _threshold(results: Sequence[Judged]) -> dict[str, float] | None:
    """The smallest margin from which decisions are right often enough, and how many texts are then decided."""
    return next((_cut(cut) for cut in _cuts(results) if cut[2] >= WANTED_PRECISION), None)


def _cut(cut: tuple[float, float, float]) -> dict[str, float]:
    margin, coverage, precision = cut
    return {"margin": round(margin, 4), "coverage": round(coverage, 4), "precision": round(precision, 4)}


def _matters(measured: Sequence[Judged]) -> dict[str, object]:
    """Among the best two counts a text as right when its answer is one of the two the resident would be offered."""
    among = _share(measured, lambda result: any(code in result.row.accepted for code, _ in result.opinion.ranked[:2]))
    strict = _share(measured, lambda result: result.opinion.best in result.row.labels)
    return {"among_best_two": among, "right_without_also": strict}


def _kinds(results: Sequence[Judged]) -> dict[str, object]:
    rows = [result for result in results if result.row.kind and result.opinion.kind]
    return {"kind_accuracy": _share(rows, lambda result: result.row.kind == result.opinion.kind)} if rows else {}


def _emergencies(results: Sequence[Judged]) -> dict[str, object]:
    rows = [result for result in results if result.row.emergency is not None and result.opinion.emergency is not None]
    if not rows:
        return {}
    real, calm = ([result for result in rows if result.row.emergency is wanted] for wanted in (True, False))
    missed = [result.row.line for result in real if not result.opinion.emergency]
    alarms = [result.row.line for result in calm if result.opinion.emergency]
    return {
        "emergency_recall": _share(real, lambda result: bool(result.opinion.emergency)),
        "false_alarms": _share(calm, lambda result: bool(result.opinion.emergency)),
        "alarm_from": _alarm_from(real, calm),
        "missed_lines": missed,
        "false_alarm_lines": alarms,
    }


def _alarm_from(real: Sequence[Judged], calm: Sequence[Judged]) -> dict[str, float] | None:
    """The highest `alarm_from` that hears enough of what is real, and the share of the others that would raise it."""
    voices = sorted((result.opinion.loudness for result in real if result.opinion.loudness is not None), reverse=True)
    wanted = math.ceil(WANTED_HEARD * len(real))
    if not 0 < wanted <= len(voices):
        return None
    floor = math.floor(voices[wanted - 1] * 100) / 100
    loud = [r for r in calm if r.opinion.loudness is not None and r.opinion.loudness >= floor]
    return {"at": floor, "false_alarms": round(len(loud) / len(calm), 4) if calm else 0.0}


def _slowest(results: Sequence[Judged]) -> list[dict[str, object]]:
    last = sorted(results, key=lambda result: -result.seconds)[:_SLOWEST]
    return [
        {
            "line": result.row.line,
            "milliseconds": round(result.seconds * 1000, 3),
            "characters": len(result.row.text),
            "text": result.row.text[:_SHOWN],
        }
        for result in last
    ]
