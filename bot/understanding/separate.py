"""Two matters in one message: when both have words of their own, side by side."""

from collections.abc import Mapping, Sequence

from .rules import Hit, score
from .terms import MatterScore

_OWN = 2.5
_MOST = 3


def separate(ranked: Sequence[MatterScore], hits: Mapping[str, Sequence[Hit]]) -> tuple[str, ...]:
    """Codes of matters whose evidence shares no characters with a better one's; at least two, else none."""
    taken: set[int] = set()
    chosen: list[str] = []
    for matter in ranked:
        found = hits.get(matter.code, ())
        own = [hit for hit in found if taken.isdisjoint(_covered(hit))]
        if score(own) >= _OWN and (not chosen or matter.score * 2 >= ranked[0].score):
            chosen.append(matter.code)
        for hit in found:
            taken |= _covered(hit)
    return tuple(chosen[:_MOST]) if len(chosen) > 1 else ()


def _covered(hit: Hit) -> set[int]:
    return {position for start, end in hit.spans for position in range(start, end)}
