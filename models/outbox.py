"""The outbox 待发消息: every promised message is a row in the transaction of the change it tells of.

A row says what happened and to whom it is told; the words are made when it is sent (`bot/notices.py`).
States: waiting, sending (leased), sent (explicit errcode 0), skipped, failed, unknown (it may have arrived).
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, and_, func, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.database import Record

PHOTO = "photo"
"""The kind of a row that shows a group a resident's picture."""
MOST_SENDS = 3
"""A row whose outcome stays unknown is sent at most so often (contract §9)."""


class OutboxMessage(Record):
    """待发消息: one promise to tell somebody something; `dedupe_key` makes the promise once."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_due", "state", "next_try_at", "urgent", "id"),
        Index("ix_outbox_target", "channel", "target", "state"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    dedupe_key: Mapped[str] = mapped_column(String(200), unique=True)
    kind: Mapped[str] = mapped_column(String(40))
    """The move it tells of, or what else it is: card, follow, call, text."""
    channel: Mapped[str] = mapped_column(String(20))
    """official_account or group_push."""
    target: Mapped[str] = mapped_column(String(128))
    """openid or chat_id."""
    ticket_number: Mapped[int | None] = mapped_column(ForeignKey("tickets.number"), index=True)
    event_seq: Mapped[int | None]
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    urgent: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    attempts: Mapped[int] = mapped_column(default=0)
    sends: Mapped[int] = mapped_column(default=0)
    """Attempts that may have arrived."""
    reason: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime]
    next_try_at: Mapped[datetime | None]
    """None while held (waiting for the resident to write again) and when finished."""
    claim: Mapped[str] = mapped_column(String(40), default="")
    claimed_until: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]


class PushCall(Record):
    """One call to a group's webhook, kept for the sliding minute; `done_at` is empty while it is under way."""

    __tablename__ = "push_calls"
    __table_args__ = (Index("ix_push_calls_chat", "chat_id", "started_at"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    chat_id: Mapped[str] = mapped_column(String(128))
    started_at: Mapped[datetime]
    done_at: Mapped[datetime | None]


def promise(
    session: Session,
    now: datetime,
    *,
    key: str,
    kind: str,
    channel: str,
    target: str,
    ticket: int | None = None,
    event: int | None = None,
    facts: dict[str, Any] | None = None,
    urgent: bool = False,
) -> OutboxMessage:
    """Promise one message. The key must be new: a second promise of the same thing is our bug."""
    row = OutboxMessage(
        dedupe_key=key, kind=kind, channel=channel, target=target, ticket_number=ticket, event_seq=event,
        facts=facts or {}, urgent=urgent, state="waiting", created_at=now, next_try_at=now,
        attempts=0, sends=0, reason="", claim="",
    )  # fmt: skip
    session.add(row)
    return row


def claim_due(
    session: Session, now: datetime, claim: str, lease: timedelta, limit: int, busy: Iterable[str]
) -> list[OutboxMessage]:
    """Take due rows for this claim, urgent ones first, pictures and announcements last; a row whose claim ran out was left by somebody who died.

    Such a row may have arrived (`begin` counted it): with `MOST_SENDS` behind it the caller gives it up.
    """
    due = and_(OutboxMessage.state.in_(("waiting", "unknown")), OutboxMessage.next_try_at <= now)
    orphan = and_(OutboxMessage.state == "sending", OutboxMessage.claimed_until < now)
    query = select(OutboxMessage).where(or_(due, orphan), OutboxMessage.target.not_in(list(busy)))
    last = OutboxMessage.kind.in_(("announcement", PHOTO))
    query = query.order_by(OutboxMessage.urgent.desc(), last, OutboxMessage.id).limit(limit)
    taken = list(session.scalars(query.with_for_update(skip_locked=True)))
    for row in taken:
        row.state, row.claim, row.claimed_until = "sending", claim, now + lease
        row.attempts += 1
    return taken


def begin(rows: Iterable[OutboxMessage], until: datetime | None = None) -> set[int]:
    """Count the send before it happens: whoever finds the row after a crash knows that it may have arrived.

    The lease starts afresh (`until`): a row that waited long for its turn must not pass to another during the send.
    """
    ids = set()
    for row in rows:
        row.sends += 1
        row.claimed_until = until or row.claimed_until
        ids.add(row.id)
    return ids


def settle(session: Session, ids: Sequence[int], claim: str, **values: Any) -> int:
    """Write the outcome, unless the claim has passed to another process meanwhile (fencing, R07)."""
    statement = update(OutboxMessage).where(OutboxMessage.id.in_(ids), OutboxMessage.claim == claim)
    result = session.execute(
        statement.values(claim="", claimed_until=None, **values), execution_options={"synchronize_session": False}
    )
    return result.rowcount  # type: ignore[attr-defined, no-any-return]


def release_held(session: Session, openid: str, now: datetime) -> None:
    """The resident wrote again: what was held for them goes out now."""
    statement = update(OutboxMessage).where(
        OutboxMessage.channel == "official_account",
        OutboxMessage.target == openid,
        OutboxMessage.state == "waiting",
        OutboxMessage.next_try_at.is_(None),
    )
    session.execute(statement.values(next_try_at=now, reason=""), execution_options={"synchronize_session": False})


def cancel_for(session: Session, openid: str, reason: str) -> None:
    """The resident left: nothing more is sent to them."""
    statement = update(OutboxMessage).where(
        OutboxMessage.channel == "official_account", OutboxMessage.target == openid, OutboxMessage.state == "waiting"
    )
    values = {"state": "skipped", "reason": reason, "next_try_at": None}
    session.execute(statement.values(**values), execution_options={"synchronize_session": False})


def push_slots(session: Session, chat_id: str, now: datetime, per_minute: int) -> tuple[int, datetime]:
    """Calls this group may still get now, and when the next one is free if none is.

    A call blocks its slot until a minute after it *ended*, so the platform's own clock sees no fuller minute.
    """
    minute = timedelta(seconds=60)
    query = select(func.coalesce(PushCall.done_at, now)).where(
        PushCall.chat_id == chat_id,
        or_(PushCall.done_at > now - minute, and_(PushCall.done_at.is_(None), PushCall.started_at > now - 2 * minute)),
    )
    ends = sorted(session.scalars(query))
    free = per_minute - len(ends)
    return free, (now if free > 0 or not ends else ends[0] + minute)


def counts_by_state(session: Session) -> dict[str, int]:
    return {
        state: number
        for state, number in session.execute(select(OutboxMessage.state, func.count()).group_by(OutboxMessage.state))
    }
