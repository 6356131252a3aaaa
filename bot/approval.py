"""Requests for more time: 延期 and 挂账 within the rule are granted at once, the rest is for the level above."""

from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import select

from bot.command import GroupTurn
from bot.when import When, when_said
from models.database import Refused
from models.ticket import TicketEvent
from models.transitions import OVERSEER, move_of


def day_and_reason(turn: GroupTurn, words: str, form: str) -> When:
    """The day somebody asks for and why. Raises Refused: both are needed, the resident will read them."""
    ends = time.fromisoformat(turn.office.settings.working_time.periods[-1].partition("-")[2])
    said = when_said(words, turn.now, turn.office.settings.deployment.zone, ends)
    if not said:
        raise Refused(f"请写到哪一天，例如：{form}")
    if not said.rest:
        raise Refused(f"请写原因，居民会看到，例如：{form}")
    if said.moment <= turn.now:
        raise Refused("这个时间已经过了，请写以后的日期。")
    return said


def grant_or_ask(
    turn: GroupTurn, action: str, until: datetime, reason: str, changes: dict[str, Any], days: float
) -> bool:
    """Make the move if rule or rank allows it; otherwise put it before the level above. True when it was made.

    By rule: the first time, and not later than `days` from now. Whoever oversees the ticket decides for themselves.
    """
    assert turn.ticket and turn.actor
    by_rule = until <= turn.now + timedelta(days=days) and not _granted_before(turn)
    if turn.actor.role == OVERSEER or by_rule:
        turn.move(action, note=reason, changes=changes)
        return True
    asked = {"kind": action, "until": until.isoformat(), "reason": reason, "by": turn.person.key}
    day = until.astimezone(turn.office.settings.deployment.zone)
    turn.move("request", note=f"到{day:%-m月%-d日}，{reason}", changes={"request": asked})
    return False


def decide(turn: GroupTurn, words: str) -> str:
    """同意: what was asked for happens now, and the history names who allowed it."""
    ticket = turn.ticket
    assert ticket
    asked = ticket.request
    if not asked:
        raise Refused(f"#{ticket.number} 没有等您同意的申请。")
    until = datetime.fromisoformat(asked["until"])
    if until <= turn.now:
        raise Refused(f"#{ticket.number} 申请的日期已经过了，请网格员重新申请。")
    turn.move("approve", note=words)
    field = "due_at" if asked["kind"] == "extend" else "deferred_until"
    turn.move(asked["kind"], note=asked["reason"], changes={field: until})
    return f"已同意 #{ticket.number} {move_of(asked['kind']).name}，居民会收到新的日期。"


def _granted_before(turn: GroupTurn) -> bool:
    assert turn.ticket
    earlier = select(TicketEvent.id).where(
        TicketEvent.ticket_number == turn.ticket.number, TicketEvent.action.in_(("extend", "defer"))
    )
    return turn.session.scalar(earlier.limit(1)) is not None
