"""Two matters in one message: when both have words of their own, side by side."""

from collections.abc import Mapping, Sequence

from .rules import Hit
from .terms import MatterScore

# Tried over a grid of values on the dev messages and the shipped examples: five of eight double messages found,
# one single message in sixty torn apart.
_OWN = 4.0
"""Weight of a rule that can stand for a matter of its own."""
_BESIDE = 0.8
"""… and its share of the strongest rule in the message."""
_ALONE = 4.5
"""A single word must weigh this much: 单元门 is a place before it is a matter."""
_NEAR = 0.39
"""… and the share of the best matter's score that the other one needs."""
_MOST = 2


def separate(ranked: Sequence[MatterScore], hits: Mapping[str, Sequence[Hit]]) -> tuple[str, ...]:
    """Codes of the matters that each have a strong rule on words no better matter uses; at least two, else none."""
    taken: set[int] = set()
    chosen: list[str] = []
    strongest = max((hit.weight for found in hits.values() for hit in found), default=0.0)
    for matter in ranked:
        found = hits.get(matter.code, ())
        own = [hit.weight for hit in found if _strong(hit) and taken.isdisjoint(_words(hit))]
        if own and max(own) >= max(_OWN, _BESIDE * strongest) and matter.score >= _NEAR * ranked[0].score:
            chosen.append(matter.code)
            taken |= {position for hit in found if _strong(hit) for position in _words(hit)}
    return tuple(chosen[:_MOST]) if len(chosen) > 1 else ()


def _strong(hit: Hit) -> bool:
    return len(hit.spans) > 1 or hit.weight >= _ALONE


def _words(hit: Hit) -> set[int]:
    """Every character the rule rests on: 楼上…吵 and 装修…吵 share a word, so they are one matter."""
    return {position for start, end in hit.spans for position in range(start, end)}
