"""Text made comparable for the place parser, with the way back to the reader's text."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

import cn2an
import opencc

LONGEST = 2048
"""Characters looked at: the longest text an official account delivers."""

_SIMPLIFIED = opencc.OpenCC("t2s")
_UPPER = str.maketrans("abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ") | {
    ord(dash): "-" for dash in "‐‑‒–—―−"
}

_DIGITS = "零〇一二三四五六七八九幺壹贰叁肆伍陆柒捌玖"
_TENS = "十百拾佰廿卅"
# Only numerals in front of a word of addresses (or behind one, for spoken room numbers) are read as numbers:
# cn2an on free text would turn 一直 into 1直.
_NUMERAL = (
    rf"(?<![{_DIGITS}{_TENS}])[{_DIGITS}{_TENS}]{{1,6}}(?=\s*(?:[栋幢座弄组社排队期区门室#懂洞]|号|单元|楼|(?:村民)?小组))"
    rf"|(?:(?<=单元)|(?<=号楼)|(?<=[栋幢座]))[{_DIGITS}]{{3,4}}(?![{_DIGITS}{_TENS}])"
)
# 22号附1号 and 22号之1 are written 22-1号; runs of blanks are one, so that no pattern walks them twice.
_REWRITTEN = re.compile(
    rf"(?P<blanks>\s{{2,}})|(?<=[\d{_DIGITS}{_TENS}])号\s*[附之]\s*(?P<branch>\d{{1,3}}|[{_DIGITS}{_TENS}]{{1,4}})(?!\d)号?"
    rf"|(?P<numeral>{_NUMERAL})"
)


def plain(text: str) -> str:
    """Full width to half width, traditional to simplified: the text that spans of places refer to."""
    # NFKC may lengthen a text (㍿), so the cut comes after it as well.
    return _simplified(unicodedata.normalize("NFKC", text[:LONGEST])[:LONGEST])


def _simplified(text: str) -> str:
    # A lone surrogate cannot be handed to OpenCC.
    return str(_SIMPLIFIED.convert(text.encode("utf-8", "replace").decode("utf-8")))


@lru_cache(maxsize=1024)
def _number(numeral: str) -> str:
    if numeral.isdecimal():
        return numeral
    common = numeral.replace("〇", "零").replace("幺", "一").replace("廿", "二十").replace("卅", "三十")
    try:
        return str(cn2an.cn2an(common, "smart"))
    except (ValueError, LookupError):
        return numeral


def _rewritten(hit: re.Match[str]) -> str:
    if hit["blanks"]:
        return " "
    return f"-{_number(hit['branch'])}号" if hit["branch"] else _number(hit["numeral"])


@dataclass(frozen=True)
class Canonical:
    """Digits for numerals, capital letters, single blanks; `offsets[i]` is where character i stands in the plain text."""

    text: str
    offsets: tuple[int, ...] | None = None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The same stretch in the plain text."""
        return (self.offsets[start], self.offsets[end]) if self.offsets else (start, end)


def canonical(text: str) -> Canonical:
    """`text` must be plain."""
    upper = text.translate(_UPPER)
    pieces: list[str] = []
    offsets: list[int] = []
    done = 0
    for hit in _REWRITTEN.finditer(upper):
        said = _rewritten(hit)
        pieces += [upper[done : hit.start()], said]
        offsets += [*range(done, hit.start()), *[hit.start()] * len(said)]
        done = hit.end()
    if not pieces:
        return Canonical(upper)
    return Canonical("".join([*pieces, upper[done:]]), (*offsets, *range(done, len(upper) + 1)))
