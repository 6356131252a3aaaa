"""Clocks 时限: explicit start, pause, resume and stop; never derived from "last modified"."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.database import Record
from models.working_time import WorkingTime


class Clock(Record):
    """时限: one promise of one ticket: response, handling or overall (domain §5)."""

    __tablename__ = "clocks"
    __table_args__ = (Index("ix_clocks_due", "state", "due_at"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_number: Mapped[int] = mapped_column(ForeignKey("tickets.number"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(10), default="running")
    """running, paused, stopped."""
    started_at: Mapped[datetime]
    paused_at: Mapped[datetime | None]
    paused_seconds: Mapped[float] = mapped_column(default=0.0)
    """Wall seconds spent paused so far."""
    due_at: Mapped[datetime]
    stopped_at: Mapped[datetime | None]
    breached_levels: Mapped[list[Any]] = mapped_column(JSON, default=list)


@dataclass(frozen=True)
class Promises:
    """承诺: how long each timing class may take; emergencies run by the wall clock, the rest by working time."""

    working: WorkingTime
    response: timedelta
    emergency: timedelta
    small: timedelta
    slow_days: float
    complex_days: float

    def response_due(self, timing: str, start: datetime) -> datetime:
        return start + self.emergency if timing == "emergency" else self.working.after(start, self.response)

    def overall_due(self, timing: str, start: datetime) -> datetime:
        if timing == "emergency":
            return start + self.small
        days = {"slow": self.slow_days, "complex": self.complex_days}.get(timing)
        amount = self.small if days is None else self.working.day_length * days
        return self.working.after(start, amount)

    def shift(self, timing: str, due: datetime, paused_at: datetime, now: datetime) -> datetime:
        """A deadline after a pause: what was left at the pause is what is left now."""
        if timing == "emergency":
            return due + (now - paused_at)
        left = self.working.between(paused_at, due)
        return self.working.after(now, left) if left else due + (now - paused_at)


def latest(session: Session, ticket_number: int, kind: str) -> Clock | None:
    """The newest clock of this kind; the overall clock is the only one there ever is."""
    query = select(Clock).where(Clock.ticket_number == ticket_number, Clock.kind == kind)
    return session.scalars(query.order_by(Clock.id.desc()).limit(1)).first()


def start(session: Session, ticket_number: int, kind: str, due_at: datetime, now: datetime) -> Clock:
    clock = Clock(
        ticket_number=ticket_number, kind=kind, state="running", started_at=now, due_at=due_at, paused_seconds=0
    )
    clock.breached_levels = []
    session.add(clock)
    return clock


def pause(clock: Clock, now: datetime) -> None:
    if clock.state == "running":
        clock.state, clock.paused_at = "paused", now


def resume(clock: Clock, timing: str, promises: Promises, now: datetime) -> None:
    """Run on from where it was paused or, for a reopened ticket, stopped: what was left is left again."""
    if since := clock.paused_at or clock.stopped_at:
        clock.due_at = promises.shift(timing, clock.due_at, since, now)
        clock.paused_seconds += (now - (clock.stopped_at or since)).total_seconds()
        clock.state, clock.paused_at, clock.stopped_at = "running", None, None


def stop(clock: Clock, now: datetime) -> None:
    """A paused clock keeps the moment of its pause: reopened, it has what it had left then."""
    if clock.state == "paused" and clock.paused_at:
        clock.paused_seconds += (now - clock.paused_at).total_seconds()
    clock.state, clock.stopped_at = "stopped", now
