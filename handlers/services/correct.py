"""不对: something about the last ticket is wrong; one question which part."""

from typing import Any

from bot.answers import choice, numbered
from bot.message import Reply
from bot.service import Question, Service
from bot.turn import Turn
from models.ticket import tickets_of

PARTS = ("事情类别不对", "地点不对", "不用办了，撤回", "没有不对")
_SERVICES = ("reclassify", "relocate", "withdraw")


def _ask(turn: Turn) -> str:
    own = tickets_of(turn.session, turn.resident.id, unfinished=True, limit=1)
    about = f"#{own[0].number} {own[0].matter.name}：" if own else ""
    return f"{about}哪里不对？\n{numbered(PARTS)}"


def _begin(turn: Turn, _rest: str) -> dict[str, Any]:
    if turn.talk.service == "joined":
        return {"part": -1, "tickets": turn.talk.answers["tickets"]}
    return {} if tickets_of(turn.session, turn.resident.id, unfinished=True, limit=1) else {"part": -1}


def _fulfil(turn: Turn) -> Reply:
    part, followed = turn.answers["part"], turn.answers.get("tickets")
    if followed:
        return turn.begin(turn.office.services["joined"], {"tickets": followed})
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
