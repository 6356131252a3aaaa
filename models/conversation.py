"""Where a talk with a resident stands: which form is open and what is already answered."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.database import Record


class Conversation(Record):
    """会话: the open service with its answers so far, and the ticket the resident is talking about.

    Restart-safe: any process can go on from here.
    """

    __tablename__ = "conversations"
    resident_id: Mapped[int] = mapped_column(ForeignKey("residents.id"), primary_key=True)
    service: Mapped[str] = mapped_column(String(40), default="")
    answers: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    misses: Mapped[int] = mapped_column(default=0)
    """Answers in a row that could not be used."""
    asked_at: Mapped[datetime | None]
    talking_ticket: Mapped[int | None]
    """A worker wrote to the resident about this ticket: the resident's next words belong to it."""
    recent_ticket: Mapped[int | None]
    recent_at: Mapped[datetime | None]
    """The ticket last filed or added to; further photos and fragments join it for a while (`gather_seconds`)."""

    def open(self, service: str, answers: dict[str, Any], now: datetime) -> None:
        self.service, self.answers, self.asked_at = service, dict(answers), now

    def close(self) -> None:
        self.service, self.answers, self.misses = "", {}, 0

    def touched(self, ticket: int, now: datetime) -> None:
        self.recent_ticket, self.recent_at = ticket, now


def conversation_of(session: Session, resident_id: int) -> Conversation:
    found = session.get(Conversation, resident_id)
    if not found:
        found = Conversation(resident_id=resident_id, service="", answers={}, misses=0)
        session.add(found)
    return found
