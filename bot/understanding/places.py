"""Places as residents write them: which building, estate or number a sentence speaks of. Never guesses between two.

    紫荆苑3栋2单元501 · 紫荆3幢 · 三号楼 · 3-2-501 · 锦绣城二期8栋 · 望月街22号院 · 青龙村三组

An estate's name is looked up; what stands behind it is read by place_grammar; a number alone counts for the
estate of the resident's home. Wrong characters and loose sentences end in a question, never in a building.
"""

from collections.abc import Iterable
from dataclasses import replace

from bot.understanding.place import BuildingEntry, PlaceFound, PlaceKind
from bot.understanding.place_contrast import meant
from bot.understanding.place_grammar import Address
from bot.understanding.place_index import EstateIndex
from bot.understanding.place_mentions import Mention, mentions
from bot.understanding.place_near import Neighbourhood
from bot.understanding.place_text import canonical, plain

__all__ = ["BuildingEntry", "Gazetteer", "PlaceFound"]

CHOICES = 9
"""As many as one digit can choose from."""


class Gazetteer:
    """地名录: all buildings of a deployment and the parser that finds them in sentences."""

    def __init__(self, buildings: Iterable[BuildingEntry]) -> None:
        entries = list(buildings)
        self._index = EstateIndex(entries)
        self._neighbourhood = Neighbourhood(entries)

    def find(self, text: str, home: Iterable[str] = ()) -> PlaceFound:
        """The one place a sentence speaks of; `home` are the codes of the resident's buildings."""
        found = meant(self.find_all(text, home), plain(text))
        numbered = [place for place in found if place.kind != "estate"]
        if not numbered:
            return found[0] if found else PlaceFound()
        estates = {place.estate for place in found if place.estate}
        if len(numbered) == 1 and (numbered[0].kind != "building" or len(estates) <= 1):
            return numbered[0]
        return _together(found, numbered, plain(text), one_estate=len(estates) <= 1)

    def find_all(self, text: str, home: Iterable[str] = ()) -> list[PlaceFound]:
        """Every place a sentence speaks of, in order; the empty list when it speaks of none."""
        clean = plain(text)
        said = canonical(clean)
        homes = list(dict.fromkeys(self._index.part_of[code] for code in home if code in self._index.part_of))
        found = []
        for mention in mentions(said.text, self._index):
            place = self._look_up(mention, homes)
            start, end = said.span(mention.start, mention.end)
            found.append(replace(place, raw=clean[start:end], start=start, end=end))
        return found

    def near(self, latitude: float, longitude: float, limit_metres: float = 300) -> list[tuple[BuildingEntry, float]]:
        """Buildings within `limit_metres` of a point in GCJ-02 degrees with their distance, nearest first."""
        return self._neighbourhood.near(latitude, longitude, limit_metres)

    def words(self) -> set[str]:
        """Names of estates, for jieba's dictionary."""
        return {word.text for word in self._index.words.values() if word.strong}

    def _look_up(self, mention: Mention, homes: list[tuple[str, str]]) -> PlaceFound:
        if mention.titled:
            return _chosen(list(mention.titled), mention.address, sure=mention.sure)
        if mention.elsewhere or not mention.estates:
            return self._without_estate(mention, [] if mention.elsewhere else homes)
        if not mention.address.values:
            return self._whole_estate(mention)
        return self._in_estates(mention, homes)

    def _without_estate(self, mention: Mention, homes: list[tuple[str, str]]) -> PlaceFound:
        address = mention.address
        if mention.elsewhere and not mention.sure:
            return PlaceFound("unknown", unit=address.unit, room=address.room, estates=mention.estates)
        entries = [entry for estate, part in homes for entry in self._at_home(estate, part, address)]
        if entries and mention.sure:
            return _chosen(list(dict.fromkeys(entries)), address, sure=True)
        return PlaceFound("number", unit=address.unit, room=address.room)

    def _at_home(self, estate: str, part: str, address: Address) -> list[BuildingEntry]:
        """The number in the resident's own part of the estate, else in the rest of it."""
        address = self._index.settled([estate], address)
        if part and not address.part:
            own, _ = self._index.numbered([estate], replace(address, part=part))
            if own:
                return own
        return self._index.numbered([estate], address)[0]

    def _whole_estate(self, mention: Mention) -> PlaceFound:
        if len(mention.estates) > 1:
            return PlaceFound("unknown", estates=mention.estates)
        entries = self._index.estate(mention.estates[0], mention.address.part)
        if len(entries) == 1 and mention.sure and entries[0].code in self._index.alike:
            return _chosen(entries, mention.address, sure=True)
        kind: PlaceKind = "estate" if entries else "unknown"
        return PlaceFound(kind, tuple(entries), _name(entries, mention.estates[0]))

    def _in_estates(self, mention: Mention, homes: list[tuple[str, str]]) -> PlaceFound:
        estates = mention.estates
        address = self._index.settled(estates, mention.address)
        entries, sure = self._index.numbered(estates, address)
        if not entries and address.part and not any(self._index.parted(estate) for estate in estates):
            entries, sure = self._index.numbered(estates, replace(address, part=""))[0], False
        if not entries:
            whole = self._index.estate(estates[0], "") if len(estates) == 1 else []
            name = _name(whole, estates[0]) if whole else ""
            return PlaceFound("unknown", (), name, address.unit, address.room, estates=estates)
        own = {estate for estate, _ in homes}
        entries.sort(key=lambda entry: self._index.part_of[entry.code][0] not in own)
        return _chosen(entries, address, sure=sure and mention.sure)


def _chosen(entries: list[BuildingEntry], address: Address, *, sure: bool) -> PlaceFound:
    if len(entries) == 1 and sure and len(address.values) <= 1:
        return PlaceFound("building", tuple(entries), entries[0].estate, address.unit, address.room)
    return PlaceFound("choices", tuple(entries[:CHOICES]), _name(entries, ""), address.unit, address.room)


def _name(entries: list[BuildingEntry], otherwise: str) -> str:
    names = {entry.estate for entry in entries}
    return names.pop() if len(names) == 1 else otherwise


def _together(found: list[PlaceFound], numbered: list[PlaceFound], text: str, *, one_estate: bool) -> PlaceFound:
    """Several mentions: one place if they all say the same, a question otherwise."""
    buildings = tuple(dict.fromkeys(entry for place in numbered for entry in place.buildings))
    if len(buildings) == 1 and one_estate and all(place.kind == "building" for place in numbered):
        return max(numbered, key=lambda place: len(place.raw))
    start, end = min(place.start for place in found), max(place.end for place in found)
    kind = "choices" if buildings else numbered[0].kind
    return PlaceFound(kind, buildings[:CHOICES], raw=text[start:end], start=start, end=end)
