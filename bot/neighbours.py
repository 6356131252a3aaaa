"""The same matter at the same place: which open ticket of a neighbour a report may belong to (domain §4.6)."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from math import cos, radians
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import aliased

from bot.turn import Turn
from bot.understanding.place_near import EARTH_METRES, metres_between
from models.area import Area, Building
from models.following import ever_followed, survivor
from models.matter import Matter
from models.ticket import Ticket, ticket_for_update
from models.transitions import CLOSED, TO_DO

WIDE_METRES = 100
"""From here on a matter is about more than one building: an estate named without one counts, and units do not matter."""
MOST = 30
_UNIT = re.compile(r"(\d+)单元$")


def hold_matters(turn: Turn, codes: Iterable[str]) -> None:
    """Two first reports of one thing at the same moment come one after the other, so that the second finds the first."""
    shared = select(Matter.code).where(Matter.code.in_(set(codes)), Matter.same_metres > 0)
    turn.session.execute(shared.order_by(Matter.code).with_for_update(key_share=True)).all()


def ticket_of_neighbours(turn: Turn, matter_code: str, place: dict[str, Any]) -> Ticket | None:
    """The oldest ticket still to be done of the same matter at the same place, held for update.

    None when every report of this matter is its own, when the resident has reported it here themselves, or when they
    have said before that theirs is another one.
    """
    matter = turn.session.get_one(Matter, matter_code)
    if not matter.same_metres or matter.confidential or not turn.office.settings.duplicates.days:
        return None
    for found in _nearest_first(turn, matter, place):
        if any(ticket.resident_id == turn.resident.id and not ticket.finished for ticket in found):
            return None
        if ticket := _first_open(turn, found):
            return ticket
    return None


def _nearest_first(turn: Turn, matter: Matter, place: dict[str, Any]) -> Iterator[Sequence[Ticket]]:
    """In the same building, then around it, then in the same estate."""
    building_bound = matter.same_metres < WIDE_METRES
    if place["building"]:
        here = _open_tickets(turn, matter, Ticket.building_code == place["building"])
        yield [t for t in here if not (building_bound and _other_unit(place["text"], t.place))]
        if place["latitude"] is not None and place["longitude"] is not None:
            yield _around(turn, matter, place)
    if not (place["building"] and building_bound):
        yield _in_estate(turn, matter, place)


def _open_tickets(turn: Turn, matter: Matter, where: ColumnElement[bool]) -> list[Ticket]:
    """Oldest first; those merged into another count with the one that took them."""
    since = turn.now - timedelta(days=turn.office.settings.duplicates.days)
    query = select(Ticket).where(
        Ticket.matter_code == matter.code,
        Ticket.status.in_((*TO_DO, CLOSED)),
        or_(Ticket.status != CLOSED, Ticket.merged_into.is_not(None)),
        Ticket.created_at >= since,
        where,
    )
    return list(turn.session.scalars(query.order_by(Ticket.number).limit(MOST)))


def _around(turn: Turn, matter: Matter, place: dict[str, Any]) -> list[Ticket]:
    """Within the matter's metres: a box by the index, then the exact distance."""
    latitude, longitude, metres = place["latitude"], place["longitude"], matter.same_metres
    height = metres / (EARTH_METRES * radians(1))
    width = height / max(cos(radians(latitude)), 0.01)
    box = and_(
        Ticket.latitude.between(latitude - height, latitude + height),
        Ticket.longitude.between(longitude - width, longitude + width),
        Ticket.building_code.is_not(None),
        Ticket.building_code != place["building"],
    )
    return [
        ticket
        for ticket in _open_tickets(turn, matter, box)
        if metres_between(latitude, longitude, ticket.latitude or 0.0, ticket.longitude or 0.0) <= metres
    ]


def _in_estate(turn: Turn, matter: Matter, place: dict[str, Any]) -> list[Ticket]:
    """Where a place has no coordinates of its own: an estate as a whole, or a building nobody has measured."""
    home = turn.session.get(Building, place["building"]) if place["building"] else None
    estate = home.estate if home else place["text"]
    grid, grids = turn.session.get(Area, place["grid"]), aliased(Area)
    if not estate or not grid or grid.level not in ("grid", "micro_grid"):
        return []
    near = select(grids.code).where(grids.parent_code == grid.parent_code)
    buildings = select(Building.code).where(Building.estate == estate, Building.grid_code.in_(near))
    where = and_(Ticket.building_code.is_(None), Ticket.place == estate, Ticket.area_code.in_(near))
    measured = home is not None and home.latitude is not None
    if not measured and matter.same_metres >= WIDE_METRES:
        where = or_(where, Ticket.building_code.in_(buildings))
    return _open_tickets(turn, matter, where)


def _other_unit(one: str, other: str) -> bool:
    mine, theirs = _UNIT.search(one), _UNIT.search(other)
    return bool(mine and theirs and mine.group(1) != theirs.group(1))


def _first_open(turn: Turn, found: Sequence[Ticket]) -> Ticket | None:
    """The first that is still to be done now that we hold it, and that the resident has not turned down."""
    for candidate in found:
        held = ticket_for_update(turn.session, candidate.number)
        ticket = survivor(turn.session, held) if held else None
        if not ticket or ticket.status not in TO_DO or ticket.resident_id == turn.resident.id:
            continue
        if ticket.matter.confidential:
            continue
        places = ever_followed(turn.session, turn.resident.id, {candidate.number, ticket.number})
        if not any(place.left_at for place in places.values()):
            return ticket
    return None
