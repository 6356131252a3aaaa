"""A place as the answers of a form store it: plain JSON, made from a building, a home or a ticket."""

from typing import Any

from bot.understanding.places import BuildingEntry
from models.area import Building
from models.resident import Home
from models.ticket import Ticket


def place_value(
    code: str,
    grid: str,
    text: str,
    unit: str = "",
    room: str = "",
    latitude: float | None = None,
    longitude: float | None = None,
) -> dict[str, Any]:
    """A place as answers store it; `text` is fit for a group, the room is kept apart as `door`."""
    shown = f"{text}{unit}单元" if unit else text
    return {
        "building": code,
        "grid": grid,
        "text": shown,
        "door": room,
        "unit": unit,
        "latitude": latitude,
        "longitude": longitude,
    }


def of_entry(entry: BuildingEntry, unit: str = "", room: str = "") -> dict[str, Any]:
    title = entry.name if entry.name.startswith(entry.estate) else entry.estate + entry.name
    return place_value(entry.code, entry.grid_code, title, unit, room, entry.latitude, entry.longitude)


def of_home(home: Home) -> dict[str, Any]:
    b: Building = home.building
    return place_value(b.code, b.grid_code, b.title, home.unit, home.room, b.latitude, b.longitude)


def of_ticket(ticket: Ticket) -> dict[str, Any]:
    value = place_value(
        ticket.building_code or "", ticket.area_code, ticket.place, latitude=ticket.latitude, longitude=ticket.longitude
    )
    return {**value, "door": ticket.door}
