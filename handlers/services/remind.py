"""催办: a resident, or a neighbour who follows, asks for speed; each at most every few hours, answered honestly."""

from datetime import datetime, timedelta
from typing import Any

from bot.message import Reply
from bot.own_ticket import named_ticket
from bot.service import Service
from bot.times import moment_words
from bot.turn import Turn
from models.following import asked_for_speed
from models.ticket import Ticket, ticket_for_update
from models.transitions import DEFERRED, TO_DO

STEPS = (1, 2, 3, 5, 10, 30, 100, 300, 1000)
"""How many have asked when the group hears of it again: a hundred neighbours are not a hundred lines."""


def _begin(turn: Turn, rest: str) -> dict[str, Any]:
    ticket = named_ticket(turn, rest, TO_DO)
    return {"ticket": ticket.number if ticket else 0}


def _fulfil(turn: Turn) -> Reply:
    ticket = ticket_for_update(turn.session, turn.answers["ticket"]) if turn.answers["ticket"] else None
    if not ticket or ticket.status not in TO_DO:
        return Reply("您现在没有正在办的事项可以催。回复“进度”看您的事项。")
    since = turn.now - timedelta(hours=turn.office.settings.promises.remind_hours)
    asked = asked_for_speed(turn.session, ticket.number, since)
    if at := asked.get(turn.resident.id):
        return Reply(f"#{ticket.number} {_time(turn, at)} 已经催过。{_state(turn, ticket)}")
    number = len(asked) + 1
    together = f"一共{number}位居民在催。" if number > 1 else ""
    turn.joined(ticket)
    if number not in STEPS and ticket.reminded_at and ticket.reminded_at > since:
        told = f"{_time(turn, ticket.reminded_at)} 已经催过网格"
        return Reply(f"已记上您的催办：#{ticket.number} {together}{told}。{_state(turn, ticket)}")
    turn.move(ticket, "remind", note=f"{turn.text}（{together.rstrip('。')}）" if together else turn.text)
    return Reply(f"已替您催办 #{ticket.number}。{together}{_state(turn, ticket)}")


def _state(turn: Turn, ticket: Ticket) -> str:
    if ticket.status == DEFERRED and ticket.deferred_until:
        return f"这件事挂账到 {_time(turn, ticket.deferred_until)}，到时自动恢复办理。"
    who = f"{ticket.holder.surname}网格员在办" if ticket.holder else "还没有人接单，到时没人接会自动上报"
    late = "已经超过承诺时间，对不起" if ticket.due_at < turn.now else f"承诺 {_time(turn, ticket.due_at)} 前办好"
    return f"{who}，{late}。"


def _time(turn: Turn, moment: datetime) -> str:
    return moment_words(moment, turn.now, turn.office.settings.deployment.zone)


SERVICE = Service(
    code="remind",
    name="",
    words=("催办", "催单", "催一下", "催催"),
    begin=_begin,
    fulfil=_fulfil,
)
