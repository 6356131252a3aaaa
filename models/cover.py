"""Cover pictures 封面: kept in the database, so that every host shows the same one; named by what they contain.

An announcement holds the SHA-256 of its picture, which is part of what is approved: other bytes are another picture.
"""

import hashlib
import secrets
from datetime import datetime

from sqlalchemy import LargeBinary, String, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.announcement import DRAFT, WITHDRAWN, Announcement
from models.database import Record, insert_into


class Cover(Record):
    """封面: one picture, whoever uses it; `token` is its public name, which nobody can guess."""

    __tablename__ = "covers"
    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    """image/jpeg or image/png, by its first bytes."""
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    token: Mapped[str] = mapped_column(String(43), unique=True)
    created_at: Mapped[datetime]
    media_id: Mapped[str] = mapped_column(String(128), default="")
    """Of the permanent material the platform made of it; empty until it is needed."""


def keep_cover(session: Session, now: datetime, kind: str, content: bytes) -> str:
    """Its SHA-256; the same picture is kept once."""
    name = hashlib.sha256(content).hexdigest()
    values = {"sha256": name, "kind": kind, "content": content, "token": secrets.token_urlsafe(32), "created_at": now}
    session.execute(insert_into(session, Cover).values(**values, media_id="").on_conflict_do_nothing())
    return name


def content_of(session: Session, name: str) -> bytes | None:
    """The picture; None when it is gone, or is not what was approved."""
    content = session.scalar(select(Cover.content).where(Cover.sha256 == name))
    return content if content is not None and hashlib.sha256(content).hexdigest() == name else None


def public_cover(session: Session, token: str) -> Cover | None:
    """The picture of this public name, while an announcement that two people released uses it."""
    shown = Announcement.state.not_in((DRAFT, WITHDRAWN))
    query = select(Cover).join(Announcement, Announcement.cover == Cover.sha256).where(Cover.token == token, shown)
    return session.scalars(query.limit(1)).first()


def forget_unused(session: Session, name: str) -> None:
    """A picture no announcement has any more is not kept."""
    used = select(Announcement.id).where(Announcement.cover == name)
    session.execute(delete(Cover).where(Cover.sha256 == name, ~used.exists()))
