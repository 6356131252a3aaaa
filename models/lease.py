"""Who leads the clock: one lease row, so that a stopped process loses it too; and the shared platform token."""

from datetime import datetime, timedelta

from sqlalchemy import String, or_, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.database import Record
from models.message import insert_once


class Lease(Record):
    """租约: a task only one process may do, until a moment."""

    __tablename__ = "leases"
    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    owner: Mapped[str] = mapped_column(String(60), default="")
    until: Mapped[datetime]


def hold(session: Session, name: str, owner: str, now: datetime, length: timedelta) -> bool:
    """Take or renew the lease; False while another owner's still runs."""
    insert_once(session, Lease, {"name": name, "owner": owner, "until": now})
    free = or_(Lease.owner == owner, Lease.until <= now, Lease.until > now + 10 * length)
    result = session.execute(update(Lease).where(Lease.name == name, free).values(owner=owner, until=now + length))
    return result.rowcount == 1  # type: ignore[attr-defined, no-any-return]


class AccessToken(Record):
    """凭证: the platform's access token, shared by every process, and when a new one was last asked for."""

    __tablename__ = "access_tokens"
    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    token: Mapped[str] = mapped_column(String(2048), default="")
    expires_at: Mapped[datetime | None]
    asked_at: Mapped[datetime | None]
