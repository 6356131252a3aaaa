"""What becomes of one recipient: under way, arrived, fallen to the next rung, unknown or passed over, always with why."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.ladder.choose import OUTCOME_UNKNOWN, WRITTEN
from bot.notices.of_announcements import ANNOUNCEMENT
from models.announcement import SENDING, SENT, Announcement, Recipient
from models.outbox import OutboxMessage, promise
from models.resident import Resident


def promise_written(
    session: Session, now: datetime, announcement: Announcement, recipient: tuple[int, int, str], channel: str
) -> OutboxMessage:
    """One row of the outbox for a recipient (id, resident id, openid). The key is the recipient's, whatever happens."""
    recipient_id, resident_id, openid = recipient
    letter = "r" if channel == WRITTEN[0] else "s"
    return promise(
        session, now, key=f"a{announcement.id}:{letter}{resident_id}", kind=ANNOUNCEMENT, channel=channel, target=openid,
        facts={"announcement": announcement.id, "recipient": recipient_id}, urgent=bool(announcement.urgent_reason),
    )  # fmt: skip


def recipient_of(session: Session, row: OutboxMessage) -> Recipient | None:
    """Held until the end of the transaction."""
    query = select(Recipient).where(Recipient.id == row.facts.get("recipient", 0)).with_for_update()
    return session.scalars(query, execution_options={"populate_existing": True}).first()


def arrived(session: Session, row: OutboxMessage, now: datetime) -> None:
    """The platform took it. Who has answered already stays `read`."""
    if (recipient := recipient_of(session, row)) and recipient.state in ("under_way", "unknown"):
        recipient.state, recipient.sent_at = "sent", now


def fell(recipient: Recipient, reason: str) -> None:
    """It certainly did not arrive this way: the next rung is looked for."""
    if recipient.state in ("under_way", "sent"):
        recipient.tried = [*recipient.tried, [recipient.channel, reason[:100]]]
        recipient.state, recipient.channel, recipient.reason = "waiting", "", ""
        recipient.chunk_id = recipient.sent_at = None


def doubtful(recipient: Recipient, *, urgent: bool) -> None:
    """It may have arrived. Nobody is written to twice; in an emergency somebody of the grid makes sure."""
    if recipient.state != "under_way":
        return
    if urgent:
        fell(recipient, OUTCOME_UNKNOWN)
    else:
        recipient.state, recipient.reason = "unknown", OUTCOME_UNKNOWN


def passed_over(recipient: Recipient, reason: str) -> None:
    """Nobody is told, and this is why."""
    if recipient.state in ("waiting", "under_way"):
        recipient.state, recipient.reason = "skipped", reason


def reopened(session: Session, announcement_id: int) -> None:
    """Somebody fell off a rung after the last page: there is work again."""
    announcement = session.get(Announcement, announcement_id, with_for_update=True)
    if announcement and announcement.state == SENT:
        announcement.state, announcement.finished_at = SENDING, None


def left_the_account(session: Session, resident: Resident) -> None:
    """What was still promised to them by message has just been taken back: other ways are looked for."""
    query = select(Recipient).where(
        Recipient.resident_id == resident.id, Recipient.state == "under_way", Recipient.channel.in_(WRITTEN)
    )
    for recipient in session.scalars(query.with_for_update()):
        gone = select(OutboxMessage.id).where(
            OutboxMessage.dedupe_key == f"a{recipient.announcement_id}:r{resident.id}", OutboxMessage.state == "skipped"
        )
        if recipient.channel == WRITTEN[0] and session.scalar(gone):
            fell(recipient, "unfollowed")
