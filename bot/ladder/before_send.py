"""The last look before a message of an announcement leaves: still wanted, still valid, still allowed?

The announcement's row is held first and the outbox's rows after it, as withdrawing does, so that one waits for the other.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from bot.config import Settings
from bot.ladder.choose import KEPT_FOR_TICKETS, OFFICIAL_ACCOUNT
from bot.ladder.facts import messages_left
from bot.ladder.quiet import quiet_until
from bot.ladder.recipients import fell, passed_over, recipient_of
from models.announcement import SENDING, SENT, WITHDRAWN, Announcement, Consent
from models.outbox import OutboxMessage
from models.release import still_as_approved
from models.resident import Resident
from models.withdrawal import no_task_of


def held(session: Session, announcement_id: int) -> Announcement | None:
    """The announcement as it is now; it cannot be withdrawn before this transaction ends."""
    return session.get(Announcement, announcement_id, with_for_update={"read": True}, populate_existing=True)


def stopped(announcement: Announcement | None, now: datetime) -> str:
    """Why nothing of it may leave any more; empty when it may."""
    if announcement and announcement.state == WITHDRAWN:
        return "withdrawn"
    if not announcement or announcement.state not in (SENDING, SENT) or not still_as_approved(announcement):
        return "not_approved"
    if announcement.valid_until and announcement.valid_until <= now:
        return "expired"
    return ""


def put_off(announcement: Announcement, settings: Settings, now: datetime) -> datetime | None:
    """The end of the quiet hours, unless it is urgent."""
    return None if announcement.urgent_reason else quiet_until(settings.quiet_hours, now, settings.deployment.zone)


def may_leave(
    session: Session, settings: Settings, row: OutboxMessage, announcement: Announcement | None, now: datetime
) -> bool:
    """May this row go to its group now? If not, the row is closed or put off, with the reason."""
    if why := stopped(announcement, now):
        _close_for_group(session, row, why)
        return False
    assert announcement
    if when := put_off(announcement, settings, now):
        row.state, row.claim, row.claimed_until, row.next_try_at = "waiting", "", None, when
        row.attempts -= 1
        return False
    return True


def may_reach(
    session: Session, settings: Settings, row: OutboxMessage, announcement: Announcement | None, resident: Resident,
    now: datetime,
) -> bool:  # fmt: skip
    """May this row go to its resident now? If not, the recipient is passed over or falls to the next rung."""
    recipient = recipient_of(session, row)
    if not recipient or recipient.state != "under_way":
        close(row, "void")
        return False
    if why := stopped(announcement, now) or ("" if resident.bulletins else "unsubscribed"):
        close(row, why)
        passed_over(recipient, why)
        return False
    if not may_leave(session, settings, row, announcement, now):
        return False
    if why := _shut(session, settings, row, resident, now):
        close(row, why)
        fell(recipient, why)
        return False
    return True


def _shut(session: Session, settings: Settings, row: OutboxMessage, resident: Resident, now: datetime) -> str:
    """What has closed this way since it was chosen."""
    if not resident.followed:
        return "unfollowed"
    if row.channel == OFFICIAL_ACCOUNT:
        left = messages_left(resident, now)
        return "" if left > KEPT_FOR_TICKETS else "reserve" if left else "window_closed"
    consent = session.get(Consent, (resident.id, settings.announcements.subscribe_template))
    return "" if consent and (consent.lasting or consent.remaining > 0) else "no_consent"


def _close_for_group(session: Session, row: OutboxMessage, why: str) -> None:
    """A text no group has had leaves no task behind; one that may have arrived before stays unknown."""
    close(row, why)
    if row.sends:
        row.state = "unknown"
    else:
        no_task_of(session, row, why)


def close(row: OutboxMessage, reason: str) -> None:
    row.state, row.reason, row.next_try_at, row.claim, row.claimed_until = "skipped", reason, None, "", None
