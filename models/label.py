"""What people teach the bot: corrected matters as labelled examples, and every version of a matter's rules."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.database import Record


class Label(Record):
    """改类样本: a resident's words with the matter somebody said they are about."""

    __tablename__ = "labels"
    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_number: Mapped[int] = mapped_column(ForeignKey("tickets.number"), index=True)
    text: Mapped[str] = mapped_column(Text)
    guessed: Mapped[str] = mapped_column(String(40))
    """The matter the bot had chosen."""
    matter: Mapped[str] = mapped_column(String(40), index=True)
    """The matter it really is."""
    by_kind: Mapped[str] = mapped_column(String(20))
    """resident, worker, department, staff."""
    by_key: Mapped[str] = mapped_column(String(60), default="")
    revision: Mapped[int] = mapped_column(default=0)
    """Of the catalogue that guessed."""
    at: Mapped[datetime] = mapped_column(index=True)


class MatterVersion(Record):
    """事项版本: a matter's rules and examples as they were from one revision of the catalogue on."""

    __tablename__ = "matter_versions"
    __table_args__ = (UniqueConstraint("matter_code", "revision"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    matter_code: Mapped[str] = mapped_column(String(40))
    revision: Mapped[int] = mapped_column(index=True)
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """name, timing, keywords, examples."""
    changed_by: Mapped[str] = mapped_column(String(60), default="")
    at: Mapped[datetime]
