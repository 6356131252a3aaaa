"""What the gazetteer knows about a building, and what it found in a sentence."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class BuildingEntry:
    """楼栋: one building as the gazetteer knows it; coordinates are GCJ-02 degrees."""

    code: str
    grid_code: str
    estate: str
    name: str
    aliases: tuple[str, ...] = ()
    latitude: float | None = None
    longitude: float | None = None
    units: str = ""


PlaceKind = Literal["building", "choices", "estate", "number", "unknown", "none"]


@dataclass(frozen=True)
class PlaceFound:
    """地点: what a sentence says about where. Only kind `building` may be used without asking.

    - building: exactly one building, `buildings[0]`.
    - choices: one to nine candidates; even a single one must be confirmed (a wrong character, a loose sentence).
    - estate: an estate or street is named, its building is not; `buildings` are all of the estate.
    - number: a building number without an estate ("3栋", 三号楼) and no home that settles it.
    - unknown: a place the gazetteer does not have (碧水湾3栋), or a number the estate does not have (`estate` is
      filled then); `estates` may hold similar names to offer.
    - none: no place in the text.

    `raw` is `plain(text)[start:end]` (see place_text.py), the words that speak of the place.
    """

    kind: PlaceKind = "none"
    buildings: tuple[BuildingEntry, ...] = ()
    estate: str = ""
    unit: str = ""
    room: str = ""
    raw: str = ""
    start: int = 0
    end: int = 0
    estates: tuple[str, ...] = ()
