"""Where each ticket has been heard of: read from the cards in the groups, as somebody would who sits in all of them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from simulator.groups import Group
from simulator.screen import Item

LEVELS = ("grid", "community", "street", "district", "department")
MARKUP = re.compile(r"<[^>]*>|[*`\\]|^[>#] +")
HEAD = re.compile(r"#(\d+)[ \u3000]*([^#：:，。（(]*)")
RAISED = "【上报"
TICKETS_AT_MOST = 40


@dataclass(slots=True)
class Stop:
    """一站: one group that has heard of the ticket: when first, how often, and whether it was raised to it."""

    chat_id: str
    name: str
    level: str
    at: float
    times: int = 1
    raised: bool = False


@dataclass(slots=True)
class Track:
    """走到哪了: one ticket, its stops from the grid upwards, and the newest line said of it anywhere."""

    number: int
    title: str
    began_at: float
    newest_at: float = 0
    newest: str = ""
    stops: list[Stop] = field(default_factory=list)


def tracks(groups: Iterable[Group]) -> list[Track]:
    """The tickets whose cards are on the groups' screens, the one with the newest word first."""
    found: dict[int, Track] = {}
    said = [(item, group) for group in groups if not group.single for item in group.screen.items("push", "bot")]
    for item, group in sorted(said, key=lambda pair: (pair[0].at, pair[0].id)):
        lines = plain(item.text)
        if lines and (head := HEAD.search(lines[0])) and (item.side == "push" or int(head[1]) in found):
            _note(found, int(head[1]), head[2].strip(), lines, item, group)
    return sorted(found.values(), key=lambda track: -track.newest_at)[:TICKETS_AT_MOST]


def plain(text: str) -> list[str]:
    """The lines as a reader sees them."""
    return [line for line in (MARKUP.sub("", raw).strip() for raw in text.split("\n")) if line]


def _note(found: dict[int, Track], number: int, title: str, lines: list[str], item: Item, group: Group) -> None:
    track = found.setdefault(number, Track(number, title, item.at))
    track.newest_at, track.newest = item.at, news(lines, item.side == "push")[:80]
    if item.side != "push":
        return
    stop = next((stop for stop in track.stops if stop.chat_id == group.chat_id), None)
    if stop:
        stop.times += 1
    else:
        stop = Stop(group.chat_id, group.name, group.level, item.at)
        track.stops.append(stop)
        track.stops.sort(key=lambda each: (_rank(each.level), each.at))
    stop.raised |= lines[0].startswith(RAISED) or f"】{RAISED}" in lines[0]


def news(lines: list[str], card: bool) -> str:
    """A card says it under its head; an answer of the bot in its one line."""
    return lines[1] if card and len(lines) > 1 else lines[0]


def _rank(level: str) -> int:
    return LEVELS.index(level) if level in LEVELS else len(LEVELS)
