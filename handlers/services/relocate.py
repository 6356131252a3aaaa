"""换地址: the place of a ticket was wrong or not yet known; it moves to the grid it belongs to.

Whoever follows a neighbours' ticket moves nothing of theirs: elsewhere is a ticket of its own.
"""

from datetime import timedelta
from typing import Any

from bot import filed, whereabouts
from bot.follower_talk import dispute, own_instead, place_on, takes_part, theirs_alone
from bot.message import Reply
from bot.own_ticket import named_ticket, only_a_place, without_place
from bot.service import Question, Service
from bot.turn import Turn
from models.area import Area
from models.following import Follower
from models.resident import bind_home
from models.ticket import Ticket, ticket_for_update

CRIED_WITHIN = timedelta(hours=1)
"""Cries of so long ago come from the same place as the one we asked about."""


def _begin(turn: Turn, rest: str) -> dict[str, Any]:
    ticket = named_ticket(turn, rest)
    follower = place_on(turn, ticket) if ticket else None
    nothing_to_ask = not ticket or (follower and follower.came_with)
    return {"ticket": ticket.number if ticket else 0, **({"place": {}} if nothing_to_ask else {})}


def _ask(turn: Turn) -> str:
    ticket = ticket_for_update(turn.session, turn.answers["ticket"])
    of_others = ticket and not turn.answers.get("urgent") and place_on(turn, ticket)
    return f"{theirs_alone(ticket, '在别处') if ticket and of_others else ''}{whereabouts.prompt(turn)}"


def _fulfil(turn: Turn) -> Reply:
    number, place = turn.answers["ticket"], turn.answers["place"]
    ticket = ticket_for_update(turn.session, number) if number else None
    if not ticket or ticket.finished or not takes_part(turn, ticket):
        return Reply("您现在没有正在办的事项可以换地址。")
    if follower := place_on(turn, ticket):
        return _elsewhere(turn, ticket, follower, place)
    unplaced = without_place(turn, CRIED_WITHIN) if turn.answers.get("urgent") else []
    first = ticket.place == whereabouts.UNKNOWN
    for other in unplaced:
        if other.number != ticket.number:
            _move(turn, other, place)
    _move(turn, ticket, place)
    if turn.answers.get("urgent") and turn.text not in place["text"] and not only_a_place(turn, ticket):
        turn.move(ticket, "note", note=turn.text)  # 他在砸门！紫荆苑8栋: what happens matters as much as where
    if turn.answers.get("urgent") and place["building"] and not turn.resident.current_homes:
        bind_home(turn.session, turn.resident, place["building"], place["unit"], place["door"], turn.now)
    told = _told(turn, [ticket, *(one for one in unplaced if one.number != ticket.number)], first)
    if draft := turn.answers.get("draft"):
        told += "\n\n" + turn.begin(turn.office.services["report"], {**draft, "place": place}).text
    return Reply(told)


def _move(turn: Turn, ticket: Ticket, place: dict[str, Any]) -> None:
    changes = {
        "building_code": place["building"] or None,
        "place": place["text"],
        "door": place["door"],
        "latitude": place["latitude"],
        "longitude": place["longitude"],
    }
    turn.move(ticket, "relocate", note=f"{ticket.place} → {place['text']}", changes=changes)
    if place["grid"] != ticket.area_code and ticket.status != "handled":
        area = turn.session.get_one(Area, place["grid"])
        level = "department" if ticket.department_code else area.level
        turn.move(
            ticket,
            "transfer",
            note="地点更正",
            changes={"area_code": area.code, "turn_code": area.code, "level": level},
        )
    turn.joined(ticket)


def _told(turn: Turn, tickets: list[Ticket], first: bool) -> str:
    """The place given back, the door too: nobody should have to wonder whether it was heard, or who reads it."""
    named = "、".join(f"#{ticket.number} {ticket.matter.name}" for ticket in tickets)
    place, door = tickets[0].place, tickets[0].door
    lines = [f"{'记下了' if first else '已改'}：{named}", f"地点：{place}"]
    if door:
        lines.append(f"门牌{door}也记下了，只给办理的网格员看。")
    return "\n".join([*lines, f"办理：{filed.who(turn, tickets[0])}", "地点不对请回复“换地址”。"])


def _elsewhere(turn: Turn, ticket: Ticket, follower: Follower, place: dict[str, Any]) -> Reply:
    """The neighbours' ticket stays where it is; another place is a report of this resident's own."""
    if follower.came_with:
        return dispute(turn, ticket, follower.came_with)
    if place["building"] and place["building"] in (follower.building_code, ticket.building_code):
        follower.building_code, follower.place, follower.door = place["building"], place["text"], place["door"]
        return Reply(f"好的，记下了：{place['text']}。照样替您关注着 #{ticket.number}。")
    return own_instead(turn, ticket, follower, ticket.matter_code, place, "居民说在别处")


SERVICE = Service(
    code="relocate",
    name="",
    words=("换地址", "改地址", "地址不对", "换地点"),
    questions=(Question("place", _ask, whereabouts.parse),),
    begin=_begin,
    fulfil=_fulfil,
)
