"""Following 关注: neighbours who reported the same thing and are told of every step."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from models.database import Record
from models.message import Message, MessageTicket
from models.resident import Resident
from models.ticket import Ticket, ticket_for_update


class Follower(Record):
    """关注人: a resident on somebody else's ticket, with the place and words they came with."""

    __tablename__ = "followers"
    __table_args__ = (UniqueConstraint("ticket_number", "resident_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_number: Mapped[int] = mapped_column(ForeignKey("tickets.number"))
    resident_id: Mapped[int] = mapped_column(ForeignKey("residents.id"), index=True)
    joined_at: Mapped[datetime]
    left_at: Mapped[datetime | None]
    came_with: Mapped[int | None] = mapped_column(ForeignKey("tickets.number"), index=True)
    """Their own ticket, when it was merged into this one; an undone merge takes them back."""
    text: Mapped[str] = mapped_column(Text, default="")
    building_code: Mapped[str | None] = mapped_column(ForeignKey("buildings.code"), index=True)
    place: Mapped[str] = mapped_column(String(200), default="")
    door: Mapped[str] = mapped_column(String(40), default="")
    resident: Mapped[Resident] = relationship(lazy="joined")


def followers_of(session: Session, ticket_number: int) -> list[Follower]:
    """Who follows now, first come first."""
    query = select(Follower).where(Follower.ticket_number == ticket_number, Follower.left_at.is_(None))
    return list(session.scalars(query.order_by(Follower.id)))


def ever_followed(session: Session, resident_id: int, numbers: Iterable[int]) -> dict[int, Follower]:
    """This resident's places on these tickets, those they have left included, by number."""
    query = select(Follower).where(Follower.resident_id == resident_id, Follower.ticket_number.in_(set(numbers)))
    return {follower.ticket_number: follower for follower in session.scalars(query)}


def following(session: Session, ticket_number: int, resident_id: int) -> Follower | None:
    """The resident's place on this ticket, unless they have left it."""
    found = ever_followed(session, resident_id, [ticket_number]).get(ticket_number)
    return found if found and not found.left_at else None


def followed_by(session: Session, resident_id: int, limit: int = 9) -> list[tuple[Follower, Ticket]]:
    """What a resident follows, newest first; a ticket merged into another is told under that one."""
    query = (
        select(Follower, Ticket)
        .join(Ticket, Ticket.number == Follower.ticket_number)
        .where(Follower.resident_id == resident_id, Follower.left_at.is_(None), Ticket.merged_into.is_(None))
        .order_by(Follower.id.desc())
        .limit(limit)
    )
    return [(follower, ticket) for follower, ticket in session.execute(query)]


def survivor(session: Session, ticket: Ticket) -> Ticket:
    """The ticket that lives on when this one was merged, held for update; otherwise this very one."""
    seen = {ticket.number}
    while ticket.merged_into and ticket.merged_into not in seen:
        seen.add(ticket.merged_into)
        if not (into := ticket_for_update(session, ticket.merged_into)):
            break
        ticket = into
    return ticket


def messages_on(session: Session, ticket_number: int, resident_id: int) -> list[int]:
    """What this resident has said on a ticket, by the ids of the messages."""
    query = select(Message.id).join(MessageTicket, MessageTicket.message_id == Message.id)
    mine = (MessageTicket.ticket_number == ticket_number, Message.resident_id == resident_id)
    return list(session.scalars(query.where(*mine).order_by(Message.id)))


def asked_for_speed(session: Session, ticket_number: int, since: datetime) -> dict[int, datetime]:
    """催办: which residents have asked for speed on this ticket after that moment, and when each did last."""
    query = (
        select(Message.resident_id, func.max(Message.received_at))
        .join(MessageTicket, MessageTicket.message_id == Message.id)
        .where(
            MessageTicket.ticket_number == ticket_number,
            Message.reply_kind == "remind",
            Message.resident_id.is_not(None),
            Message.received_at > since,
        )
        .group_by(Message.resident_id)
    )
    return {resident_id: at for resident_id, at in session.execute(query) if resident_id is not None}
