"""Which stretches of a sentence speak of a place, before the gazetteer looks them up. Works on canonical text."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain, islice

from bot.understanding.place import BuildingEntry
from bot.understanding.place_grammar import Address, after_estate, alone
from bot.understanding.place_index import EstateIndex, Word
from bot.understanding.place_strangers import Stranger, before_number, streets, without_number

_ENDS_A_PHRASE = re.compile(
    r"(?:^|[^一-鿿]|[住在是我家们俺咱的到去这那边来了天晚上下面址和跟与对从给烦请问看报说映诉口旁壁近有早午])$"
)
_ANOTHER_ESTATE = re.compile(r"(?:对面|隔壁|旁边|别的|附近|其他)的?(?:小区|社区|院子)的?\s*$")
_OTHER_NAME_BEFORE = re.compile(r"[新老东西南北大小]$")
MOST_NUMBERS = 20
"""Numbers looked at in one message; nobody reports for more buildings, and 3栋3栋3栋… must stay cheap."""

_BRANCH = re.compile(r"(?<![\d\-.:])(?P<number>\d{1,3}-\d{1,3})号(?![线码楼院])")
_LIST_GAP = re.compile(r"[\s、,和及跟与到至~-]*(?:还有)?\s*")
_REVERSED_GAP = re.compile(r"[\s,、]*(?:的|是|在)?\s*")


@dataclass(frozen=True)
class Mention:
    """提到的地方: the estates it may belong to (none: only a number), what was read, and whether it is surely meant."""

    start: int
    end: int
    address: Address
    estates: tuple[str, ...] = ()
    titled: tuple[BuildingEntry, ...] = ()
    sure: bool = True
    elsewhere: bool = False
    """It names a place that is not the resident's own: home must not fill the gap."""


def mentions(text: str, index: EstateIndex) -> list[Mention]:
    """All mentions of places, in the order of the sentence."""
    named = list(_named_estates(text, index))
    found = list(named)
    for address in islice(chain(_branches(text, index), alone(text)), MOST_NUMBERS):
        if not _overlapping(found, address.start, address.end):
            found = _with_number(text, index, found, address)
    for street in islice(streets(text, index), MOST_NUMBERS):
        if not _overlapping(found, street.start, street.end):
            values = (street.number,) if street.number else ()
            found.append(_of_stranger(street, Address(street.end, street.end, values=values, family="号")))
    found = found or [_of_stranger(name, Address(name.end, name.end)) for name in without_number(text, index)]
    return sorted(found, key=lambda mention: mention.start)


def _of_stranger(stranger: Stranger, address: Address) -> Mention:
    return Mention(
        stranger.start,
        address.end,
        address,
        stranger.estates,
        sure=False,
        elsewhere=not (stranger.estates and address.values),
    )


def _named_estates(text: str, index: EstateIndex) -> Iterator[Mention]:
    reached = 0
    for start, end, word in index.spoken(text):
        if start < reached:
            continue
        mention = _named_estate(text, index, start, end, word)
        if mention:
            reached = mention.end
            yield mention


def _named_estate(text: str, index: EstateIndex, start: int, end: int, word: Word) -> Mention | None:
    if word.buildings:
        return Mention(start, end, Address(end, end), titled=tuple(word.buildings))
    address = after_estate(text, end)
    if address.family not in index.families | {"号"}:
        address = Address(end, end)
    # Searches that end at a name look at its neighbours only: a text of names stays linear.
    near = max(0, start - 2)
    sure = not _OTHER_NAME_BEFORE.search(text, near, start)
    if word.text[0].isdigit():
        # An estate called 2组 must not be found in 太平村2组.
        sure = bool(_ENDS_A_PHRASE.search(text, near, start))
    if not word.strong:
        # 阳光里3栋 is not 3栋 of 阳光花园, though 里 may also mean "inside".
        if not (address.values or address.part or address.generic) or text.startswith(("里", "院"), end):
            return None
        # 阳光小区 need not be 阳光里, and 金阳光3栋 need not either.
        sure = sure and not address.generic and bool(_ENDS_A_PHRASE.search(text, near, start))
    return Mention(start, max(end, address.end), address, tuple(sorted(word.estates)), sure=sure)


def _with_number(text: str, index: EstateIndex, found: list[Mention], address: Address) -> list[Mention]:
    """Give a number that stands by itself its estate, if the sentence says which."""
    stranger = before_number(text, index, address.start)
    if address.family not in index.families:
        return [*found, _of_stranger(stranger, address)] if stranger else found
    alone_here = Mention(address.start, address.end, address)
    before = [mention for mention in found if mention.end <= address.start and mention.estates]
    if before and _LIST_GAP.fullmatch(text, before[-1].end, address.start):
        part = address.part or before[-1].address.part
        return [*found, replace(alone_here, address=replace(address, part=part), estates=before[-1].estates)]
    for position, mention in enumerate(found):
        if mention.estates and not mention.address.values and _REVERSED_GAP.fullmatch(text, address.end, mention.start):
            joined = replace(mention, start=address.start, address=replace(address, end=mention.end))
            return [*found[:position], joined, *found[position + 1 :]]
    if stranger:
        return [*found, _of_stranger(stranger, address)]
    if _ANOTHER_ESTATE.search(text, max(0, address.start - 12), address.start):
        return [*found, replace(alone_here, elsewhere=True)]
    if found and (near := next((m for m in [*reversed(before), *found] if m.estates), None)):
        return [*found, replace(alone_here, estates=near.estates, sure=False)]
    return [
        *found,
        replace(alone_here, sure=bool(_ENDS_A_PHRASE.search(text, max(0, address.start - 2), address.start))),
    ]


def _branches(text: str, index: EstateIndex) -> Iterator[Address]:
    """22-1号 without its street, where a house is numbered so."""
    for hit in _BRANCH.finditer(text) if index.branches else ():
        if hit["number"] in index.branches:
            yield Address(hit.start(), hit.end(), values=(hit["number"],), family="号")


def _overlapping(mentions: list[Mention], start: int, end: int) -> bool:
    return any(mention.start < end and start < mention.end for mention in mentions)
