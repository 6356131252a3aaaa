"""照片: what a resident photographed follows the card, to the group that has the ticket and to nobody else.

A picture is a row of its own behind every card: it can fail, expire or be dropped without holding up a word.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from bot.config import Delivery
from bot.message import DeliveryFailed
from models.area import Group
from models.message import Message, MessageTicket, insert_once
from models.outbox import MOST_SENDS, PHOTO, OutboxMessage
from models.telling import receivers
from models.ticket import Ticket
from scheduler.outcome import settle_failure

BEHIND = ("card", "note", "supply", "voices")
"""The rows a picture may follow: the ticket itself, and the words a picture came with."""
MOST = 3
"""Pictures of one ticket for one group: a minute has room for twenty messages."""
KEPT = timedelta(days=3)
"""How long the platform keeps what a resident sent (protocol.md §1.6)."""


def promise_photos(session: Session, ids: Collection[int], now: datetime) -> None:
    """These rows have arrived: the pictures that belong to them are promised, oldest first, each once for each group."""
    by_row: dict[OutboxMessage, list[int]] = {}
    for row, message_id in session.execute(_behind(ids, now)):
        by_row.setdefault(row, []).append(message_id)
    for row, pictures in by_row.items():
        ticket = session.get_one(Ticket, row.ticket_number)
        if _has_it(session, ticket, row.target):
            known = _promised(session, ticket.number, row.target)
            new = [message_id for message_id in pictures if message_id not in known]
            for message_id in new[: max(0, MOST - len(known))]:
                _promise(session, row, message_id, now)


def _behind(ids: Collection[int], now: datetime) -> Select[OutboxMessage, int]:
    """Those of the rows that a picture may follow, each with the pictures of its ticket that can still be fetched."""
    return (
        select(OutboxMessage, Message.id)
        .join(MessageTicket, MessageTicket.ticket_number == OutboxMessage.ticket_number)
        .join(Message, Message.id == MessageTicket.message_id)
        .where(OutboxMessage.id.in_(ids), OutboxMessage.channel == "group_push", OutboxMessage.kind.in_(BEHIND))
        .where(Message.channel == "official_account", Message.type == "image", Message.received_at > now - KEPT)
        .order_by(OutboxMessage.id, Message.id)
    )


def _promised(session: Session, number: int, chat_id: str) -> set[int]:
    """The messages whose pictures this group was promised already."""
    query = select(OutboxMessage.facts).where(
        OutboxMessage.ticket_number == number, OutboxMessage.target == chat_id, OutboxMessage.kind == PHOTO
    )
    return {facts["message"] for facts in session.scalars(query)}


def _has_it(session: Session, ticket: Ticket, chat_id: str) -> bool:
    """This group's ticket, and nothing that only its handler should see."""
    groups = receivers(session, ticket)
    return bool(groups) and groups[0][0].chat_id == chat_id and not ticket.matter.confidential and not ticket.finished


def _promise(session: Session, row: OutboxMessage, message_id: int, now: datetime) -> None:
    """Once, whoever else settles a row of this ticket at the same moment."""
    values = {
        "dedupe_key": f"photo:{row.ticket_number}:{message_id}:{row.target}"[:200], "kind": PHOTO,
        "channel": row.channel, "target": row.target, "ticket_number": row.ticket_number, "event_seq": row.event_seq,
        "facts": {"message": message_id}, "urgent": row.urgent, "state": "waiting", "attempts": 0, "sends": 0,
        "reason": "", "claim": "", "created_at": now, "next_try_at": now,
    }  # fmt: skip
    insert_once(session, OutboxMessage, values)


def media_to_show(session: Session, row: OutboxMessage, group: Group | None, now: datetime) -> str:
    """The picture's id at the platform; empty, and the row is closed, when this group may not see it any more."""
    message = session.get(Message, row.facts["message"])
    ticket = session.get(Ticket, row.ticket_number)
    media = str(message.facts.get("media_id", "")) if message and message.received_at > now - KEPT else ""
    if not media:
        close(row, "photo_expired")
    elif not group or not group.webhook_key or not ticket or not _has_it(session, ticket, row.target):
        close(row, "photo_moved")
        return ""
    return media


def just_told(session: Session, row: OutboxMessage) -> bool:
    """Was the last thing this group read about the same ticket? Otherwise nobody knows whose picture it is."""
    last = select(OutboxMessage.ticket_number).where(
        OutboxMessage.channel == row.channel, OutboxMessage.target == row.target, OutboxMessage.state == "sent"
    )
    newest = session.scalars(last.order_by(OutboxMessage.sent_at.desc(), OutboxMessage.id.desc()).limit(1)).first()
    return newest == row.ticket_number


def close(row: OutboxMessage, reason: str) -> None:
    """A picture that cannot be shown is told to nobody: the words have arrived."""
    row.state, row.reason, row.next_try_at, row.claim, row.claimed_until = "skipped", reason, None, "", None


def settle_photo(
    session: Session, ids: Collection[int], claim: str, failure: DeliveryFailed, rules: Delivery, now: datetime
) -> None:
    """Tried again like a card, and then let go, where a card would be told one level up."""
    mine = select(OutboxMessage).where(OutboxMessage.id.in_(ids), OutboxMessage.claim == claim).with_for_update()
    for row in session.scalars(mine).all():
        spent = failure.unknown and row.sends >= MOST_SENDS
        if failure.permanent or spent or row.attempts >= rules.poison_attempts:
            close(row, f"errcode:{failure.code}")
    session.flush()
    settle_failure(session, ids, claim, failure, rules, now)
