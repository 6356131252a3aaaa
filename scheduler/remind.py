"""提醒: reminders whose time has come become promised messages; what is too late is left out, and the next time planned.

After a stop of the process a reminder comes once, up to a day late and saying so, never as a burst.
"""

from collections.abc import Collection
from datetime import datetime, time, timedelta

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.announcing.preview import rules_from
from bot.ladder.quiet import quiet_until
from bot.office import Office
from bot.recurrence import Recurrence
from bot.reminding import due_time, next_time
from models.area import Area, group_of_area
from models.audience import Audience
from models.audit import record
from models.database import Refused
from models.outbox import OutboxMessage, promise
from models.release import Wording, approve, draft
from models.reminder import (
    APPOINTMENT,
    AUDIENCE,
    DONE,
    REMINDER,
    WORKERS,
    Reminder,
    due_reminders,
    moment_text,
    skip_stale,
    stop,
)  # fmt: skip
from models.resident import Resident
from models.telling import receivers
from models.ticket import Ticket
from models.transitions import TO_DO

log = structlog.get_logger()

PAGE = 200


def remind(office: Office) -> None:
    """Everything that is due now, page after page."""
    if quiet_until(office.settings.quiet_hours, office.now(), office.settings.deployment.zone):
        return
    while _page(office) == PAGE:
        pass


def _page(office: Office) -> int:
    now = office.now()
    with office.database.write() as session:
        skip_stale(session, now)
        due = due_reminders(session, now, PAGE)
        for reminder in due:
            _fire(office, session, reminder, now)
        return len(due)


def _fire(office: Office, session: Session, reminder: Reminder, now: datetime) -> None:
    """One reminder: promised now if it is not too late, and planned again."""
    try:
        rule = Recurrence.from_facts(reminder.rule)
        due = due_time(office, reminder, now)
    except (ValueError, KeyError, TypeError):
        log.error("reminder.no_rule", reminder=reminder.id)
        stop(reminder)
        return
    if due and reminder.kind == AUDIENCE:
        _announce(office, session, reminder, now)
    elif due:
        _promise(office, session, reminder, due, now)
    if due:
        reminder.last_at = now
    else:
        log.warning("reminder.missed", reminder=reminder.id)
    reminder.next_at = next_time(office, rule, now)
    if reminder.next_at is None:
        reminder.state = DONE


def _announce(office: Office, session: Session, reminder: Reminder, now: datetime) -> None:
    """An announcement of this day for whoever is meant now; author and approver released the reminder as a whole."""
    zone, facts = office.settings.deployment.zone, reminder.audience
    midnight = datetime.combine(now.astimezone(zone).date() + timedelta(days=1), time(), zone)
    wording = Wording(facts["title"], reminder.text, Audience.from_facts(facts), valid_until=midnight)
    rules = rules_from(office.settings)
    try:
        with session.begin_nested():
            row = draft(session, now, rules, reminder.created_by, wording)
            approve(session, now, rules, facts["approver"], row.id)
    except Refused as refused:
        log.warning("reminder.refused", reminder=reminder.id)
        record(session, now, "system", "remind.refused", f"reminder:{reminder.id} {refused}"[:200])


def _promise(office: Office, session: Session, reminder: Reminder, due: datetime, now: datetime) -> None:
    zone = office.settings.deployment.zone
    day = due.astimezone(zone).date()
    until = datetime.combine(now.astimezone(zone).date() + timedelta(days=1), time(), zone)
    if reminder.kind == APPOINTMENT:
        until = datetime.fromisoformat(reminder.audience["until"])
    facts = {"reminder": reminder.id, "due": moment_text(due), "until": moment_text(until)}
    for channel, target in sorted(_targets(session, reminder)):
        key = f"r{reminder.id}:{day}" if channel == "official_account" else f"r{reminder.id}:{day}:{target}"
        if not session.scalar(select(OutboxMessage.id).where(OutboxMessage.dedupe_key == key)):
            promise(session, now, key=key, kind=REMINDER, channel=channel, target=target, facts=facts)


def _targets(session: Session, reminder: Reminder) -> Collection[tuple[str, str]]:
    """Channel and address of everybody who is reminded; nobody who has left."""
    if reminder.kind == WORKERS:
        grids = grids_below(session, reminder.audience.get("areas", ()))
        groups = [group_of_area(session, code) for code in grids]
        return {("group_push", group.chat_id) for group in groups if group}
    if reminder.kind == APPOINTMENT:
        ticket = session.get(Ticket, reminder.ticket_number)
        if not ticket or ticket.status not in TO_DO:
            return ()
        if reminder.audience["side"] == "group":
            return {("group_push", group.chat_id) for group, _ in receivers(session, ticket)[:1]}
    resident = session.get(Resident, reminder.resident_id)
    return {("official_account", resident.openid)} if resident and resident.followed else ()


def grids_below(session: Session, codes: Collection[str]) -> list[str]:
    """The lowest areas of those named: where the workers are."""
    found, left = set[str](), list(codes)
    seen = set[str]()
    while left:
        code = left.pop()
        below = session.scalars(select(Area.code).where(Area.parent_code == code)).all()
        if code not in seen:
            seen.add(code)
            left += below
            found |= set() if below else {code}
    return sorted(found)
