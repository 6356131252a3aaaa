"""Withdrawal 撤回: what has not left is stopped, what is gone is counted, and nothing in between is guessed.

The announcement's row is held first and the outbox's rows after it, as the last look before a send does. A row that is
claimed for sending meets that look: until then it is neither stopped nor gone, but going. A mass call that was begun
may have arrived.
"""

import re
from datetime import datetime

from sqlalchemy import ColumnElement, String, and_, cast, func, literal, or_, select, update
from sqlalchemy.orm import Session

from models.announcement import WITHDRAWN, MassChunk, Recipient
from models.area import group_of_area
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
    _skip(session, (Recipient.announcement_id == number) & (Recipient.state == "waiting"), "withdrawn")
    audited(session, now, key, "withdraw", row)
    return True


def _stop_promised(session: Session, number: int) -> None:
    """Rows of the outbox nobody is sending at this moment; one of unknown outcome is not repeated, but stays unknown."""
    row = OutboxMessage
    again = and_(row.state == "unknown", row.next_try_at.is_not(None))
    query = select(row).where(_of(number), or_(row.state == "waiting", again))
    for one in session.scalars(query.with_for_update(skip_locked=True)).all():
        one.next_try_at, one.claim = None, ""
        if one.state == "waiting":
            one.state, one.reason = "skipped", "withdrawn"
    session.flush()
    mine = Recipient.announcement_id == number
    _skip(session, mine & (Recipient.state == "under_way") & _written(number, row.reason == "withdrawn"), "withdrawn")
    for one in _told_nobody(session, number):
        no_task_of(session, one, "withdrawn")


def no_task_of(session: Session, row: OutboxMessage, reason: str) -> None:
    """A text that certainly never came to its group: those it was about are nobody's task."""
    if told := _told_by(session, row):
        _skip(session, and_(*told), reason)


def still_going(session: Session, number: int) -> int:
    """Of a withdrawn announcement: recipients whose message, or text in the group, is being sent at this very moment.

    Each is stopped by the last look before it leaves, or is gone; until then nobody can say which.
    """
    on_the_wire = OutboxMessage.state.in_(("sending", "waiting"))
    mine = (Recipient.announcement_id == number) & (Recipient.state == "under_way")
    calling = select(MassChunk.id).where(MassChunk.announcement_id == number, MassChunk.state == "sending")
    which: list[ColumnElement[bool]] = [mine & _written(number, on_the_wire), mine & Recipient.chunk_id.in_(calling)]
    texts = session.scalars(select(OutboxMessage).where(_of(number), on_the_wire, OutboxMessage.kind.in_(_CHANNELS)))
    which += [and_(*_told_by(session, text)) for text in texts]
    return session.scalar(select(func.count()).select_from(Recipient).where(or_(*which))) or 0


_CHANNELS = {"forward": "group_push", "visits": "visit"}
"""Kind of a text to a group → the channel of the recipients it tells of."""
_OVER = ("failed", "skipped")
"""States of a row that certainly did not arrive."""


def _of(number: int) -> ColumnElement[bool]:
    return OutboxMessage.dedupe_key.like(f"a{number}:%")


def _written(number: int, which: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whose own row is one of these: `r` by customer service, `s` by subscription."""
    keys = [literal(f"a{number}:{letter}") + cast(Recipient.resident_id, String) for letter in "rs"]
    rows = select(OutboxMessage.id).where(which)
    return or_(*(rows.where(OutboxMessage.dedupe_key == key).exists() for key in keys))


def _told_nobody(session: Session, number: int) -> list[OutboxMessage]:
    """Texts no group has had, nor the group above it to which they went on."""
    chains: dict[str, list[OutboxMessage]] = {}
    for row in session.scalars(select(OutboxMessage).where(_of(number), OutboxMessage.kind.in_(_CHANNELS))):
        chains.setdefault(re.sub(r"(:up)+$", "", row.dedupe_key), []).append(row)
    return [rows[0] for rows in chains.values() if all(row.state in _OVER for row in rows)]


def _told_by(session: Session, row: OutboxMessage) -> list[ColumnElement[bool]]:
    """Those a text in a group is about; empty when it changes nobody's state."""
    channel = _CHANNELS.get(row.kind)
    if not channel:
        return []
    about = Recipient.announcement_id == row.facts["announcement"], Recipient.channel == channel
    tasks = (*about, Recipient.state == "task")
    if at := row.facts.get("at"):
        return [*tasks, Recipient.grid_code.in_(row.facts["grids"]), Recipient.sent_at == datetime.fromisoformat(at)]
    grids = set(row.facts["grids"])
    for code in session.scalars(select(Recipient.grid_code).where(*tasks).distinct()):
        group = group_of_area(session, code)  # a grid whose turn came later shares the text its chat was sent before
        grids |= {code} if group and group.chat_id == row.target else set()
    return [*tasks, Recipient.grid_code.in_(sorted(grids))]


def _skip(session: Session, which: ColumnElement[bool], reason: str) -> None:
    statement = update(Recipient).where(which)
    session.execute(statement.values(state="skipped", reason=reason), execution_options={"synchronize_session": False})
