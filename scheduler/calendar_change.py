"""日历变动: another calendar (import, other hours, a newer list of holidays) moves the deadlines of running clocks.

Found out by comparing the calendar's fingerprint with the one applied last; worked off in pages whose end is kept, so
that a process that dies half-way is followed by one that goes on. Paused clocks follow when they are resumed.
"""

from datetime import datetime

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.office import Office
from models import clock as clocks
from models.clock import Clock, Promises
from models.life import apply
from models.matter import Revision
from models.ticket import SYSTEM_ACTOR, Ticket

log = structlog.get_logger()

PAGE = 200
APPLIED, UNDER_WAY, REACHED = "calendar_applied", "calendar_under_way", "calendar_reached"
"""Revisions: the fingerprint that every running clock follows, the one being applied, the last clock that was done."""
ON_TICKET = {"overall": "due_at", "response": "response_due_at"}


def follow_calendar(office: Office) -> int:
    """Move every running deadline to where today's calendar has it; returns how many tickets were changed."""
    with office.database.read() as session:
        applied = session.get(Revision, APPLIED)
        if applied and applied.number == office.promises.working.fingerprint:
            return 0
    changed = 0
    while (page := _page(office)) is not None:
        changed += page
    log.info("calendar.applied", tickets=changed)
    return changed


def _page(office: Office) -> int | None:
    """One transaction: the next clocks by id, their tickets locked first, in order. None when all are done."""
    with office.database.write() as session:
        now, promises = office.now(), office.promises
        fingerprint = promises.working.fingerprint
        if _mark(session, UNDER_WAY).number != fingerprint:
            _mark(session, UNDER_WAY).number, _mark(session, REACHED).number = fingerprint, 0
        running = select(Clock.id, Clock.ticket_number).where(
            Clock.id > _mark(session, REACHED).number, Clock.state == "running", Clock.by_wall.is_(False)
        )
        found = session.execute(running.order_by(Clock.id).limit(PAGE)).all()
        if not found:
            _mark(session, APPLIED).number = fingerprint
            return None
        numbers = sorted({number for _, number in found})
        locked = select(Ticket).where(Ticket.number.in_(numbers)).order_by(Ticket.number).with_for_update(of=Ticket)
        tickets = list(session.scalars(locked).unique())
        by_ticket: dict[int, list[Clock]] = {}
        for clock in session.scalars(select(Clock).where(Clock.id.in_([id_ for id_, _ in found]))):
            by_ticket.setdefault(clock.ticket_number, []).append(clock)
        changed = sum(_follow(session, ticket, by_ticket[ticket.number], promises, now) for ticket in tickets)
        _mark(session, REACHED).number = found[-1][0]
        return changed


def _mark(session: Session, name: str) -> Revision:
    mark = session.get(Revision, name)
    if mark is None:
        mark = Revision(name=name, number=0)
        session.add(mark)
        session.flush()
    return mark


def _follow(session: Session, ticket: Ticket, own: list[Clock], promises: Promises, now: datetime) -> bool:
    """One ticket; what goes wrong with it delays no other."""
    try:
        with session.begin_nested():
            moved = [clock for clock in own if clocks.follow_calendar(clock, promises, now)]
            changes = {ON_TICKET[clock.kind]: clock.due_at for clock in moved if clock.kind in ON_TICKET}
            changes = {name: due for name, due in changes.items() if getattr(ticket, name) != due}
            if changes:
                apply(session, ticket, "reschedule", SYSTEM_ACTOR, promises, now, changes=changes)
            session.flush()
            return bool(changes)
    except Exception:
        log.exception("calendar.failed", ticket=ticket.number)
        return False
