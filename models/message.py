"""Every message that came through a door, and what became of it."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, inspect, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.database import Record, insert_into


class Message(Record):
    """收到的消息: kept once per dedupe key, with the answer it got, so that a repeat gets the same one."""

    __tablename__ = "messages"
    __table_args__ = (Index("ix_messages_chat", "chat_id", "received_at"), Index("ix_messages_received", "received_at"))
    id: Mapped[int] = mapped_column(primary_key=True)
    dedupe_key: Mapped[str] = mapped_column(String(100), unique=True)
    channel: Mapped[str] = mapped_column(String(20))
    platform_id: Mapped[str | None] = mapped_column(String(128))
    type: Mapped[str] = mapped_column(String(64))
    sender: Mapped[str] = mapped_column(String(128), default="")
    resident_id: Mapped[int | None] = mapped_column(ForeignKey("residents.id"), index=True)
    chat_id: Mapped[str] = mapped_column(String(128), default="")
    text: Mapped[str] = mapped_column(Text, default="")
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """Media id, position, event and the like; for a quarantined body the reason it could not be read."""
    created_at: Mapped[datetime]
    received_at: Mapped[datetime]
    decision: Mapped[str] = mapped_column(String(20), default="ignored", index=True)
    """answered, ticket, joined, ignored, quarantined (contract §7)."""
    reply_kind: Mapped[str] = mapped_column(String(40), default="")
    """Which service or command answered."""
    reply_text: Mapped[str] = mapped_column(Text, default="")


class MessageTicket(Record):
    """A message that opened or joined a ticket."""

    __tablename__ = "message_tickets"
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id"), primary_key=True)
    ticket_number: Mapped[int] = mapped_column(ForeignKey("tickets.number"), primary_key=True, index=True)


class CallbackSignature(Record):
    """A plain-mode signature and the body it came with; it does not cover the body, so it is good once (TH02)."""

    __tablename__ = "callback_signatures"
    signature: Mapped[str] = mapped_column(String(64), primary_key=True)
    body_hash: Mapped[str] = mapped_column(String(64))
    seen_at: Mapped[datetime] = mapped_column(index=True)


def insert_once(session: Session, row: type[Record], values: dict[str, Any]) -> bool:
    """Insert unless its unique key is there already; a rival transaction is waited for. True if inserted."""
    key = inspect(row).primary_key[0]
    statement = insert_into(session, row).values(**values).on_conflict_do_nothing().returning(key)
    return session.execute(statement).first() is not None


def take_in(session: Session, values: dict[str, Any]) -> tuple[Message, bool]:
    """The row of this message and whether it is new; twenty simultaneous repeats make one row."""
    defaults = {
        "facts": {},
        "decision": "ignored",
        "reply_kind": "",
        "reply_text": "",
        "text": "",
        "chat_id": "",
        "sender": "",
    }
    statement = insert_into(session, Message).values({**defaults, **values}).on_conflict_do_nothing().returning(Message)
    if new := session.scalars(statement).first():
        return new, True
    return session.scalars(select(Message).where(Message.dedupe_key == values["dedupe_key"])).one(), False


def last_reply(session: Session, resident_id: int) -> str:
    """What this resident was answered last: nobody is told the same sentence twice in a row."""
    query = select(Message.reply_text).where(Message.resident_id == resident_id, Message.reply_text != "")
    return session.scalar(query.order_by(Message.id.desc()).limit(1)) or ""


def first_use(session: Session, signature: str, body_hash: str, now: datetime) -> bool:
    """False when the signature is known with another body."""
    insert_once(session, CallbackSignature, {"signature": signature, "body_hash": body_hash, "seen_at": now})
    seen = session.get(CallbackSignature, signature)
    return seen is not None and seen.body_hash == body_hash
