"""The gazetteer's words and numbers, arranged for looking up: estates, their other names, their buildings."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

import ahocorasick
from rapidfuzz import process
from rapidfuzz.distance import OSA

from bot.understanding.place import BuildingEntry
from bot.understanding.place_grammar import Address, split_name
from bot.understanding.place_text import canonical, plain

_ENDINGS = re.compile(
    r"(?<=..)(?:小区|社区|花园|花苑|家园|家苑|嘉园|嘉苑|公寓|大厦|新村|新苑|新城|山庄|名苑|名城|雅苑|广场|宿舍|家属院|家属楼|大院"
    r"|[苑园里城府庭居院湾郡村坊轩阁邸])$"
)
_PARTED_ESTATE = re.compile(r"(.{2,}?)[(\[]?第?(\d{1,2}期|[东西南北中]区|[A-Z]区|\d{1,2}区|\d{1,2}组团)[)\]]?")
# 紫荆苑3号 may be 3号楼, or the third of the month: "号" finds other number words surely, plain buildings unsurely.
_NEXT_FAMILIES = {"": ("号",), "号": ("院", "弄"), "院": ("号",), "弄": ("号",)}
# 三社 and 三组 are two words for one thing in some villages and two things in others: offered, never taken.
_KINDRED = {"组": "社", "社": "组"}


# Titles that many estates share: without their estate's name they say nothing.
_ANYWHERES = re.compile(
    r"(?:幼儿园|[小中大]?学校?|停车场|[车仓]库|车棚|物业.{0,2}|门卫.?|.{0,2}中心|卫生.|超市|.{0,2}市场|.{0,2}大厅|门面|商铺|食堂|宿舍楼?|公寓楼?"
    r"|大门|[东西南北中主副][区楼栋]|(?:管理|办公|综合|教学|住宅|居民|家属|商业|临街)楼|图书馆)"
)
SHORTENED, ALIAS, NAME = range(3)
"""How a word came to mean an estate; what was written down outranks what we made up."""


@dataclass
class Word:
    """A name by which estates are called. A weak one (紫荆 for 紫荆苑) needs a number behind it to count."""

    text: str
    strong: bool = False
    rank: int = SHORTENED
    estates: set[str] = field(default_factory=set)
    buildings: list[BuildingEntry] = field(default_factory=list)


class EstateIndex:
    """小区索引: who is called what, and which building has which number."""

    def __init__(self, entries: Iterable[BuildingEntry]) -> None:
        self.words: dict[str, Word] = {}
        self.estates: dict[str, list[BuildingEntry]] = defaultdict(list)
        self.part_of: dict[str, tuple[str, str]] = {}
        self.families = {""}
        self.branches: set[str] = set()
        """House numbers such as 22-1."""
        self.alike: set[str] = set()
        """Codes of buildings that are called like their estate: one house, one name."""
        self._numbers: dict[tuple[str, str, str], list[tuple[str, BuildingEntry]]] = defaultdict(list)
        for entry in entries:
            self._add(entry)
        self._names = [word.text for word in self.words.values() if word.strong and len(word.text) >= 3]
        self._automaton = ahocorasick.Automaton()
        for word in self.words.values():
            self._automaton.add_word(word.text, word)
        self._automaton.make_automaton()

    def _add(self, entry: BuildingEntry) -> None:
        # Without an estate the street of 望月街18号 stands for one.
        name = _comparable(entry.estate) or split_name(_comparable(entry.name)).head
        parted = _PARTED_ESTATE.fullmatch(name)
        estate, part = (parted[1], parted[2]) if parted else (name, "")
        self.estates[estate].append(entry)
        self.part_of[entry.code] = (estate, part)
        self._call(estate, estate, NAME, strong=True)
        for other in (entry.name, *entry.aliases):
            title = _comparable(other)
            if title == name:
                self.alike.add(entry.code)
            else:
                self._add_name(entry, estate, part, title)

    def _add_name(self, entry: BuildingEntry, estate: str, part: str, name: str) -> None:
        inside = name.removeprefix(estate).strip() or name
        said = split_name(inside)
        if not said.value or not said.whole:
            self._add_title(entry, estate, inside)
        if not said.value:
            return
        if said.head and said.head != estate:
            self._call(said.head, estate, ALIAS, strong=len(said.head) >= 3)
        home_part = said.part or part
        self.part_of[entry.code] = (estate, home_part)
        self.families |= {said.family, _KINDRED.get(said.family, said.family)}
        if said.family == "号" and "-" in said.value:
            self.branches.add(said.value)
        known = self._numbers[estate, said.family, said.value]
        if (home_part, entry) not in known:
            known.append((home_part, entry))

    def _add_title(self, entry: BuildingEntry, estate: str, title: str) -> None:
        """A building with a name instead of a number: 小白楼."""
        alone = len(title) >= 3 and not _ANYWHERES.fullmatch(title)
        for text in {estate + title, title if alone else estate + title}:
            word = self.words.setdefault(text, Word(text, strong=True))
            if entry not in word.buildings:
                word.buildings.append(entry)

    def _call(self, text: str, estate: str, rank: int, *, strong: bool) -> None:
        """Let `text` mean `estate`, and let its short form mean it weakly."""
        if len(text) < 2:
            return
        word = self.words.setdefault(text, Word(text))
        if rank < word.rank or (estate in word.estates and rank == word.rank):
            return
        word.estates = {estate} if rank > word.rank else word.estates | {estate}
        word.rank, word.strong = rank, word.strong or strong
        if ending := _ENDINGS.search(text):
            short = text[: ending.start()]
            self._call(short, estate, SHORTENED, strong=strong and ending[0] in ("小区", "社区") and len(short) >= 3)

    def spoken(self, text: str) -> Iterator[tuple[int, int, Word]]:
        """Names that occur in `text`, the longest where they overlap, in order."""
        if not self.words:
            return
        hits = [(end + 1 - len(word.text), end + 1, word) for end, word in self._automaton.iter(text)]
        hits = [hit for hit in hits if not _cuts_a_number(text, hit[0]) and not _cuts_a_number(text, hit[1])]
        hits.sort(key=lambda hit: (hit[0], -hit[1]))
        reached = 0
        for start, end, word in hits:
            if start >= reached:
                reached = end
                yield start, end, word

    def estate(self, name: str, part: str) -> list[BuildingEntry]:
        """All buildings of an estate, or of one part of it."""
        return [entry for entry in self.estates[name] if not part or self.part_of[entry.code][1] == part]

    def parted(self, estate: str) -> bool:
        """Whether the estate has parts (一期, 东区)."""
        return any(self.part_of[entry.code][1] for entry in self.estates[estate])

    def settled(self, estates: Iterable[str], address: Address) -> Address:
        """The address with 1-1 read as one number where an estate numbers its buildings so."""
        for family in (address.family, *_NEXT_FAMILIES.get(address.family, ())):
            if any((estate, family, address.compound) in self._numbers for estate in estates):
                return replace(address, values=(address.compound,), family=family, unit="", sure=True)
        return address

    def numbered(self, estates: Iterable[str], address: Address) -> tuple[list[BuildingEntry], bool]:
        """Buildings of these estates with the number said, and whether the number surely means them."""
        found: list[BuildingEntry] = []
        sure = address.sure
        for estate in sorted(estates):
            for value in address.values:
                entries, certain = self._number(estate, address, value)
                found += entries
                # 望月街22号 is 22号院 as surely as if 院 had been written.
                sure = certain if address.family == "号" and entries else sure and certain
        return list(dict.fromkeys(found)), sure

    def _number(self, estate: str, address: Address, value: str) -> tuple[list[BuildingEntry], bool]:
        for near in (address.family, *_NEXT_FAMILIES.get(address.family, ())):
            known = self._numbers.get((estate, near, value), [])
            fitting = [entry for part, entry in known if not address.part or part == address.part]
            if fitting:
                return fitting, True
        family = "" if address.family == "号" else _KINDRED.get(address.family)
        known = [] if family is None else self._numbers.get((estate, family, value), [])
        return [entry for part, entry in known if not address.part or part == address.part], not known

    def similar(self, text: str) -> list[str]:
        """Estates one wrong, missing or extra character away from the end of `text`; only ever to be offered."""
        found: dict[str, None] = {}
        for length in range(3, min(8, len(text)) + 1):
            for name, _, _ in process.extract(
                text[-length:], self._names, scorer=OSA.distance, score_cutoff=1, limit=9
            ):
                found |= dict.fromkeys(sorted(self.words[name].estates))
        return list(found)


def _comparable(name: str) -> str:
    return canonical(plain(name.strip())).text


def _cuts_a_number(text: str, at: int) -> bool:
    return 0 < at < len(text) and text[at - 1].isdigit() and text[at].isdigit()
