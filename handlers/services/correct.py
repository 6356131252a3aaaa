"""不对: something about the last ticket is wrong; one question which part."""

from typing import Any

from bot.answers import choice, numbered
from bot.follower_talk import place_on
from bot.message import Reply
from bot.own_ticket import beside_the_place, named_ticket, place_said
from bot.service import Question, Service
from bot.turn import Turn
from models.ticket import Ticket, ticket_for_update
from models.transitions import HANDLED

PARTS = ("事情类别不对", "地点不对", "不用办了，撤回", "没有不对")
_SERVICES = ("reclassify", "relocate", "withdraw")
_ELSEWHERE = 1


def _ask(turn: Turn) -> str:
    ticket = ticket_for_update(turn.session, turn.answers["ticket"]) if turn.answers.get("ticket") else None
    about = f"#{ticket.number} {ticket.matter.name}：" if ticket else ""
    return f"{about}哪里不对？\n{numbered(PARTS)}"


def _begin(turn: Turn, _rest: str) -> dict[str, Any]:
    """Of a neighbours' ticket one thing may be wrong: that it is the same."""
    if turn.talk.service == "joined":
        return {"part": -1, "tickets": turn.talk.answers["tickets"]}
    ticket = _meant(turn)
    follower = place_on(turn, ticket) if ticket else None
    if ticket and follower and not follower.came_with:
        return {"part": -1, "tickets": [ticket.number], "named": f"#{ticket.number} {ticket.matter.name}："}
    if not ticket or follower:
        return {"part": -1}
    if ticket.status != HANDLED and (place := place_said(turn, ticket)):
        return {"part": _ELSEWHERE, "ticket": ticket.number, "elsewhere": place}
    return {"ticket": ticket.number}


def _meant(turn: Turn) -> Ticket | None:
    """不对，树是三号楼: the tree's, though the drain was reported later."""
    return named_ticket(turn, beside_the_place(turn).strip("0123456789")) or named_ticket(turn, "")


def _fulfil(turn: Turn) -> Reply:
    part, followed = turn.answers["part"], turn.answers.get("tickets")
    if followed:
        named = turn.answers.get("named", "")
        return Reply(f"{named}{turn.begin(turn.office.services['joined'], {'tickets': followed}).text}")
    if part == -1:
        return Reply("您现在没有正在办的事项。请直接说要办什么，例如：楼道灯不亮了。")
    if part >= len(_SERVICES):
        return Reply("好的，照常办理。")
    service = turn.office.services[_SERVICES[part]]
    elsewhere = turn.answers.get("elsewhere", {})
    return turn.begin(service, {**service.begin(turn, str(turn.answers["ticket"])), **elsewhere})


SERVICE = Service(
    code="correct",
    name="",
    words=("不对", "错了", "说错了"),
    kinds=("correction",),
    questions=(Question("part", _ask, lambda turn, text: choice(text, PARTS, _ask(turn))),),
    begin=_begin,
    fulfil=_fulfil,
)
