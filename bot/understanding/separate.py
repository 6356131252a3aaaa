"""Two matters in one message: when one part of it speaks plainly for the one, another part for the other."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise

from .rules import Hit, score
from .terms import MatterScore

# Tried over a grid on messages of residents: two thirds of those with two matters are found, and of those with one
# a fiftieth is torn.
_ENOUGH = 11.0
"""What the leads, the sign of a list and the second matter's share must come to together."""
_LEAD = 9.0
"""A lead of one matter over the other, in the part that is its own, counts up to this."""
_LISTED = 6.0
"""… a word that adds something to what was said,"""
_BOTH = 9.0
"""… or says twice that there is more: 又吵又脏, 停水了停电了,"""
_SHARE = 5.0
"""… and the second matter's score beside the first one's, up to"""
_FULL_SHARE = 0.8
_ASKED = 2.0
"""More is wanted of a question: its parts are the circumstances of one matter."""
_MOST_PARTS = 12
_SHORT = 3
"""Fewer characters than this are no part of their own: 电梯 belongs to 也坏了."""
_LEAST = 0.3
"""Share of the best matter's score without which nothing stands beside it,"""
_ALIKE = 0.6
"""… and the one from which 又…又 counts as two things rather than as one thing said twice."""

_LISTING = re.compile(r"又(?!是)|还(?!是)|也(?!是)|旁边|而且|另外|以及|和|跟|外加|顺便|再有")
_LISTING_TWICE = re.compile(
    r"又[^ ?]{1,6}[ ]?又(?!是)|也[^ ?]{1,6}[ ]?也|^[^ ?]{2,4}了[^ ?几一两三四五六七八九十半多]{2,4}了"
)
_EDGE = re.compile(r"[ ?]+|了(?=[^吗么没吧呢不 ?])|(?=又|还|也|旁边|而且|另外|以及|和|跟|但|外加|顺便|再有)")
"""Between clauses, behind 了, and before a word that adds something."""

Alike = Callable[[Sequence[str], str], Mapping[str, float]]
"""How a text speaks for some matters by likeness."""


def separate(
    text: str, ranked: Sequence[MatterScore], hits: Mapping[str, Sequence[Hit]], alike: Alike, *, asked: bool
) -> tuple[str, ...]:
    """The best matter and the one that stands beside it in the message, or none."""
    spans = _parts(text)
    if len(ranked) < 2 or not 1 < len(spans) <= _MOST_PARTS:
        return ()
    codes = [matter.code for matter in ranked]
    parts = [_spoken_for(codes, text, span, hits, alike) for span in spans]
    listed = [_LISTED * bool(_LISTING.search(text, start, end)) for start, end in spans]
    twice = _BOTH if _LISTING_TWICE.search(text) else 0.0
    best = ranked[0]
    beside = {"": 0.0}
    for other in ranked[1:]:
        if other.score >= _LEAST * best.score:
            said = [max(one, twice) for one in listed] if other.score >= _ALIKE * best.score else listed
            beside[other.code] = _apart(parts, said, best, other)
    second = max(beside, key=lambda code: beside[code])
    return (best.code, second) if beside[second] >= _ENOUGH + _ASKED * asked else ()


def _apart(
    parts: Sequence[Mapping[str, float]], listed: Sequence[float], best: MatterScore, other: MatterScore
) -> float:
    """How plainly two matters stand apart: the smaller of their leads, each in its own part, and what helps it."""
    leads = [part[other.code] - part[best.code] for part in parts]
    own, others = min(range(len(parts)), key=leads.__getitem__), max(range(len(parts)), key=leads.__getitem__)
    lead = min(-leads[own], leads[others], _LEAD)
    if lead <= 0 or parts[others][other.code] < max(parts[others].values()):
        return 0.0
    return lead + listed[max(own, others)] + _SHARE * min(_FULL_SHARE, other.score / best.score)


def _parts(text: str) -> list[tuple[int, int]]:
    """Clauses, and within them what follows 了 or begins with a word that adds something."""
    spans: list[tuple[int, int]] = []
    for start, end in _cuts(text):
        if spans and spans[-1][1] == start and spans[-1][1] - spans[-1][0] < _SHORT:
            start = spans.pop()[0]
        spans.append((start, end))
    return spans


def _cuts(text: str) -> Iterable[tuple[int, int]]:
    edges = [0, *(found.end() for found in _EDGE.finditer(text)), len(text)]
    return [(start, end) for start, end in pairwise(edges) if text[start:end].strip(" ?")]


def _spoken_for(
    codes: Sequence[str], text: str, span: tuple[int, int], hits: Mapping[str, Sequence[Hit]], alike: Alike
) -> dict[str, float]:
    start, end = span
    shares = alike(codes, text[start:end])
    within = {code: [hit for hit in hits.get(code, ()) if hit.within(start, end)] for code in codes}
    return {code: shares[code] + score(within[code]) for code in codes}
