"""Following 关注: neighbours who reported the same thing and are told of every step."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from models.database import Record
from models.resident import Resident


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
