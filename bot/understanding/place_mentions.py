"""Which stretches of a sentence speak of a place, before the gazetteer looks them up. Works on canonical text."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice

from bot.understanding.place import BuildingEntry
from bot.understanding.place_grammar import Address, after_estate, alone
from bot.understanding.place_index import EstateIndex, Word

_RUN = re.compile(r"([一-鿿]{1,8}?)(?:的|里面|里头|那边|这边|小区)?\s*$")
_ENDS_A_PHRASE = re.compile(
    r"(?:^|[^一-鿿]|[住在是我家们俺咱的到去这那边来了天晚上下面址和跟与对从给烦请问看报说映诉口旁壁近有早午])$"
)
_ANOTHER_ESTATE = re.compile(r"(?:对面|隔壁|旁边|别的|附近|其他)的?(?:小区|社区|院子)的?\s*$")
_OTHER_NAME_BEFORE = re.compile(r"[新东西南北大小]$")
_NAMED = re.compile(
    r"(?P<name>[一-鿿]{2,6}(?:[苑院园里城府庭居湾郡坊轩阁邸街]|小区|花园|公寓|新村|大厦|广场|宿舍|山庄))(?:的|那边|这边)?\s*$"
)
_NAMED_ANYWHERE = re.compile(
    r"(?:(?<![一-鿿])|(?<=[住在是到去来和跟与对从问看]))[一-鿿]{2,8}?(?:小区|公寓|[苑院]|[园府庭](?![门子里]))"
)
_NO_NAME = re.compile(
    r"(?:[们我咱俺这那个本老旧全各别的壁面边近同了整有和幼儿公校菜家医法学住出进入治造建修管理业村宅民多带置击占所]"
    r"(?:小区|公寓|[苑院园府庭街])|[家院村区楼屋这那哪心夜面子道]里|[市省]府)$"
)
MOST_NUMBERS = 20
"""Numbers looked at in one message; nobody reports for more buildings, and 3栋3栋3栋… must stay cheap."""

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
    for address in islice(alone(text), MOST_NUMBERS):
        if address.family in index.families and not any(m.start < address.end and address.start < m.end for m in found):
            found = _with_number(text, index, found, address)
    return sorted(found, key=lambda mention: mention.start) or list(_unknown_estates(text, index))


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
    before = text[:start]
    sure = not _OTHER_NAME_BEFORE.search(before)
    if word.text[0].isdigit():
        # An estate called 2组 must not be found in 太平村2组.
        sure = bool(_ENDS_A_PHRASE.search(before))
    if not word.strong:
        # 阳光里3栋 is not 3栋 of 阳光花园, though 里 may also mean "inside".
        if not (address.values or address.part or address.generic) or text.startswith(("里", "院"), end):
            return None
        # 阳光小区 need not be 阳光里, and 金阳光3栋 need not either.
        sure = sure and not address.generic and bool(_ENDS_A_PHRASE.search(before))
    return Mention(start, max(end, address.end), address, tuple(sorted(word.estates)), sure=sure)


def _with_number(text: str, index: EstateIndex, found: list[Mention], address: Address) -> list[Mention]:
    """Give a number that stands by itself its estate, if the sentence says which."""
    alone_here = Mention(address.start, address.end, address)
    before = [mention for mention in found if mention.end <= address.start and mention.estates]
    if before and _LIST_GAP.fullmatch(text, before[-1].end, address.start):
        part = address.part or before[-1].address.part
        return [*found, replace(alone_here, address=replace(address, part=part), estates=before[-1].estates)]
    for position, mention in enumerate(found):
        if mention.estates and not mention.address.values and _REVERSED_GAP.fullmatch(text, address.end, mention.start):
            joined = replace(mention, start=address.start, address=replace(address, end=mention.end))
            return [*found[:position], joined, *found[position + 1 :]]
    if stranger := _stranger(text, index, address):
        return [*found, stranger]
    if _ANOTHER_ESTATE.search(text, max(0, address.start - 12), address.start):
        return [*found, replace(alone_here, elsewhere=True)]
    if found and (near := next((m for m in [*reversed(before), *found] if m.estates), None)):
        return [*found, replace(alone_here, estates=near.estates, sure=False)]
    return [
        *found,
        replace(alone_here, sure=bool(_ENDS_A_PHRASE.search(text, max(0, address.start - 2), address.start))),
    ]


def _stranger(text: str, index: EstateIndex, address: Address) -> Mention | None:
    """A number behind a name the gazetteer does not have: a wrong character, or a place outside."""
    run = _RUN.search(text, max(0, address.start - 12), address.start)
    if not run:
        return None
    if similar := index.similar(run[1]):
        start = run.start()
        return Mention(start, address.end, address, tuple(similar), sure=False)
    named = _NAMED.search(text, max(0, address.start - 12), address.start)
    if named and not _NO_NAME.search(named["name"]):
        return Mention(named.start(), address.end, address, sure=False, elsewhere=True)
    return None


def _unknown_estates(text: str, index: EstateIndex) -> Iterator[Mention]:
    """碧水湾小区, 紫金院: a name without a number that is no name of ours."""
    for hit in _NAMED_ANYWHERE.finditer(text):
        name = re.split(r"[住在是到去来和跟与对从问看]", hit[0])[-1]
        if len(name) < 3 or _NO_NAME.search(name):
            continue
        similar = index.similar(name)
        if similar or name.endswith(("小区", "公寓")):
            nothing = Address(hit.end(), hit.end())
            yield Mention(hit.end() - len(name), hit.end(), nothing, tuple(similar), sure=False, elsewhere=True)
