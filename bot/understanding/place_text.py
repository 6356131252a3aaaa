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
# Only numerals in front of a word of addresses (or behind one, for spoken room numbers) are read as numbers:
# cn2an on free text would turn 一直 into 1直.
_NUMERAL = re.compile(
    rf"(?<![{_DIGITS}十百])[{_DIGITS}十百]{{1,5}}(?=\s*(?:[栋幢座弄组排队期区门室#]|号|单元|楼))"
    rf"|(?:(?<=单元)|(?<=号楼)|(?<=[栋幢座]))[{_DIGITS}]{{3,4}}(?![{_DIGITS}十百])"
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
    try:
        return str(cn2an.cn2an(numeral.replace("〇", "零").replace("幺", "一"), "smart"))
    except (ValueError, LookupError):
        return numeral


@dataclass(frozen=True)
class Canonical:
    """Digits for numerals, capital letters; `offsets[i]` is where character i stands in the plain text."""

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
    for hit in _NUMERAL.finditer(upper):
        number = _number(hit[0])
        pieces += [upper[done : hit.start()], number]
        offsets += [*range(done, hit.start()), *[hit.start()] * len(number)]
        done = hit.end()
    if not pieces:
        return Canonical(upper)
    return Canonical("".join([*pieces, upper[done:]]), (*offsets, *range(done, len(upper) + 1)))
