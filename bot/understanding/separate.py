"""Several matters in one message: when one part of it speaks plainly for the one, another part for the other."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from .rules import Hit, score
from .terms import MatterScore

# Tried over a grid on messages the bot had not learnt: of those with two matters more than half are understood, and
# of those with one a fiftieth is torn. All of it is flat around these.
_ENOUGH = 21.0
"""What the lead, the matter's own score and the sign of a list must come to together."""
_LEAD = 16.0
"""A lead over the best matter, in the part where it is largest, counts up to this;"""
_OWN = 1.5
"""… so many times the score that the whole message gives the matter,"""
_LOUD = 8.0
"""… of which no more than this counts;"""
_LISTED = 7.0
"""… a word that adds something to what was said;"""
_SAYS = 2.5
"""… what is wrong or wanted, said in the part itself,"""
_EFFECT = 4.0
"""… less this where the part tells what came of the first: 臭得不敢开窗, 老人下不来."""
_ASKED = 7.0
"""In a question, what one part only tells is the circumstance of what the other asks: 房顶漏水 能动用维修资金吗."""
_THIRD = 6.0
"""Lead over both from which on a third matter stands beside them."""
_TERSE = 18
"""Characters up to which a message may be nothing but a few statements of the same make,"""
_NAMED = 2.0
"""… each of which names its matter by a rule of this weight."""
_MOST_PARTS = 12
_SHORT = 3
"""Fewer characters than this are no part of their own: 电梯 belongs to 也坏了."""
_LEAST = 4.5
"""A matter with a lower score is a hint: no part of the message can make up for it."""
_GENERAL = "other"
"""The matter of everything else stands beside none."""

_LISTING = re.compile(
    r"又(?!是)|(?<![点夜在后])还(?![是钱款债给能])|也(?!是)|旁边|而且|另外|以及|外加|顺便|顺带|再有|再一个|对了|二是"
    r"|(?<!说)和(?![好平谐解气善])|跟(?![着他她我人前]|[^ ?]{0,9}(?:似的|一样))"
)
_CLAUSE = re.compile(r"[^ ?]+")
_CUT = re.compile(r"了(?=[^吗么没吧呢不 ?])|(?=又|还|也|旁边|而且|另外|以及|和|跟|但|外加|顺便|再有)")
"""Within a clause: behind 了, and before a word that adds something."""
_SAYS_NOTHING = re.compile(
    r"[^ ?]{0,4}(?:你好|您好|早上好|辛苦|麻烦|谢谢)[^ ?]{0,3}(?![^ ?])"
    r"|(?:不是|没有?人)[^ ?]*+(?=[ ?]+(?:而?是|就是|只是))"
)
"""A greeting, and what it is not: 不是漏水 是反水."""
_EFFECTS = re.compile(
    r"[^ ?]{1,2}得(?![很到了有行])|害得|搞得|弄得|所以|结果|(?:我家?)?(?:孩子|老人|妈|爸)"
    r"|[^ ?]*(?:不敢|没法|只能|只好|睡不着|受不了|不成|(?<!对)不起)"
)
_FAULT = re.compile(r"[坏破断堵漏满倒裂掉臭吵黑脏乱偷欠没占歪塌翘冒瞎停锈碎渗]|不[亮通动开关转冲制走灵]")
_ASKS = re.compile(r"怎么|哪|多少|几|吗|能不能|可以|有没有|谁|[不没](?![^ ?])")
_STATEMENTS = re.compile(
    r"((?:[^ ?了几一两三四五六七八九十半多]{2,6}了 ?){2,3}|([停断没缺])[^ ?]{1,3}[ 也又]?\2[^ ?]{1,3}) ?[^ ?了]{0,6}\??"
)
_STATEMENT = re.compile(r"[停断没缺][^ ?停断没缺了]{1,3}了?|[^ ?了]{2,6}了")

Span = tuple[int, int]
Alike = Callable[[Sequence[str], str], Mapping[str, float]]
"""How a text speaks for some matters by likeness."""


class _Beside(NamedTuple):
    plain: float
    """How plainly a matter stands beside the best one."""
    code: str
    part: int
    """… and where it does."""


def separate(
    text: str, ranked: Sequence[MatterScore], hits: Mapping[str, Sequence[Hit]], alike: Alike, *, asked: bool
) -> tuple[str, ...]:
    """The best matter and what stands beside it in the message, two at most; or none."""
    if len(text) <= _TERSE and (codes := _in_a_row(text, ranked, hits)):
        return codes
    others = [matter for matter in ranked[1:] if matter.score >= _LEAST and matter.code != _GENERAL]
    spans = _parts(text) if others else []
    if not 1 < len(spans) <= _MOST_PARTS:
        return ()
    best = ranked[0].code
    listing = [found.start() for found in _LISTING.finditer(text)]
    parts = _spoken_for([best, *(other.code for other in others)], text, spans, hits, alike)
    found = (_beside(best, other, text, spans, parts, listing, asked) for other in others)
    beside = sorted((one for one in found if one and one.plain >= _ENOUGH), reverse=True)
    if not beside:
        return ()
    second = beside[0]
    third = (one.code for one in beside[1:] if _third(best, second, one, spans, parts))
    return (best, second.code, *list(third)[:1])


def _in_a_row(text: str, ranked: Sequence[MatterScore], hits: Mapping[str, Sequence[Hit]]) -> tuple[str, ...]:
    """停水停电, 灯坏了门坏了: too short for likeness, but every statement names a matter."""
    row = _STATEMENTS.fullmatch(text)
    if not row:
        return ()
    spans = [*(found.span() for found in _STATEMENT.finditer(text, 0, row.end(1))), (row.end(1), len(text))]
    *named, left = (_named(ranked, hits, *span) for span in spans)
    codes = tuple(dict.fromkeys(named))
    return codes if len(codes) > 1 and ranked[0].code in codes and "" not in codes and not left else ()


def _named(ranked: Sequence[MatterScore], hits: Mapping[str, Sequence[Hit]], start: int, end: int) -> str:
    """The matter whose rules speak loudest in one stretch; empty if none is loud."""
    loud = {m.code: score(hit for hit in hits.get(m.code, ()) if hit.within(start, end)) for m in ranked}
    best = max(loud, key=loud.__getitem__, default="")
    return best if loud.get(best, 0.0) >= _NAMED else ""


def _beside(
    best: str,
    other: MatterScore,
    text: str,
    spans: Sequence[Span],
    parts: Sequence[Mapping[str, float]],
    listing: Sequence[int],
    asked: bool,
) -> _Beside | None:
    """Another matter with a part of its own, if the best one has one elsewhere."""
    leads = [part[other.code] - part[best] for part in parts]
    own = max(range(len(leads)), key=leads.__getitem__)
    rest = [place for place, span in enumerate(spans) if _apart(span, spans[own])]
    first = min(rest, key=leads.__getitem__, default=own)
    if leads[own] <= 0 or leads[first] >= 0:
        return None
    start, end = spans[max(own, first)]
    plain = min(leads[own], _LEAD) + _OWN * min(other.score, _LOUD)
    asks, asks_too = (bool(_ASKS.search(text, *spans[place])) for place in (own, first))
    if any(start <= place < end for place in listing):
        plain += _LISTED
    elif asked and asks != asks_too:
        plain -= _ASKED
    plain += _SAYS * ((asks and asks_too) + bool(_FAULT.search(text, *spans[own])))
    plain -= _EFFECT * bool(own and _EFFECTS.match(text, spans[own][0]))
    return _Beside(plain, other.code, own)


def _third(
    best: str, second: _Beside, third: _Beside, spans: Sequence[Span], parts: Sequence[Mapping[str, float]]
) -> bool:
    """Whether one more matter speaks much louder in its own part than the two and than any other there."""
    part = parts[third.part]
    loud = part[third.code]
    elsewhere = _apart(spans[third.part], spans[second.part])
    return elsewhere and loud >= max(part.values()) and loud >= max(part[best], part[second.code]) + _THIRD


def _apart(one: Span, other: Span) -> bool:
    return one[1] <= other[0] or other[1] <= one[0]


def _parts(text: str) -> list[Span]:
    """The clauses that say something; of a single one, its own parts."""
    clauses = [found.span() for found in _CLAUSE.finditer(text) if not _SAYS_NOTHING.match(text, found.start())]
    return _within(text, *clauses[0]) if len(clauses) == 1 else clauses


def _within(text: str, start: int, end: int) -> list[Span]:
    spans: list[Span] = []
    for first, last in _cuts(text, start, end):
        if spans and spans[-1][1] - spans[-1][0] < _SHORT:
            first = spans.pop()[0]
        spans.append((first, last))
    return spans


def _cuts(text: str, start: int, end: int) -> Iterable[Span]:
    edges = [start, *(found.end() for found in _CUT.finditer(text, start, end)), end]
    return (span for span in pairwise(edges) if span[0] < span[1])


def _spoken_for(
    codes: Sequence[str], text: str, spans: Sequence[Span], hits: Mapping[str, Sequence[Hit]], alike: Alike
) -> list[dict[str, float]]:
    """How each part speaks for each matter: by the rules whose words all stand in it, and by likeness."""
    reach = {
        code: [(min(hit.spans)[0], max(end for _, end in hit.spans), hit) for hit in hits.get(code, ())]
        for code in codes
    }
    parts: list[dict[str, float]] = []
    for start, end in spans:
        shares = alike(codes, text[start:end])
        parts.append(
            {
                code: shares[code] + score(hit for first, last, hit in reach[code] if start <= first and last <= end)
                for code in codes
            }
        )
    return parts
