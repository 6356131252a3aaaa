"""Tickets 工单: one request each, and its history. `models/life.py` is the only writer of status, history and clocks."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from models.area import Area
from models.database import Record
from models.matter import Matter
from models.message import MessageTicket, insert_once
from models.person import Person
from models.resident import Resident
from models.transitions import CLOSED, HANDLED, UNFINISHED


class Ticket(Record):
    """工单: one request and its life. The number is what people say; it opens nothing by itself."""

    __tablename__ = "tickets"
    __table_args__ = (
        Index("ix_tickets_resident", "resident_id", "status"),
        Index("ix_tickets_holder", "holder_key", "status"),
        Index("ix_tickets_area", "area_code", "status"),
        Index("ix_tickets_turn", "turn_code", "status"),
        Index("ix_tickets_same", "matter_code", "status", "building_code"),
        Index("ix_tickets_near", "matter_code", "status", "latitude"),
        {"sqlite_autoincrement": True},
    )
    number: Mapped[int] = mapped_column(primary_key=True)
    status: Mapped[str] = mapped_column(String(20))
    outcome: Mapped[str | None] = mapped_column(String(20))
    matter_code: Mapped[str] = mapped_column(ForeignKey("matters.code"))
    area_code: Mapped[str] = mapped_column(ForeignKey("areas.code"))
    turn_code: Mapped[str] = mapped_column(ForeignKey("areas.code"))
    """The area that has it and is told the news: the grid, or the level above after a return."""
    raised_code: Mapped[str | None] = mapped_column(ForeignKey("areas.code"), index=True)
    """The highest area that was woken because nobody acted; it may act too, while the first receiver follows through."""
    department_code: Mapped[str | None] = mapped_column(ForeignKey("departments.code"), index=True)
    """Set when the matter may not be given to a grid: this department has it, the grid follows."""
    level: Mapped[str] = mapped_column(String(20))
    """Whose turn it is: grid, community, street, district or department."""
    building_code: Mapped[str | None] = mapped_column(ForeignKey("buildings.code"), index=True)
    place: Mapped[str] = mapped_column(String(200), default="")
    """As a group may see it: building and unit, never a door."""
    door: Mapped[str] = mapped_column(String(40), default="")
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    text: Mapped[str] = mapped_column(Text)
    resident_id: Mapped[int] = mapped_column(ForeignKey("residents.id"))
    holder_key: Mapped[str | None] = mapped_column(ForeignKey("people.key"))
    asked_key: Mapped[str | None] = mapped_column(ForeignKey("people.key"))
    """Whom a transfer asked to take it; they are mentioned on the card and become holder only by signing."""
    created_at: Mapped[datetime]
    response_due_at: Mapped[datetime]
    due_at: Mapped[datetime]
    handled_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    rating: Mapped[int | None]
    returns: Mapped[int] = mapped_column(default=0)
    ruled: Mapped[bool] = mapped_column(default=False)
    """A level above has decided who does it: it cannot be returned any more."""
    followers: Mapped[int] = mapped_column(default=0)
    merged_into: Mapped[int | None] = mapped_column(ForeignKey("tickets.number"), index=True)
    announcement_id: Mapped[int | None] = mapped_column(ForeignKey("announcements.id"), index=True)
    """The announcement this is a question about."""
    deferred_until: Mapped[datetime | None]
    request: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    """延期 or 挂账 that waits for approval: kind, until (ISO), reason, by (person key)."""
    supervised_by: Mapped[str | None] = mapped_column(ForeignKey("areas.code"))
    """The area that last gave an opinion (督办) and waits for the answer."""
    reminded_at: Mapped[datetime | None]
    photos: Mapped[int] = mapped_column(default=0)
    """Pictures workers have shown of it."""
    reopenings: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(default=0)
    explained: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """Which rules chose the matter, with the catalogue's revision (L16)."""
    matter: Mapped[Matter] = relationship(lazy="joined")
    resident: Mapped[Resident] = relationship()
    holder: Mapped[Person | None] = relationship(foreign_keys=holder_key)
    area: Mapped[Area] = relationship(foreign_keys=area_code)

    @property
    def finished(self) -> bool:
        return self.status == CLOSED

    @property
    def title(self) -> str:
        return f"{self.matter.name}·{self.place}" if self.place else self.matter.name


class TicketEvent(Record):
    """流转记录: one move; append-only, and together enough to rebuild the ticket."""

    __tablename__ = "ticket_events"
    __table_args__ = (UniqueConstraint("ticket_number", "seq"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_number: Mapped[int] = mapped_column(ForeignKey("tickets.number"))
    seq: Mapped[int]
    action: Mapped[str] = mapped_column(String(20))
    frm: Mapped[str | None] = mapped_column("from", String(20))
    to: Mapped[str] = mapped_column(String(20))
    actor_kind: Mapped[str] = mapped_column(String(20))
    actor: Mapped[str] = mapped_column(String(60), default="")
    area_code: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime]
    note: Mapped[str] = mapped_column(Text, default="")
    changes: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """Fields of the ticket this move set, by name."""


@dataclass(frozen=True)
class Actor:
    """Who makes a move. `role` decides what is allowed, `kind` and `key` go into the history."""

    role: str
    kind: str
    key: str = ""
    title: str = ""
    """How residents are told: 陈网格员."""
    area_code: str = ""
    """Of the posting that gives the role; empty for a department's."""


SYSTEM_ACTOR = Actor("system", "system")


@dataclass(frozen=True)
class Filing:
    """立案: what a new ticket is made of."""

    matter: Matter
    area_code: str
    text: str
    place: str = ""
    door: str = ""
    building_code: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    explained: dict[str, Any] | None = None


def ticket_for_update(session: Session, number: int) -> Ticket | None:
    """The ticket as it is now, held until the end of the transaction: two workers accept one after the other."""
    query = select(Ticket).where(Ticket.number == number).with_for_update(of=Ticket)
    return session.scalars(query, execution_options={"populate_existing": True}).first()


def tickets_of(
    session: Session, resident_id: int, *, unfinished: bool = False, status: str = "", limit: int = 9
) -> list[Ticket]:
    """A resident's own tickets, newest first."""
    query = select(Ticket).where(Ticket.resident_id == resident_id)
    if unfinished:
        query = query.where(Ticket.status.in_(UNFINISHED))
    if status:
        query = query.where(Ticket.status == status)
    return list(session.scalars(query.order_by(Ticket.number.desc()).limit(limit)))


def event_of(session: Session, number: int, seq: int) -> TicketEvent | None:
    return session.scalars(
        select(TicketEvent).where(TicketEvent.ticket_number == number, TicketEvent.seq == seq)
    ).first()


def join(session: Session, message_id: int, ticket_number: int) -> None:
    """This message speaks of this ticket."""
    insert_once(session, MessageTicket, {"message_id": message_id, "ticket_number": ticket_number})


def may_reopen(ticket: Ticket, window: timedelta, now: datetime) -> bool:
    """A handled ticket always; a closed one inside the window, and never a withdrawn one."""
    if ticket.status == HANDLED:
        return True
    recent = ticket.closed_at is not None and now - ticket.closed_at <= window
    return ticket.finished and recent and ticket.outcome not in ("withdrawn", "duplicate", "void")
