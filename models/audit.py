"""The audit trail 审计: who did or saw what, chained by hashes so that a changed row is found (I11, TH52).

Rows hold ids and hashes only, never personal text, so that they can be kept when a resident is deleted.
"""

import hashlib
import json
from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.database import Record


class AuditRow(Record):
    """审计记录: one act that somebody may have to answer for."""

    __tablename__ = "audit"
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(60))
    action: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(String(200))
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class AuditHead(Record):
    """The last link; locking this row keeps the chain single on PostgreSQL."""

    __tablename__ = "audit_head"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seq: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64))


def record(session: Session, now: datetime, actor: str, action: str, subject: str) -> AuditRow:
    """Append one row to the chain."""
    head = session.scalars(select(AuditHead).with_for_update()).first() or AuditHead(id=1, seq=0, hash="")
    session.add(head)
    row = AuditRow(
        seq=head.seq + 1, at=now, actor=actor, action=action, subject=subject, previous_hash=head.hash, hash=""
    )
    row.hash = _hash(row)
    head.seq, head.hash = row.seq, row.hash
    session.add(row)
    session.flush()
    return row


def broken_links(session: Session) -> Iterator[int]:
    """Sequence numbers whose row does not fit the chain; none when nothing was touched."""
    previous, expected = "", 1
    for row in session.scalars(select(AuditRow).order_by(AuditRow.seq)):
        if row.seq != expected or row.previous_hash != previous or row.hash != _hash(row):
            yield row.seq
        previous, expected = row.hash, row.seq + 1
    head = session.get(AuditHead, 1)
    if head and (head.seq, head.hash) != (expected - 1, previous):
        yield head.seq  # the end was cut off


def _hash(row: AuditRow) -> str:
    content = json.dumps(
        [row.previous_hash, row.seq, row.at.timestamp(), row.actor, row.action, row.subject], ensure_ascii=False
    )
    return hashlib.sha256(content.encode()).hexdigest()
