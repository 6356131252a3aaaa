"""Reminders 提醒: once or recurring, for a resident, for the workers of areas, or for both sides of an appointment."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.database import Record, Refused
from models.outbox import OutboxMessage

REMINDER = "reminder"
"""The kind of its outbox rows."""
RESIDENT, AUDIENCE, WORKERS, APPOINTMENT = "resident", "audience", "workers", "appointment"
OF_STAFF = (AUDIENCE, WORKERS)
PROPOSED, ACTIVE, STOPPED, DONE = "proposed", "active", "stopped", "done"
MOST_OF_A_RESIDENT = 20
MOST_TEXT = 200


class Reminder(Record):
    """提醒: what to say to whom, by which rule, and when next."""

    __tablename__ = "reminders"
    __table_args__ = (Index("ix_reminders_due", "state", "next_at"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    """resident (their own), audience (residents, as an announcement), workers (their grid's group), appointment (one side of it)."""
    resident_id: Mapped[int | None] = mapped_column(ForeignKey("residents.id"), index=True)
    ticket_number: Mapped[int | None] = mapped_column(ForeignKey("tickets.number"), index=True)
    audience: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """Of staff: as an announcement's, with its title and who approved it when it is for residents. Of an appointment: the
    side that is reminded (resident, group), the moment agreed (`at`), and until when it makes sense to say so."""
    text: Mapped[str] = mapped_column(String(500))
    rule: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """How it recurs, see bot/recurrence.py."""
    next_at: Mapped[datetime | None]
    last_at: Mapped[datetime | None]
    state: Mapped[str] = mapped_column(String(10), default="active")
    """proposed (waits for a second person), active, stopped, done."""
    created_by: Mapped[str] = mapped_column(String(60), default="")
    created_at: Mapped[datetime]


def add_reminder(
    session: Session, now: datetime, *, kind: str, text: str, rule: Mapping[str, Any], next_at: datetime, by: str,
    resident_id: int | None = None, ticket: int | None = None, audience: Mapping[str, Any] | None = None, state: str = ACTIVE,
) -> Reminder:  # fmt: skip
    """Keep a reminder. Raises Refused when the text is empty or too long, or a resident has too many."""
    text = " ".join(text.split())
    if not 0 < len(text) <= MOST_TEXT:
        raise Refused(f"提醒的内容要在{MOST_TEXT}字以内，不能空着。")
    if kind == RESIDENT and resident_id and len(own_reminders(session, resident_id)) >= MOST_OF_A_RESIDENT:
        raise Refused(f"您已经有{MOST_OF_A_RESIDENT}个提醒了。先取消一个，例如回复“取消提醒 1”。")
    row = Reminder(
        kind=kind, text=text, rule=dict(rule), next_at=next_at, state=state, created_by=by, created_at=now,
        resident_id=resident_id, ticket_number=ticket, audience=dict(audience or {}),
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def due_reminders(session: Session, now: datetime, limit: int) -> Sequence[Reminder]:
    """Those whose time has come, held until the end of the transaction; what another process holds is passed over."""
    query = select(Reminder).where(Reminder.state == ACTIVE, Reminder.next_at <= now)
    return session.scalars(
        query.order_by(Reminder.next_at, Reminder.id).limit(limit).with_for_update(skip_locked=True)
    ).all()


def own_reminders(session: Session, resident_id: int) -> dict[int, Reminder]:
    """A resident's own active ones by the number they are known by: it never passes to another one."""
    query = select(Reminder).where(Reminder.resident_id == resident_id, Reminder.kind == RESIDENT)
    numbered = enumerate(session.scalars(query.order_by(Reminder.id)), 1)
    return {number: row for number, row in numbered if row.state == ACTIVE}


def staff_reminders(session: Session) -> Sequence[Reminder]:
    """Those of staff, for workers and for residents, that are active or wait for approval."""
    query = select(Reminder).where(Reminder.kind.in_(OF_STAFF), Reminder.state.in_((PROPOSED, ACTIVE)))
    return session.scalars(query.order_by(Reminder.id)).all()


def stop(reminder: Reminder) -> None:
    """Not again; what waits of it is not sent either."""
    reminder.state, reminder.next_at = STOPPED, None


def drop_appointments(session: Session, number: int) -> None:
    """A newer time was said, or the ticket needs none any more."""
    query = select(Reminder).where(
        Reminder.ticket_number == number, Reminder.kind == APPOINTMENT, Reminder.state != STOPPED
    )
    for row in session.scalars(query):
        stop(row)


def skip_stale(session: Session, now: datetime) -> int:
    """What could not be delivered within its day is not sent days late; how many that were."""
    waiting = (OutboxMessage.kind == REMINDER) & (OutboxMessage.state == "waiting")
    over = OutboxMessage.facts["until"].as_string() < moment_text(now)
    statement = update(OutboxMessage).where(waiting, over).values(state="skipped", reason="expired", next_try_at=None)
    result = session.execute(statement, execution_options={"synchronize_session": False})
    return result.rowcount  # type: ignore[attr-defined, no-any-return]


def moment_text(moment: datetime) -> str:
    """UTC, always of one length: earlier moments are smaller texts."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
