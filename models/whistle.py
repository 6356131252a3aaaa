"""Whistles 网格吹哨、部门报到: departments summoned onto a ticket, each with its own report-in, result and score."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from models.area import Department
from models.database import Record


class Whistle(Record):
    """吹哨: one department called onto one ticket; the ticket stays with its first receiver (首接负责制)."""

    __tablename__ = "whistles"
    __table_args__ = (Index("ix_whistles_ticket", "ticket_number", "department_code"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_number: Mapped[int] = mapped_column(ForeignKey("tickets.number"))
    department_code: Mapped[str] = mapped_column(ForeignKey("departments.code"), index=True)
    area_code: Mapped[str] = mapped_column(ForeignKey("areas.code"), index=True)
    """The grid that whistled: counted per grid."""
    called_by: Mapped[str] = mapped_column(String(40))
    called_at: Mapped[datetime]
    note: Mapped[str] = mapped_column(Text, default="")
    reported_by: Mapped[str] = mapped_column(String(40), default="")
    reported_at: Mapped[datetime | None]
    result: Mapped[str] = mapped_column(Text, default="")
    result_at: Mapped[datetime | None]
    score: Mapped[int | None]
    department: Mapped[Department] = relationship(lazy="joined")


def whistles_of(session: Session, ticket_number: int) -> list[Whistle]:
    query = select(Whistle).where(Whistle.ticket_number == ticket_number).order_by(Whistle.id)
    return list(session.scalars(query))


def whistled(session: Session, ticket_number: int, department_code: str) -> Whistle | None:
    """The newest whistle of this department on this ticket."""
    query = select(Whistle).where(Whistle.ticket_number == ticket_number, Whistle.department_code == department_code)
    return session.scalars(query.order_by(Whistle.id.desc()).limit(1)).first()
