"""不对: something about the last ticket is wrong; one question which part."""

from typing import Any

from bot.answers import choice, numbered
from bot.follower_talk import place_on
from bot.message import Reply
from bot.own_ticket import named_ticket
from bot.service import Question, Service
from bot.turn import Turn

PARTS = ("事情类别不对", "地点不对", "不用办了，撤回", "没有不对")
_SERVICES = ("reclassify", "relocate", "withdraw")


def _ask(turn: Turn) -> str:
    ticket = named_ticket(turn, "")
    about = f"#{ticket.number} {ticket.matter.name}：" if ticket else ""
    return f"{about}哪里不对？\n{numbered(PARTS)}"


def _begin(turn: Turn, _rest: str) -> dict[str, Any]:
    """Of a neighbours' ticket one thing may be wrong: that it is the same."""
    if turn.talk.service == "joined":
        return {"part": -1, "tickets": turn.talk.answers["tickets"]}
    ticket = named_ticket(turn, "")
    follower = place_on(turn, ticket) if ticket else None
    if ticket and follower and not follower.came_with:
        return {"part": -1, "tickets": [ticket.number], "named": f"#{ticket.number} {ticket.matter.name}："}
    return {} if ticket and not follower else {"part": -1}


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
    return turn.begin(service, service.begin(turn, ""))


SERVICE = Service(
    code="correct",
    name="",
    words=("不对", "错了", "说错了"),
    kinds=("correction",),
    questions=(Question("part", _ask, lambda turn, text: choice(text, PARTS, _ask(turn))),),
    begin=_begin,
    fulfil=_fulfil,
)
