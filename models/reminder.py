"""Reminders 提醒: once or recurring, for a resident, for the workers of areas, or for both sides of an appointment."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from models.database import Record


class Reminder(Record):
    """提醒: what to say to whom, by which rule, and when next."""

    __tablename__ = "reminders"
    __table_args__ = (Index("ix_reminders_due", "state", "next_at"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    """resident (their own), audience (residents), workers (their grid's group), appointment (both sides)."""
    resident_id: Mapped[int | None] = mapped_column(ForeignKey("residents.id"), index=True)
    ticket_number: Mapped[int | None] = mapped_column(ForeignKey("tickets.number"), index=True)
    audience: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """As an announcement's."""
    text: Mapped[str] = mapped_column(String(500))
    rule: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """How it recurs, see bot/recurrence.py."""
    next_at: Mapped[datetime | None]
    last_at: Mapped[datetime | None]
    state: Mapped[str] = mapped_column(String(10), default="active")
    """active, stopped, done."""
    created_by: Mapped[str] = mapped_column(String(60), default="")
    created_at: Mapped[datetime]
