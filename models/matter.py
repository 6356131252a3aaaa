"""The service catalogue: what can be asked for, and who answers for it."""

from typing import Any

from sqlalchemy import JSON, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.database import Record

TIMINGS = ("emergency", "small", "slow", "complex")
OTHER = "other"
"""The matter of a request that only a person can understand."""


class Matter(Record):
    """事项: one kind of request (domain §3). `grid_admitted` is the admission list 准入清单."""

    __tablename__ = "matters"
    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    category: Mapped[str] = mapped_column(String(100), default="")
    timing: Mapped[str] = mapped_column(String(20), default="slow")
    department_code: Mapped[str] = mapped_column(String(40), default="")
    grid_admitted: Mapped[bool] = mapped_column(default=True)
    confidential: Mapped[bool] = mapped_column(default=False)
    keywords: Mapped[list[Any]] = mapped_column(JSON, default=list, deferred=True)
    examples: Mapped[list[Any]] = mapped_column(JSON, default=list, deferred=True)
    advice: Mapped[str] = mapped_column(String(500), default="")
    """What the answer says first, in an emergency above all: whom to call, what not to do. Lines `rule → words` before the last one speak
    where their rule hits; see bot/danger.py."""
    photo: Mapped[bool] = mapped_column(default=False)
    """A picture is wanted before it counts as handled."""
    same_metres: Mapped[int] = mapped_column(default=0)
    """Within how many metres another report may be the same thing; 0: each report is its own (领证, 纠纷 …)."""
    edited: Mapped[bool] = mapped_column(default=False)
    """Changed here by import or staff: `init` does not write the shipped text over it."""

    @property
    def emergency(self) -> bool:
        return self.timing == "emergency"


class Revision(Record):
    """版本: a counter that tells every process that imported or edited facts have changed."""

    __tablename__ = "revisions"
    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    number: Mapped[int] = mapped_column(default=0)


def catalogue_revision(session: Session) -> int:
    return session.scalar(select(Revision.number).where(Revision.name == "catalogue")) or 0


def bump_catalogue(session: Session) -> None:
    """Areas, buildings or matters changed: understanding and gazetteer are read afresh before the next message."""
    revision = session.get(Revision, "catalogue") or Revision(name="catalogue", number=0)
    revision.number += 1
    session.add(revision)
