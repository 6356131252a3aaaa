"""What became of a send: the one place that decides whether a row waits, ends, or is told by somebody on foot."""

import random
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.config import Delivery
from bot.ladder.recipients import arrived, doubtful, fell, recipient_of
from bot.ladder.results import withdraw_consent
from bot.message import DeliveryFailed
from bot.notices.of_announcements import ANNOUNCEMENT, GROUP_KINDS
from models.announcement import Consent
from models.area import Area, Group, group_of_area, line_of
from models.escalation import first_time
from models.outbox import MOST_SENDS, OutboxMessage, promise, settle
from models.resident import Resident
from models.telling import ask_to_call, receivers
from models.ticket import Ticket

WINDOW_SHUT = (45015, 45047)
"""The platform lets us write again only after the resident has written."""
GONE = (40003, 43004, 43019, 50002)
"""The resident left, blocked us or closed the account."""
WEBHOOK_GONE = 93000
TOO_MANY = 45009
NO_CONSENT = 43101
UNKNOWN_STEP = 12
"""An unknown outcome is tried again after five seconds, then after a minute: longer than most disturbances."""


def most_sends(row: OutboxMessage) -> int:
    """An announcement is never sent twice to one resident, not even when it may not have arrived."""
    return 1 if row.kind == ANNOUNCEMENT else MOST_SENDS


def settle_sent(session: Session, ids: Collection[int], claim: str, now: datetime) -> None:
    if settle(session, list(ids), claim, state="sent", sent_at=now, next_try_at=None, reason=""):
        announced = select(OutboxMessage).where(OutboxMessage.id.in_(ids), OutboxMessage.kind == ANNOUNCEMENT)
        for row in session.scalars(announced):
            arrived(session, row, now)


def give_back(session: Session, ids: Sequence[int], claim: str, when: datetime) -> None:
    """Not sent after all (no slot, no time left): as if never taken."""
    settle(session, list(ids), claim, state="waiting", next_try_at=when, attempts=OutboxMessage.attempts - 1)


def hold(session: Session, rows: Sequence[OutboxMessage], reason: str, now: datetime) -> None:
    """Wait until the resident writes again; meanwhile somebody of the grid calls or visits."""
    for row in rows:
        row.state, row.reason, row.next_try_at, row.claim = "waiting", reason, None, ""
        row.attempts -= 1
        _ask_to_call(session, row, now)


def fail(rows: Sequence[OutboxMessage], reason: str) -> None:
    """Nothing can come of these rows."""
    for row in rows:
        row.state, row.reason, row.next_try_at, row.claim = "failed", reason, None, ""


def readdress(session: Session, rows: Sequence[OutboxMessage], rules: Delivery, now: datetime) -> None:
    """The group has no webhook (any more): to whoever has the ticket now, or later when there is somebody."""
    for row in rows:
        ticket = session.get(Ticket, row.ticket_number) if row.ticket_number else None
        groups = receivers(session, ticket) if ticket else []
        group = groups[0][0] if groups else None
        if row.kind in GROUP_KINDS:
            group = group_of_area(session, row.facts["grids"][0])
        row.state, row.claim, row.attempts = "waiting", "", row.attempts - 1
        row.target = group.chat_id if group else row.target
        row.reason = "" if group else "no_group"
        row.next_try_at = now if group else now + timedelta(seconds=rules.retry_longest_seconds)


def give_up(session: Session, row: OutboxMessage, now: datetime) -> None:
    """Sent as often as is allowed, and nobody knows whether it arrived: somebody else is told instead."""
    row.state, row.next_try_at, row.claim, row.claimed_until = "unknown", None, "", None
    row.reason = row.reason or "outcome_unknown"
    if row.kind == ANNOUNCEMENT:
        if recipient := recipient_of(session, row):
            doubtful(recipient, urgent=row.urgent)
        return
    _instead(session, row, None, now)


def settle_failure(
    session: Session, ids: Collection[int], claim: str, failure: DeliveryFailed, rules: Delivery, now: datetime
) -> None:
    """A refused or lost send: waiting, failed, unknown or held, each with its reason."""
    query = select(OutboxMessage).where(OutboxMessage.id.in_(ids), OutboxMessage.claim == claim).with_for_update()
    for row in session.scalars(query).all():
        row.claim, row.claimed_until, row.reason = "", None, f"errcode:{failure.code}" if failure.code else "failed"
        if row.kind == ANNOUNCEMENT and row.channel == "subscribe" and not failure.unknown:
            _give_back_consent(session, row, failure, now)
        if row.kind == ANNOUNCEMENT and (failure.permanent or failure.code == TOO_MANY):
            _next_rung(session, row, failure)
        elif failure.code in WINDOW_SHUT:
            _shut(session, row, now)
        elif failure.permanent:
            row.state, row.next_try_at = "failed", None
            _instead(session, row, failure, now)
        elif failure.unknown:
            row.state = "unknown"
            row.next_try_at = now + timedelta(seconds=rules.retry_first_seconds * UNKNOWN_STEP ** (row.sends - 1))
            if row.sends >= most_sends(row):
                give_up(session, row, now)
        else:
            if failure.code == TOO_MANY and (group := session.get(Group, row.target)):
                group.paused_until = now + timedelta(seconds=failure.retry_after)
            row.state, row.sends = "waiting", row.sends - 1
            row.next_try_at = now + timedelta(seconds=max(failure.retry_after, _pause(row.attempts, rules)))


def _next_rung(session: Session, row: OutboxMessage, failure: DeliveryFailed) -> None:
    """An announcement certainly did not arrive this way: the ladder looks further."""
    resident = session.scalars(
        select(Resident).where(Resident.openid == row.target).with_for_update(key_share=True)
    ).first()
    if resident and failure.code in GONE:
        resident.followed = False
    if resident and failure.code in WINDOW_SHUT:
        resident.shut()
    row.state, row.next_try_at = "failed", None
    if recipient := recipient_of(session, row):
        fell(recipient, row.reason)


def _give_back_consent(session: Session, row: OutboxMessage, failure: DeliveryFailed, now: datetime) -> None:
    """Nothing was used up; or the platform knows of no consent, and then there is none."""
    resident = session.scalars(select(Resident).where(Resident.openid == row.target)).one()
    template: str = row.facts["template"]
    if failure.code == NO_CONSENT:
        withdraw_consent(session, resident.id, template, now)
    elif consent := session.get(Consent, (resident.id, template), with_for_update=True):
        consent.remaining += 0 if consent.lasting else 1


def _pause(attempts: int, rules: Delivery) -> float:
    """Growing, capped, and a little uneven so that rows do not return in step."""
    longest: float = min(rules.retry_first_seconds * 2 ** min(attempts - 1, 20), rules.retry_longest_seconds)
    return longest * random.uniform(0.9, 1.1)


def _shut(session: Session, row: OutboxMessage, now: datetime) -> None:
    resident = session.scalars(select(Resident).where(Resident.openid == row.target)).first()
    if resident:
        resident.shut()
    row.state, row.next_try_at, row.sends = "waiting", None, row.sends - 1
    _ask_to_call(session, row, now)


def _instead(session: Session, row: OutboxMessage, failure: DeliveryFailed | None, now: datetime) -> None:
    """Another way for a message that can never arrive: the group above, or a call to the resident."""
    if row.channel == "group_push":
        group = session.get(Group, row.target)
        if group and failure and failure.code == WEBHOOK_GONE:
            group.closed_reason = "webhook_gone"
            session.flush()
        _to_the_group_above(session, row, group, now)
    else:
        resident = session.scalars(select(Resident).where(Resident.openid == row.target)).first()
        if resident and failure and failure.code in GONE:
            resident.followed = False
        _ask_to_call(session, row, now)


def _to_the_group_above(session: Session, row: OutboxMessage, group: Group | None, now: datetime) -> None:
    ticket = session.get(Ticket, row.ticket_number) if row.ticket_number else None
    if not ticket and row.kind not in GROUP_KINDS:
        return
    own = ticket.turn_code if ticket else row.facts["grids"][0]
    line = line_of(session, group.area_code if group and group.area_code else own)
    above: Area | None = line[1] if len(line) > 1 else None
    target = group_of_area(session, above.code) if above else None
    if ticket and group and group.department_code:
        target = group_of_area(session, ticket.area_code)
    if target and target.chat_id != row.target:
        if ticket and above:
            first_time(session, ticket.number, "undelivered", above.level, str(row.event_seq), above.code, now)
        key = f"{row.dedupe_key}:up"[:200]
        promise(session, now, key=key, kind=row.kind, channel="group_push", target=target.chat_id,
                ticket=row.ticket_number, event=row.event_seq, facts=row.facts, urgent=row.urgent)  # fmt: skip


def _ask_to_call(session: Session, row: OutboxMessage, now: datetime) -> None:
    """One task for the group that has the ticket, once for each notice."""
    ticket = session.get(Ticket, row.ticket_number) if row.ticket_number else None
    known = session.scalars(select(OutboxMessage.id).where(OutboxMessage.dedupe_key == f"call:{row.id}")).first()
    if ticket and not known:
        ask_to_call(session, row, ticket, now)
