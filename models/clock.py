"""Clocks 时限: explicit start, pause, resume and stop; never derived from "last modified".

A clock knows how much time it was given (`amount_seconds`), how much is used, and since when it runs. Its deadline is
computed from these and the calendar, so a holiday announced meanwhile moves it, and a pause costs nothing. What was
promised stays: other promises in the configuration count for clocks that start later.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.database import Record
from models.working_time import WorkingTime

PROMISED = ("response", "handling", "overall", "report_in")
"""Kinds with a promise behind them: they warn, break and climb. The others only wake a ticket up again."""
REMINDED_AT = 1 / 3
"""Of the time a resident has to answer a question: then they are reminded, once."""


class Clock(Record):
    """时限: one promise of one ticket: response, handling, overall or report_in (domain §5)."""

    __tablename__ = "clocks"
    __table_args__ = (Index("ix_clocks_next", "state", "next_at"), Index("ix_clocks_ticket", "ticket_number", "kind"))
    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_number: Mapped[int] = mapped_column(ForeignKey("tickets.number"))
    kind: Mapped[str] = mapped_column(String(20))
    whistle_id: Mapped[int | None] = mapped_column(ForeignKey("whistles.id"), index=True)
    """Which department's report-in this is."""
    state: Mapped[str] = mapped_column(String(10), default="running")
    """running, paused, stopped."""
    by_wall: Mapped[bool] = mapped_column(default=False)
    """Runs by the wall clock (emergencies, waiting for a resident), not by working time."""
    amount_seconds: Mapped[float]
    """Promised, in its own kind of time."""
    used_seconds: Mapped[float] = mapped_column(default=0.0)
    """Used before `running_since`."""
    started_at: Mapped[datetime]
    running_since: Mapped[datetime | None]
    """None while paused or stopped."""
    paused_at: Mapped[datetime | None]
    paused_seconds: Mapped[float] = mapped_column(default=0.0)
    """Wall seconds spent paused so far."""
    due_at: Mapped[datetime]
    next_at: Mapped[datetime | None]
    """When somebody has to look: the warning, the breach, the next level. None when nothing more will happen."""
    warned_at: Mapped[datetime | None]
    stopped_at: Mapped[datetime | None]
    breached_levels: Mapped[list[Any]] = mapped_column(JSON, default=list)

    @property
    def left(self) -> timedelta:
        """Of its time when it was started or resumed, or now if it does not run; negative when it was broken."""
        return timedelta(seconds=self.amount_seconds - self.used_seconds)

    @property
    def breach(self) -> str:
        """Names one breach of this promise: extended and broken again, it is another one."""
        return f"{self.id}:{int(self.due_at.timestamp())}"


@dataclass(frozen=True)
class Promises:
    """承诺: how long each timing class may take; emergencies run by the wall clock, the rest by working time."""

    working: WorkingTime
    response: timedelta
    emergency: timedelta
    small: timedelta
    slow_days: float
    complex_days: float
    step: timedelta = timedelta(minutes=30)
    emergency_step: timedelta = timedelta(minutes=5)
    warn_share: float = 0.8
    handling_share: float = 0.75
    """Of a promise one holder may use, so that the level above can still keep it."""
    report_in: timedelta = timedelta(minutes=60)
    supply: timedelta = timedelta(days=3)
    silence: timedelta = timedelta(days=7)

    def amount(self, kind: str, timing: str) -> tuple[timedelta, bool]:
        """How much time a clock of this kind gets, and whether by the wall clock."""
        wall = timing == "emergency"
        match kind:
            case "response":
                return (self.emergency if wall else self.response), wall
            case "report_in":
                return (self.emergency_step if wall else self.report_in), wall
            case "supply":
                return self.supply, True
            case "silence":
                return self.silence, True
            case "handling":
                whole, _ = self.amount("overall", timing)
                return whole * self.handling_share, wall
        days = {"slow": self.slow_days, "complex": self.complex_days}.get(timing)
        return (self.small if days is None else self.working.day_length * days), wall

    def due(self, kind: str, timing: str, start: datetime) -> datetime:
        """The deadline of a clock that starts now."""
        amount, wall = self.amount(kind, timing)
        return self.after(start, amount, wall)

    def after(self, start: datetime, amount: timedelta, wall: bool) -> datetime:
        return start + amount if wall else self.working.after(start, amount)

    def between(self, start: datetime, end: datetime, wall: bool) -> timedelta:
        """Zero when `end` is not later."""
        return max(end - start, timedelta()) if wall else self.working.between(start, end)

    def next_step(self, clock: Clock, now: datetime) -> datetime:
        """When a broken promise climbs one level more."""
        return self.after(now, self.emergency_step if clock.by_wall else self.step, clock.by_wall)


def latest(session: Session, ticket_number: int, kind: str) -> Clock | None:
    """The newest clock of this kind; the overall clock is the only one there ever is."""
    query = select(Clock).where(Clock.ticket_number == ticket_number, Clock.kind == kind)
    return session.scalars(query.order_by(Clock.id.desc()).limit(1)).first()


def unstopped(session: Session, ticket_number: int) -> Iterator[Clock]:
    """Every clock of a ticket that still runs or is paused."""
    query = select(Clock).where(Clock.ticket_number == ticket_number, Clock.state != "stopped").order_by(Clock.id)
    yield from session.scalars(query).all()


def start(
    session: Session, ticket_number: int, kind: str, timing: str, promises: Promises, now: datetime,
    *, due: datetime | None = None, whistle_id: int | None = None,
) -> Clock:  # fmt: skip
    """Begin a clock of this kind; with `due` it is over at that moment, whatever was promised."""
    amount, wall = (due - now, True) if due else promises.amount(kind, timing)
    clock = Clock(
        ticket_number=ticket_number, kind=kind, whistle_id=whistle_id, state="running", by_wall=wall,
        amount_seconds=amount.total_seconds(), used_seconds=0.0, started_at=now, running_since=now,
        paused_seconds=0.0, breached_levels=[],
    )  # fmt: skip
    schedule(clock, promises, now)
    session.add(clock)
    return clock


def schedule(clock: Clock, promises: Promises, now: datetime) -> None:
    """Compute deadline and next look of a running clock from what is left."""
    since = clock.running_since or now
    if clock.due_at is None or (clock.left > timedelta() and not clock.breached_levels):
        # A promise that was broken stays broken at its moment.
        clock.due_at = promises.after(since, max(clock.left, timedelta()), clock.by_wall)
    if clock.breached_levels:
        return  # it climbs by steps now, whatever the calendar says
    share = promises.warn_share if clock.kind in PROMISED else REMINDED_AT if clock.kind == "supply" else 1.0
    clock.next_at = clock.due_at
    if share < 1.0 and not clock.warned_at:
        until_warning = clock.left - timedelta(seconds=clock.amount_seconds * (1 - share))
        clock.next_at = promises.after(since, max(until_warning, timedelta()), clock.by_wall)


def follow_calendar(clock: Clock, promises: Promises, now: datetime) -> bool:
    """The calendar changed: does a running clock have another deadline now? A deadline that is still worth the same
    working time stays as it was told."""
    if clock.by_wall or clock.state != "running" or not clock.running_since or clock.breached_levels:
        return False
    before = clock.due_at, clock.next_at
    if abs(promises.between(clock.running_since, clock.due_at, False) - clock.left) > timedelta(milliseconds=1):
        schedule(clock, promises, now)
    elif not clock.warned_at:
        due = clock.due_at
        schedule(clock, promises, now)
        clock.due_at = due
    return (clock.due_at, clock.next_at) != before


def pause(clock: Clock, promises: Promises, now: datetime) -> None:
    if clock.state == "running" and clock.running_since:
        clock.used_seconds += promises.between(clock.running_since, now, clock.by_wall).total_seconds()
        clock.state, clock.paused_at, clock.running_since, clock.next_at = "paused", now, None, None


def resume(clock: Clock, promises: Promises, now: datetime) -> None:
    """Run on from where it was paused or, for a reopened ticket, stopped: what was left is left again."""
    since = clock.paused_at or clock.stopped_at
    if clock.state == "running" or not since:
        return
    clock.paused_seconds += (now - (clock.stopped_at or since)).total_seconds()
    clock.state, clock.running_since, clock.paused_at, clock.stopped_at = "running", now, None, None
    schedule(clock, promises, now)
    if clock.breached_levels:
        clock.next_at = promises.next_step(clock, now)


def stop(clock: Clock, promises: Promises, now: datetime) -> None:
    """A paused clock keeps the moment of its pause: reopened, it has what it had left then."""
    if clock.state == "stopped":
        return
    if clock.state == "paused" and clock.paused_at:
        clock.paused_seconds += (now - clock.paused_at).total_seconds()
    elif clock.running_since:
        clock.used_seconds += promises.between(clock.running_since, now, clock.by_wall).total_seconds()
    clock.state, clock.stopped_at, clock.running_since, clock.next_at = "stopped", now, None, None


def extend(clock: Clock, until: datetime, promises: Promises, now: datetime) -> None:
    """Give it time until that very moment: counted and warned afresh, and what was broken before is forgiven."""
    clock.amount_seconds = promises.between(now, until, clock.by_wall).total_seconds()
    clock.used_seconds, clock.warned_at, clock.breached_levels = 0.0, None, []
    if clock.state == "running":
        clock.running_since = now
        schedule(clock, promises, now)
    clock.due_at = until
