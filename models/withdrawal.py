"""Withdrawal 撤回: what has not left is stopped, what is gone is counted, and nothing in between is guessed.

The announcement's row is held first and the outbox's rows after it, as the last look before a send does. A row that is
claimed for sending meets that look; a mass call that was begun may have arrived and counts as gone.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, String, and_, cast, literal, or_, select, update
from sqlalchemy.orm import Session

from models.announcement import WITHDRAWN, Recipient
from models.outbox import OutboxMessage
from models.release import ReleaseRules, announcement_for_update, audited, require_colleague


def withdraw(session: Session, now: datetime, rules: ReleaseRules, key: str, number: int) -> bool:
    """Stop whatever has not left; False when it was withdrawn before. Raises Refused."""
    row = announcement_for_update(session, number)
    if row.state == WITHDRAWN:
        return False
    require_colleague(session, now, rules, key, row)
    row.state, row.finished_at = WITHDRAWN, row.finished_at or now
    session.flush()
    _stop_promised(session, number)
    _skip(session, number, Recipient.state == "waiting")
    audited(session, now, key, "withdraw", row)
    return True


def _stop_promised(session: Session, number: int) -> None:
    """Rows of the outbox nobody is sending at this moment; one of unknown outcome is not repeated, but stays unknown."""
    row = OutboxMessage
    again = and_(row.state == "unknown", row.next_try_at.is_not(None))
    query = select(row).where(row.dedupe_key.like(f"a{number}:%"), or_(row.state == "waiting", again))
    promised = list(session.scalars(query.with_for_update(skip_locked=True)))
    stopped = [one for one in promised if one.state == "waiting"]
    for one in promised:
        one.next_try_at, one.claim = None, ""
    for one in stopped:
        one.state, one.reason = "skipped", "withdrawn"
    session.flush()
    _skip(session, number, and_(Recipient.state == "under_way", _not_written(number)))
    for one in stopped:
        if told := _told_by(one):
            _skip(session, number, and_(Recipient.state == "task", *told))


def _not_written(number: int) -> ColumnElement[bool]:
    """Their own message was stopped: `r` by customer service, `s` by subscription."""
    keys = [literal(f"a{number}:{letter}") + cast(Recipient.resident_id, String) for letter in "rs"]
    stopped = select(OutboxMessage.id).where(OutboxMessage.state == "skipped", OutboxMessage.reason == "withdrawn")
    return or_(*(stopped.where(OutboxMessage.dedupe_key == key).exists() for key in keys))


def _told_by(row: OutboxMessage) -> tuple[ColumnElement[bool], ...]:
    """Those a text in a group would have been about; empty when it changes nobody's state."""
    channel = {"forward": "group_push", "visits": "visit"}.get(row.kind)
    if not channel:
        return ()
    told = (Recipient.channel == channel, Recipient.grid_code.in_(row.facts.get("grids", [])))
    at = row.facts.get("at")
    return (*told, Recipient.sent_at == datetime.fromisoformat(at)) if at else told


def _skip(session: Session, number: int, which: Any) -> None:
    statement = update(Recipient).where(Recipient.announcement_id == number, which)
    session.execute(
        statement.values(state="skipped", reason="withdrawn"), execution_options={"synchronize_session": False}
    )
