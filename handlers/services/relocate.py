"""换地址: the place of a ticket was wrong or not yet known; it moves to the grid it belongs to."""

from typing import Any

from bot import filed, whereabouts
from bot.message import Reply
from bot.own_ticket import named_ticket
from bot.service import Question, Service
from bot.turn import Turn
from models.area import Area
from models.resident import bind_home
from models.ticket import ticket_for_update


def _begin(turn: Turn, rest: str) -> dict[str, Any]:
    ticket = named_ticket(turn, rest)
    return {"ticket": ticket.number} if ticket else {"ticket": 0, "place": {}}


def _fulfil(turn: Turn) -> Reply:
    number, place = turn.answers["ticket"], turn.answers["place"]
    ticket = ticket_for_update(turn.session, number) if number else None
    if not ticket or ticket.finished:
        return Reply("您现在没有正在办的事项可以换地址。")
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


SERVICE = Service(
    code="relocate",
    name="",
    words=("换地址", "改地址", "地址不对", "换地点"),
    questions=(Question("place", whereabouts.prompt, whereabouts.parse),),
    begin=_begin,
    fulfil=_fulfil,
)
