"""Which buildings stand near a point."""

from collections import defaultdict
from collections.abc import Iterable
from math import asin, cos, floor, isfinite, radians, sin, sqrt

from bot.understanding.place import BuildingEntry

EARTH_METRES = 6_371_000
_CELL_DEGREES = 0.005


def metres_between(latitude: float, longitude: float, other_latitude: float, other_longitude: float) -> float:
    """Great-circle distance (haversine) of two points in degrees."""
    half_height = radians(other_latitude - latitude) / 2
    half_width = radians(other_longitude - longitude) / 2
    chord = sin(half_height) ** 2 + cos(radians(latitude)) * cos(radians(other_latitude)) * sin(half_width) ** 2
    return 2 * EARTH_METRES * asin(min(1.0, sqrt(chord)))


class Neighbourhood:
    """邻近: buildings in cells of half a kilometre, so that a search looks at a few of them only."""

    def __init__(self, entries: Iterable[BuildingEntry]) -> None:
        self._cells: dict[tuple[int, int], list[tuple[BuildingEntry, float, float]]] = defaultdict(list)
        for entry in entries:
            if entry.latitude is not None and entry.longitude is not None:
                cell = floor(entry.latitude / _CELL_DEGREES), floor(entry.longitude / _CELL_DEGREES)
                self._cells[cell].append((entry, entry.latitude, entry.longitude))

    def near(self, latitude: float, longitude: float, limit_metres: float) -> list[tuple[BuildingEntry, float]]:
        """Nearest first. A point that is no place on earth has no neighbours."""
        if not (isfinite(latitude) and isfinite(longitude) and abs(latitude) < 90 and abs(longitude) <= 180):
            return []
        height = limit_metres / (EARTH_METRES * radians(1))
        width = height / max(cos(radians(latitude)), 0.01)
        rows = range(floor((latitude - height) / _CELL_DEGREES), floor((latitude + height) / _CELL_DEGREES) + 1)
        columns = range(floor((longitude - width) / _CELL_DEGREES), floor((longitude + width) / _CELL_DEGREES) + 1)
        found = [
            (entry, metres_between(latitude, longitude, entry_latitude, entry_longitude))
            for (row, column), entries in self._cells.items()
            if row in rows and column in columns
            for entry, entry_latitude, entry_longitude in entries
        ]
        return sorted((pair for pair in found if pair[1] <= limit_metres), key=lambda pair: (pair[1], pair[0].code))
