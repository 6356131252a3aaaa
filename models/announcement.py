"""Announcements 政策广播: a text for exactly the right residents, approved by a second person, each reached at most once."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.database import Record

DRAFT, APPROVED, SENDING, SENT, WITHDRAWN = "draft", "approved", "sending", "sent", "withdrawn"
ANNOUNCEMENT_STATES = {
    DRAFT: "草稿", APPROVED: "已批准", SENDING: "发送中", SENT: "已发完", WITHDRAWN: "已撤回",
}  # fmt: skip


class Announcement(Record):
    """公告: one text and its audience. What was approved is bound to a fingerprint of both; editing voids it."""

    __tablename__ = "announcements"
    __table_args__ = (Index("ix_announcements_due", "state", "send_at"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(100))
    body: Mapped[str] = mapped_column(Text)
    link: Mapped[str] = mapped_column(String(500), default="")
    audience: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """areas, buildings, tags (any of them), and the same three under `without`."""
    valid_until: Mapped[datetime | None]
    """Not sent later than this."""
    wants_receipt: Mapped[bool] = mapped_column(default=False)
    urgent_reason: Mapped[str] = mapped_column(String(200), default="")
    """Why this one takes the short path: no quiet hours, no delay. Empty for ordinary ones."""
    state: Mapped[str] = mapped_column(String(20), default=DRAFT)
    author_key: Mapped[str] = mapped_column(String(60))
    approver_key: Mapped[str] = mapped_column(String(60), default="")
    fingerprint: Mapped[str] = mapped_column(String(64), default="")
    """Of text and audience as they were approved."""
    created_at: Mapped[datetime]
    approved_at: Mapped[datetime | None]
    send_at: Mapped[datetime | None]
    """The earliest moment: approval, plus the delay in which it can still be withdrawn unseen."""
    finished_at: Mapped[datetime | None]
    left_out: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """How many were meant but not frozen, by reason (unfollowed, bulletins_off, no_home), counted at approval."""
    second_call_of: Mapped[int | None] = mapped_column(ForeignKey("announcements.id"), index=True)
    """The announcement whose unread recipients this one calls again."""
    cover: Mapped[str | None] = mapped_column(ForeignKey("covers.sha256"), index=True)
    """SHA-256 of its picture (`models/cover.py`)."""
    article: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """How far its article has come (`bot/ladder/articles.py`)."""
    look_key: Mapped[str] = mapped_column(String(100), default="")
    """Key of the outbox row by which the author was sent these words; `models/first_look.py` says what it is worth."""


class Recipient(Record):
    """收件人: one resident of one announcement, frozen at approval; where it stands and by which way it went."""

    __tablename__ = "recipients"
    __table_args__ = (
        UniqueConstraint("announcement_id", "resident_id"),
        Index("ix_recipients_state", "announcement_id", "state", "id"),
        Index("ix_recipients_grid", "announcement_id", "grid_code", "state"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    announcement_id: Mapped[int] = mapped_column(ForeignKey("announcements.id"))
    resident_id: Mapped[int] = mapped_column(ForeignKey("residents.id"), index=True)
    grid_code: Mapped[str] = mapped_column(String(40), default="")
    state: Mapped[str] = mapped_column(String(20), default="waiting")
    """waiting (no way chosen yet), under_way, sent, read, task (for a worker), skipped, unknown."""
    channel: Mapped[str] = mapped_column(String(20), default="")
    """official_account, subscribe, mass, group_push, visit."""
    reason: Mapped[str] = mapped_column(String(100), default="")
    tried: Mapped[list[Any]] = mapped_column(JSON, default=list)
    """Every way that was passed over or failed, with why: [[channel, reason], …]."""
    chunk_id: Mapped[int | None] = mapped_column(ForeignKey("mass_chunks.id"), index=True)
    sent_at: Mapped[datetime | None]
    receipt_at: Mapped[datetime | None]


class MassChunk(Record):
    """群发批次: one mass call with its own `clientmsgid`, so that a repeat is no second message (protocol.md §2.5)."""

    __tablename__ = "mass_chunks"
    id: Mapped[int] = mapped_column(primary_key=True)
    announcement_id: Mapped[int] = mapped_column(ForeignKey("announcements.id"), index=True)
    client_id: Mapped[str] = mapped_column(String(32), unique=True)
    platform_id: Mapped[str] = mapped_column(String(40), default="", index=True)
    """The platform's msg_id, which MASSSENDJOBFINISH names."""
    state: Mapped[str] = mapped_column(String(20), default="waiting")
    counts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class MassUse(Record):
    """群发用量: how many mass messages a follower has had this calendar month; the platform allows four."""

    __tablename__ = "mass_uses"
    resident_id: Mapped[int] = mapped_column(ForeignKey("residents.id"), primary_key=True)
    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    used: Mapped[int] = mapped_column(default=0)


class ResidentTag(Record):
    """居民标签: 60+, tenant, car, pet, or a deployment's own."""

    __tablename__ = "resident_tags"
    resident_id: Mapped[int] = mapped_column(ForeignKey("residents.id"), primary_key=True)
    tag: Mapped[str] = mapped_column(String(40), primary_key=True, index=True)


class Consent(Record):
    """订阅同意: what a resident allowed for one template, known from the platform's events (protocol.md §2.4)."""

    __tablename__ = "consents"
    resident_id: Mapped[int] = mapped_column(ForeignKey("residents.id"), primary_key=True)
    template_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    remaining: Mapped[int] = mapped_column(default=0)
    """Messages still allowed: one for each acceptance."""
    lasting: Mapped[bool] = mapped_column(default=False)
    """A long-term template, accepted once for all."""
    changed_at: Mapped[datetime]
