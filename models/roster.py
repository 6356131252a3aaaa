"""Roster 值班: who covers an area now: shifts, leave, stand-ins. Chat presence is never used (domain §2)."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from models.database import Record


class RosterEntry(Record):
    """值班安排: one person in one area for a while: on a shift, on leave, or standing in for somebody."""

    __tablename__ = "roster"
    __table_args__ = (Index("ix_roster_area", "area_code", "until"), Index("ix_roster_person", "person_key", "until"))
    id: Mapped[int] = mapped_column(primary_key=True)
    person_key: Mapped[str] = mapped_column(ForeignKey("people.key"))
    area_code: Mapped[str | None] = mapped_column(ForeignKey("areas.code"))
    """None: everywhere this person is posted (leave)."""
    kind: Mapped[str] = mapped_column(String(10))
    """shift, leave, stand_in."""
    since: Mapped[datetime]
    until: Mapped[datetime]
    """Exclusive."""
    weekdays: Mapped[str] = mapped_column(String(20), default="")
    """A shift's days, e.g. `12345`; empty: every day."""
    begins: Mapped[str] = mapped_column(String(5), default="")
    ends: Mapped[str] = mapped_column(String(5), default="")
    """A shift's hours, local, e.g. 08:30 and 17:30; over midnight when the end is not later."""
    stands_in_for: Mapped[str | None] = mapped_column(ForeignKey("people.key"), index=True)
    note: Mapped[str] = mapped_column(String(200), default="")
    created_by: Mapped[str] = mapped_column(String(60), default="")
    created_at: Mapped[datetime]
