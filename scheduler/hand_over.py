"""交班: open tickets of whoever is not there any more, or away for long, go to whoever covers.

Looks only at people whose posting or standing in ended a short while ago and at those on leave now, and of these only
at what they still hold: done twice it changes nothing.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.office import Office
from models.area import line_of, turn_of
from models.authority import role_on
from models.clock import Promises
from models.life import apply
from models.person import Posting, ended_lately
from models.roster import absence, covering, duties_of, on_leave, standing_in, stood_in_lately
from models.ticket import SYSTEM_ACTOR, Ticket, TicketEvent
from models.transitions import ACCEPTED, DEFERRED, HANDLER, NEED_INFO, move_of

log = structlog.get_logger()

IN_HANDS = (ACCEPTED, NEED_INFO, DEFERRED)
"""What is handled already waits for the resident's word; reopened it is in hand again."""
LATELY = timedelta(days=31)
"""What ended before is looked at no more: a ticket left over breaks its promise and is taken back by its clock."""
GONE, AWAY = "原来的办理人不在岗了", "原来的办理人请假"


def hand_over_open(office: Office) -> int:
    """Hand over, or take back, what absent people hold; returns how many tickets moved."""
    now, zone = office.now(), office.settings.deployment.zone
    with office.database.read() as session:
        today = now.astimezone(zone).date()
        people = {*ended_lately(session, today - LATELY, today), *stood_in_lately(session, now - LATELY, now)}
        numbers = sorted(_held_by(session, people | set(on_leave(session, now))))
    return sum(_one(office, number) for number in numbers)


def _held_by(session: Session, people: set[str]) -> Iterator[int]:
    for key in sorted(people):
        held = select(Ticket.number).where(Ticket.holder_key == key, Ticket.status.in_(IN_HANDS))
        yield from session.scalars(held)


def _one(office: Office, number: int) -> bool:
    """One ticket in a transaction of its own, as it is now; what goes wrong with it delays no other."""
    try:
        with office.database.write() as session:
            held = select(Ticket).where(Ticket.number == number).with_for_update(of=Ticket, skip_locked=True)
            ticket = session.scalars(held).unique().first()
            if not ticket or not ticket.holder_key or ticket.status not in IN_HANDS:
                return False
            return _settle(session, ticket, ticket.holder_key, office.promises, office.now())
    except Exception:
        log.exception("hand_over.failed", ticket=number)
        return False


def _settle(session: Session, ticket: Ticket, holder: str, promises: Promises, now: datetime) -> bool:
    """To whoever covers; to nobody, for everybody to sign, when there is none to name. False: it stays where it is."""
    if not ticket.matter.emergency and not _office_hours(promises, now):
        return False  # residents are not woken up to be told who comes tomorrow
    reason = _why(session, ticket, holder, promises, now)
    if not reason:
        return False
    action, changes = "take_back", _turn(session, ticket, promises, now)
    if taker := _taker(session, ticket, holder, promises, now, anybody=reason == AWAY):
        action, changes = "hand_over", {"holder_key": taker.person_key, "asked_key": None}
    if ticket.status not in move_of(action).frm:
        return False
    apply(session, ticket, action, SYSTEM_ACTOR, promises, now, note=reason, changes=changes)
    return True


def _office_hours(promises: Promises, now: datetime) -> bool:
    day = promises.working.local_day(now)
    return any(start <= now < end for start, end in promises.working.spans(day))


def _why(session: Session, ticket: Ticket, holder: str, promises: Promises, now: datetime) -> str:
    """Why the holder cannot go on with it; empty when they can, or when a leave is short or stood in for."""
    zone = promises.working.zone
    role = role_on(session, duties_of(session, holder, now, zone), ticket, (HANDLER,))
    if not role or role[0] != HANDLER:
        return GONE
    leave = absence(session, holder, role[1].area_code, now)
    if not leave or promises.working.between(*leave) <= promises.working.day_length:
        return ""
    at_it = _worked_on(session, ticket, holder, leave[0])
    return "" if at_it or standing_in(session, role[1], now, zone) else AWAY


def _worked_on(session: Session, ticket: Ticket, holder: str, since: datetime) -> bool:
    """Signed or answered during the leave: then they mean to do it themselves."""
    said = select(TicketEvent.id).where(
        TicketEvent.ticket_number == ticket.number, TicketEvent.actor == holder, TicketEvent.at > since
    )
    return session.scalar(said.limit(1)) is not None


def _taker(
    session: Session, ticket: Ticket, holder: str, promises: Promises, now: datetime, *, anybody: bool
) -> Posting | None:
    """Who goes on with it: whoever stands in, or a full-time worker; for a leave whoever is there. None: nobody."""
    zone, department = promises.working.zone, ticket.department_code
    for posting in covering(
        session, now, zone, area_code=None if department else ticket.turn_code, department_code=department,
        number=ticket.number,
    ):  # fmt: skip
        named = anybody or posting.stands_in_for or posting.duty in ("full_time", "liaison")
        role = role_on(session, [posting], ticket, (HANDLER,))
        if named and posting.person_key != holder and role and role[0] == HANDLER:
            return posting
    return None


def _turn(session: Session, ticket: Ticket, promises: Promises, now: datetime) -> dict[str, str | None]:
    """The grid again, or the nearest level above where somebody is; a department's ticket stays the department's."""
    if ticket.department_code:
        return {}
    line = line_of(session, ticket.turn_code)
    there = (a for a in line if covering(session, now, promises.working.zone, area_code=a.code))
    area = next(there, line[0])
    return {**turn_of(area)}
