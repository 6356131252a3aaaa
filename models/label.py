"""What people teach the bot: corrected matters as labelled examples, and every version of a matter's rules."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, Text, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column, undefer

from models.database import Record
from models.matter import Matter, catalogue_revision


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


def keep_label(
    session: Session, ticket_number: int, text: str, guessed: str, matter: str, by_kind: str, by_key: str,
    revision: int, now: datetime,
) -> None:  # fmt: skip
    """A corrected ticket is an example from now on."""
    session.add(Label(
        ticket_number=ticket_number, text=text, guessed=guessed, matter=matter, by_kind=by_kind, by_key=by_key,
        revision=revision, at=now,
    ))  # fmt: skip


def record_versions(session: Session, changed_by: str, now: datetime) -> int:
    """Keep every matter whose rules differ from the version kept last. Returns how many did."""
    session.flush()
    newest = select(func.max(MatterVersion.id)).group_by(MatterVersion.matter_code)
    known = {v.matter_code: v.facts for v in session.scalars(select(MatterVersion).where(MatterVersion.id.in_(newest)))}
    revision, written = catalogue_revision(session), 0
    for matter in session.scalars(select(Matter).options(undefer("*")).order_by(Matter.code)):
        facts = {
            "name": matter.name, "timing": matter.timing, "keywords": list(matter.keywords),
            "examples": list(matter.examples),
        }  # fmt: skip
        if known.get(matter.code) != facts:
            session.add(MatterVersion(
                matter_code=matter.code, revision=revision, facts=facts, changed_by=changed_by, at=now,
            ))  # fmt: skip
            written += 1
    session.flush()
    return written
