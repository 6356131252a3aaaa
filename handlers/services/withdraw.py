"""撤回: the resident takes a report back."""

from typing import Any

from bot.answers import choice, numbered
from bot.message import Reply
from bot.own_ticket import named_ticket
from bot.service import Question, Service
from bot.turn import Turn
from models.ticket import ticket_for_update, tickets_of

_PLAIN = ("撤", "取消", "不用来", "不用办", "不用修")


def _plain(turn: Turn) -> bool:
    return turn.understood.kind != "cancel" or any(word in turn.text for word in _PLAIN)


def _begin(turn: Turn, rest: str) -> dict[str, Any]:
    own = tickets_of(turn.session, turn.resident.id, unfinished=True)
    # 不要, 别来了 may mean something else: only the plain word takes a ticket back without asking.
    if rest or not own or (len(own) == 1 and _plain(turn)):
        ticket = named_ticket(turn, rest)
        return {"ticket": ticket.number if ticket else 0}
    return {"offered": [ticket.number for ticket in own]}


def _names(turn: Turn) -> list[str]:
    offered = (ticket_for_update(turn.session, number) for number in turn.answers["offered"])
    return [f"#{ticket.number} {ticket.matter.name}" for ticket in offered if ticket]


def _ask(turn: Turn) -> str:
    names = _names(turn)
    if len(names) == 1:
        return f"要撤回 {names[0]} 吗？撤回请回复 1，不撤回请回复“取消”。"
    return f"撤回哪一件？\n{numbered(names)}"


def _parse(turn: Turn, text: str) -> int:
    number = int(text.strip("#＃ 号")) if text.strip("#＃ 号").isdecimal() else 0
    if number in turn.answers["offered"]:
        return number
    chosen: int = turn.answers["offered"][choice(text, _names(turn), _ask(turn))]
    return chosen


def _fulfil(turn: Turn) -> Reply:
    ticket = ticket_for_update(turn.session, turn.answers["ticket"]) if turn.answers["ticket"] else None
    if not ticket or ticket.finished:
        return Reply("没有可以撤回的事项。回复“进度”看您的事项。")
    turn.move(ticket, "withdraw")
    turn.joined(ticket)
    turn.talk.talking_ticket = turn.talk.recent_ticket = None
    return Reply(f"已撤回 #{ticket.number} {ticket.matter.name}。需要时再说一声就行。")


SERVICE = Service(
    code="withdraw",
    name="",
    words=("撤回", "撤销", "不用来了", "不用办了"),
    kinds=("cancel",),
    questions=(Question("ticket", _ask, _parse),),
    begin=_begin,
    fulfil=_fulfil,
)
