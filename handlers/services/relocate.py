"""换地址: the place of a ticket was wrong or not yet known; it moves to the grid it belongs to.

Whoever follows a neighbours' ticket moves nothing of theirs: elsewhere is a ticket of its own.
"""

from typing import Any

from bot import filed, whereabouts
from bot.follower_talk import dispute, own_instead, place_on, takes_part, theirs_alone
from bot.message import Reply
from bot.own_ticket import named_ticket
from bot.service import Question, Service
from bot.turn import Turn
from models.area import Area
from models.following import Follower
from models.resident import bind_home
from models.ticket import Ticket, ticket_for_update


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
    if turn.answers.get("urgent") and place["building"] and not turn.resident.current_homes:
        bind_home(turn.session, turn.resident, place["building"], place["unit"], place["door"], turn.now)
    told = f"已改：#{ticket.number} {ticket.matter.name}\n地点：{ticket.place}\n办理：{filed.who(turn, ticket)}"
    if draft := turn.answers.get("draft"):
        told += "\n\n" + turn.begin(turn.office.services["report"], {**draft, "place": place}).text
    return Reply(told)


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
