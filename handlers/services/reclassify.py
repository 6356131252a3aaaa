"""改类: the matter of a ticket was taken wrongly; one step, and kept as a correction."""

from functools import partial
from typing import Any

from bot import filed
from bot.answers import choice, numbered
from bot.message import Reply, Unclear
from bot.own_ticket import named_ticket
from bot.relabel import relabel
from bot.service import Question, Service
from bot.turn import Turn
from models.matter import OTHER
from models.ticket import Ticket, ticket_for_update


def _ticket(turn: Turn) -> Ticket | None:
    return ticket_for_update(turn.session, turn.answers["ticket"]) if turn.answers["ticket"] else None


def _options(turn: Turn) -> list[str]:
    """The matters that came next, then a person."""
    ticket = _ticket(turn)
    ranked = [code for code, _ in (ticket.explained.get("ranked", []) if ticket else [])]
    others = [code for code in ranked if not ticket or code != ticket.matter_code]
    return [*others[:4], OTHER]


def _names(turn: Turn) -> list[str]:
    names = turn.office.catalogue.matter_names
    return [names[code] if code != OTHER else "都不是，请人看看" for code in _options(turn)]


def _ask(turn: Turn) -> str:
    return f"#{turn.answers['ticket']} 应该是哪一类？也可以直接说是什么事。\n{numbered(_names(turn))}"


def _parse(turn: Turn, text: str) -> str:
    try:
        return _options(turn)[choice(text, _names(turn), _ask(turn))]
    except Unclear:
        if turn.decision.action == "ticket":
            return turn.decision.matters[0]
        raise


def _fulfil(turn: Turn) -> Reply:
    ticket = _ticket(turn)
    if not ticket or ticket.finished:
        return Reply("您现在没有正在办的事项可以改类。")
    relabel(turn.session, ticket, turn.answers["matter"], partial(turn.move, ticket))
    turn.joined(ticket)
    return Reply(f"已改：#{ticket.number} {ticket.matter.name}\n办理：{filed.who(turn, ticket)}")


def _begin(turn: Turn, rest: str) -> dict[str, Any]:
    ticket = named_ticket(turn, rest)
    return {"ticket": ticket.number if ticket else 0, **({} if ticket else {"matter": OTHER})}


SERVICE = Service(
    code="reclassify",
    name="",
    words=("改类", "改类别", "类别不对"),
    questions=(Question("matter", _ask, _parse),),
    begin=_begin,
    fulfil=_fulfil,
)
