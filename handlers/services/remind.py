"""催办: a resident, or a neighbour who follows, asks for speed; each at most every few hours, answered honestly."""

import re
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

_WHICH = r"(?:的?(?:那个|这个|那件|这件|事情?|问题|单子?|工单))*"
_URGED = re.compile(
    r"(?:请|麻烦|我要|我想|快点|帮我|帮忙|给我|再|快|赶紧|能不能|可不可以|可以|你们|您)*催(?:一下|一催|下|催|办|单|促)(?:一下)?"
    r" ?(?:那个|这个|我的|我家的?|我报的|我反映的|上次的?|昨天的?|师傅|网格员|他们|物业)*(?P<what>.{0,12}?)"
    + _WHICH
    + r"(?:吧|嘛|啊|呀|呗|了)*"
)
_URGED_BEHIND = re.compile(
    r"(?P<what>.{1,12}?)" + _WHICH + r" ?(?:请|麻烦|帮我|再|给我)*催(?:一下|一催|下|催|办|单)(?:吧|嘛|啊|呀|呗|了)*"
)


def _hears(turn: Turn) -> str | None:
    """催一下井盖, 井盖的催催: what is named must be one of theirs, else it is something new."""
    said = _URGED.fullmatch(turn.understood.text) or _URGED_BEHIND.fullmatch(turn.understood.text)
    if not said:
        return None
    what = str(said["what"])
    return what if not what or (not what.isdigit() and named_ticket(turn, what, TO_DO)) else None


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
    hears=_hears,
    fulfil=_fulfil,
)
