"""时限: what is due on a clock is done: warn, climb a level, take back, wake a ticket up, close one in silence.

Clock rows say when somebody has to look (`next_at`, indexed), so a tick touches what is due and nothing else.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.office import Office
from models.area import Group, group_of_department, line_of, turn_of
from models.climbing import chain, climb
from models.clock import PROMISED, REMINDED_AT, Clock, Promises
from models.escalation import first_time
from models.life import apply
from models.telling import receivers, tell_group, tell_resident
from models.ticket import SYSTEM_ACTOR, Ticket, TicketEvent
from models.transitions import ACCEPTED, DEFERRED, HANDLED, NEED_INFO
from models.whistle import Whistle

log = structlog.get_logger()

PAGE = 50
POISON_PAUSE = timedelta(minutes=1)
RESTING = (NEED_INFO, DEFERRED, HANDLED)
"""Nothing climbs while a ticket waits for its resident or for its day, not even a whistle on it."""
CAUSE_WORDS = {
    "response": "没有人签收",
    "handling": "办理时限到了还没办好",
    "overall": "没有按承诺时间办好",
    "report_in": "部门没有按时报到",
}


def keep_clocks(office: Office) -> int:
    """Work off everything that is due, page by page; returns how many clocks were looked at."""
    looked_at = 0
    while page := _page(office):
        looked_at += page
    return looked_at


def _page(office: Office) -> int:
    """One transaction: the tickets first and in order, as workers lock them, then their clocks as they are now.

    What another process holds is left to it: it is looked at again at the next tick.
    """
    with office.database.write() as session:
        now, promises = office.now(), office.promises
        due = select(Clock.id, Clock.ticket_number).where(Clock.state == "running", Clock.next_at <= now)
        found = session.execute(due.order_by(Clock.next_at, Clock.id).limit(PAGE)).all()
        if not found:
            return 0
        numbers = sorted({number for _, number in found})
        locked = select(Ticket).where(Ticket.number.in_(numbers)).order_by(Ticket.number)
        tickets = {t.number: t for t in session.scalars(locked.with_for_update(of=Ticket, skip_locked=True)).unique()}
        clocks = select(Clock).where(Clock.id.in_([id_ for id_, _ in found])).order_by(Clock.next_at, Clock.id)
        # A session forgets what nobody holds: the areas of this page are read once, not once a ticket.
        held = [line_of(session, ticket.area_code) for ticket in tickets.values()]
        looked_at = 0
        for clock in session.scalars(clocks).all():
            ticket = tickets.get(clock.ticket_number)
            if ticket and clock.state == "running" and clock.next_at and clock.next_at <= now:
                looked_at += 1
                _guarded(session, ticket, clock, promises, now)
        del held
    return looked_at


def _guarded(session: Session, ticket: Ticket, clock: Clock, promises: Promises, now: datetime) -> None:
    """One poisoned clock delays no other."""
    try:
        with session.begin_nested():
            _step(session, ticket, clock, promises, now)
            session.flush()
    except Exception:
        log.exception("clock.failed", ticket=ticket.number, kind=clock.kind)
        session.refresh(clock)
        clock.next_at = now + POISON_PAUSE
        session.flush()


def _step(session: Session, ticket: Ticket, clock: Clock, promises: Promises, now: datetime) -> None:
    if clock.kind not in PROMISED:
        _WAKE[clock.kind](session, ticket, clock, promises, now)
    elif ticket.status in RESTING:
        clock.next_at = promises.next_step(clock, now)
    elif not clock.warned_at and now < clock.due_at:
        _warn(session, ticket, clock, promises, now)
    elif clock.kind == "handling" and ticket.status == ACCEPTED and _holder_silent(session, ticket, clock):
        _take_back(session, ticket, clock, promises, now)
    else:
        _break(session, ticket, clock, promises, now)


def _warn(session: Session, ticket: Ticket, clock: Clock, promises: Promises, now: datetime) -> None:
    """Eighty per cent are gone: whoever has it hears so, by name."""
    clock.warned_at, clock.next_at = now, clock.due_at
    event = apply(session, ticket, "warn", SYSTEM_ACTOR, promises, now, note=clock.kind)
    if group := _owed_by(session, ticket, clock):
        tell_group(session, ticket, event, group, "warn", now, {"clock": clock.kind, "whistle": clock.whistle_id})


def _owed_by(session: Session, ticket: Ticket, clock: Clock) -> Group | None:
    """The group that can still keep this promise: a whistled department its report-in, the receiver the rest."""
    whistle = session.get(Whistle, clock.whistle_id) if clock.whistle_id else None
    if whistle and (department := group_of_department(session, whistle.department_code)):
        return department
    return next((group for group, _ in receivers(session, ticket)), None)


def _break(session: Session, ticket: Ticket, clock: Clock, promises: Promises, now: datetime) -> None:
    """One level more; after the highest there is nobody left to wake."""
    levels = [area for area in chain(session, ticket) if area.level not in clock.breached_levels]
    clock.warned_at = clock.warned_at or now
    if levels:
        climb(session, ticket, clock.kind, clock.breach, levels[0], promises, now, CAUSE_WORDS[clock.kind])
        clock.breached_levels = [*clock.breached_levels, levels[0].level]
    clock.next_at = promises.next_step(clock, now) if len(levels) > 1 else None


def _holder_silent(session: Session, ticket: Ticket, clock: Clock) -> bool:
    said = select(TicketEvent.id).where(
        TicketEvent.ticket_number == ticket.number,
        TicketEvent.actor == (ticket.holder_key or ""),
        TicketEvent.action != "accept",
        TicketEvent.at >= clock.started_at,
    )
    return session.scalar(said.limit(1)) is None


def _take_back(session: Session, ticket: Ticket, clock: Clock, promises: Promises, now: datetime) -> None:
    """Signed and never heard of again: the level above finds somebody else. A department's ticket stays the
    department's, and the level above it is woken."""
    above, before = chain(session, ticket)[0], receivers(session, ticket)[:1]
    clock.breached_levels = [*clock.breached_levels, above.level]
    turn: dict[str, str] = {}
    if ticket.department_code:
        climb(session, ticket, clock.kind, clock.breach, above, promises, now, CAUSE_WORDS[clock.kind])
    else:
        first_time(session, ticket.number, clock.kind, above.level, clock.breach, above.code, now)
        turn = turn_of(above)
    event = apply(session, ticket, "take_back", SYSTEM_ACTOR, promises, now, note="接单后没有回音", changes=turn)
    for group, _ in before:
        tell_group(session, ticket, event, group, "taken", now)


def _supply(session: Session, ticket: Ticket, clock: Clock, promises: Promises, now: datetime) -> None:
    """The resident was asked and does not answer: one reminder, then closed as explained (domain §5); nobody is
    closed without having been reminded, even if we slept over it."""
    if clock.warned_at:
        note = "没有等到您的补充，先结案"
        apply(session, ticket, "close", SYSTEM_ACTOR, promises, now, note=note, changes={"outcome": "explained"})
        return
    patience = timedelta(seconds=clock.amount_seconds * REMINDED_AT)
    clock.warned_at, clock.next_at = now, max(clock.due_at, now + patience)
    event = apply(session, ticket, "warn", SYSTEM_ACTOR, promises, now, note=clock.kind)
    tell_resident(session, ticket, event, ticket.resident, now)


def _review(session: Session, ticket: Ticket, clock: Clock, promises: Promises, now: datetime) -> None:
    """The day a deferred ticket was put off to."""
    apply(session, ticket, "resume", SYSTEM_ACTOR, promises, now, note="挂账到期")


def _silence(session: Session, ticket: Ticket, clock: Clock, promises: Promises, now: datetime) -> None:
    """Handled, and the resident has said nothing: closed as unconfirmed, counted apart."""
    apply(session, ticket, "close", SYSTEM_ACTOR, promises, now, changes={"outcome": "unconfirmed"})


_WAKE: dict[str, Callable[[Session, Ticket, Clock, Promises, datetime], None]] = {
    "supply": _supply,
    "review": _review,
    "silence": _silence,
}
