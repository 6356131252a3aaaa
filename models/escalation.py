"""Escalation 逐级上报: which levels were told of which broken promise; the unique key makes each step once."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.database import Record
from models.message import insert_once


class Escalation(Record):
    """逐级上报: one level told once of one breach of one ticket (domain §5: ticket + clock + level + breach)."""

    __tablename__ = "escalations"
    __table_args__ = (UniqueConstraint("ticket_number", "cause", "level", "breach"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_number: Mapped[int] = mapped_column(ForeignKey("tickets.number"))
    cause: Mapped[str] = mapped_column(String(20))
    """response, handling, overall, report_in; or returns, reopened, undelivered."""
    level: Mapped[str] = mapped_column(String(20))
    breach: Mapped[str] = mapped_column(String(40))
    """Which breach of this cause: the clock's id, or the number of the event behind it."""
    area_code: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime] = mapped_column(index=True)


def first_time(
    session: Session, ticket_number: int, cause: str, level: str, breach: str, area_code: str, now: datetime
) -> bool:
    """Keep this step; False when it was made before, by whoever."""
    key = {"ticket_number": ticket_number, "cause": cause, "level": level, "breach": breach}
    return insert_once(session, Escalation, {**key, "area_code": area_code, "at": now})
