"""Tickets 工单: `open_ticket` and `apply` are the only writers of status, history, clocks and promised notices."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from models import clock as clocks
from models.area import Area, Group, group_of_area, group_of_department, line_of
from models.clock import Promises
from models.database import Record, Refused
from models.matter import Matter
from models.message import MessageTicket, insert_once
from models.outbox import OutboxMessage, promise
from models.person import Person, on_duty
from models.resident import Resident
from models.transitions import CLOSED, HANDLED, PENDING, STAYS, UNFINISHED, move_of


class Ticket(Record):
    """工单: one request and its life. The number is what people say; it opens nothing by itself."""

    __tablename__ = "tickets"
    __table_args__ = (
        Index("ix_tickets_resident", "resident_id", "status"),
        Index("ix_tickets_holder", "holder_key", "status"),
        Index("ix_tickets_area", "area_code", "status"),
        Index("ix_tickets_turn", "turn_code", "status"),
        Index("ix_tickets_silent", "status", "handled_at"),
        {"sqlite_autoincrement": True},
    )
    number: Mapped[int] = mapped_column(primary_key=True)
    status: Mapped[str] = mapped_column(String(20))
    outcome: Mapped[str | None] = mapped_column(String(20))
    matter_code: Mapped[str] = mapped_column(ForeignKey("matters.code"))
    area_code: Mapped[str] = mapped_column(ForeignKey("areas.code"))
    turn_code: Mapped[str] = mapped_column(ForeignKey("areas.code"))
    """The area whose turn it is: the grid, or the level above after a return."""
    department_code: Mapped[str | None] = mapped_column(ForeignKey("departments.code"), index=True)
    """Set when the matter may not be given to a grid: this department has it, the grid follows."""
    level: Mapped[str] = mapped_column(String(20))
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


SYSTEM_ACTOR = Actor("system", "system")

FILED = (
    "matter_code", "area_code", "turn_code", "department_code", "level", "building_code", "place", "door", "latitude",
    "longitude", "text", "resident_id", "explained", "created_at", "response_due_at", "due_at", "returns", "reopenings",
)  # fmt: skip
"""What the first event of a ticket keeps; every later one keeps what it changed."""


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
    explained: Mapping[str, Any] | None = None


def open_ticket(session: Session, resident: Resident, filing: Filing, promises: Promises, now: datetime) -> Ticket:
    """File one ticket: row, first event, clocks and the cards that tell of it, in the caller's transaction."""
    matter, timing = filing.matter, filing.matter.timing
    department = None if matter.grid_admitted else matter.department_code or None
    area = session.get_one(Area, filing.area_code)
    response_due, due = promises.response_due(timing, now), promises.overall_due(timing, now)
    ticket = Ticket(
        status=PENDING, matter_code=matter.code, area_code=area.code, turn_code=area.code, department_code=department,
        level="department" if department else area.level, building_code=filing.building_code, place=filing.place,
        door=filing.door, latitude=filing.latitude, longitude=filing.longitude, text=filing.text,
        resident_id=resident.id, created_at=now, response_due_at=response_due, due_at=due,
        explained=dict(filing.explained or {}), version=0, returns=0, reopenings=0,
    )  # fmt: skip
    ticket.matter, ticket.resident, ticket.area = matter, resident, area
    session.add(ticket)
    session.flush()
    facts = {name: getattr(ticket, name) for name in FILED}
    event = _record(session, ticket, "file", None, PENDING, Actor("resident", "resident"), now, "", facts)
    clocks.start(session, ticket.number, "response", response_due, now)
    clocks.start(session, ticket.number, "overall", due, now)
    _tell_receivers(session, ticket, event, promises, now)
    return ticket


def apply(
    session: Session,
    ticket: Ticket,
    action: str,
    actor: Actor,
    promises: Promises,
    now: datetime,
    *,
    note: str = "",
    changes: Mapping[str, Any] | None = None,
) -> TicketEvent:
    """Make one move: status, history, clocks and promised notices together.

    Raises Refused when the table of moves does not allow it; then nothing has changed.
    """
    move = move_of(action)
    if ticket.status not in move.frm or actor.role not in move.by:
        raise Refused(_why_not(session, ticket, action, actor))
    before, after = ticket.status, ticket.status if move.to == STAYS else move.to
    changed = _marks(ticket, action, now) | dict(changes or {})
    for name, value in changed.items():
        setattr(ticket, name, value)
    ticket.status = after
    session.flush()
    session.refresh(ticket, ["holder", "area", "matter"])
    for effect in move.clocks:
        changed |= _turn_clock(session, ticket, effect, promises, now)
    event = _record(session, ticket, action, before, after, actor, now, note, changed)
    if "resident" in move.tell and actor.kind != "resident":
        _tell_resident(session, ticket, event, now)
    if "group" in move.tell:
        _tell_group(session, ticket, event, promises, now)
    return event


def _why_not(session: Session, ticket: Ticket, action: str, actor: Actor) -> str:
    if action == "accept" and ticket.holder:
        return f"#{ticket.number} 已经由{'您自己' if ticket.holder_key == actor.key else ticket.holder.surname + '同事'}接单。"
    if ticket.status == CLOSED:
        return f"#{ticket.number} 已经办结了。"
    return f"#{ticket.number} 现在不能“{move_of(action).name}”。"


def _marks(ticket: Ticket, action: str, now: datetime) -> dict[str, Any]:
    """What a move sets by itself, besides what the caller says."""
    match action:
        case "handle":
            return {"handled_at": now}
        case "confirm" | "close":
            return {"closed_at": now}
        case "withdraw":
            return {"closed_at": now, "outcome": "withdrawn"}
        case "reopen":
            return {"closed_at": None, "handled_at": None, "outcome": None, "reopenings": ticket.reopenings + 1}
        case "return":
            return {"holder_key": None, "asked_key": None, "returns": ticket.returns + 1}
        case "transfer":
            return {"holder_key": None, "asked_key": None}
    return {}


def _record(
    session: Session,
    ticket: Ticket,
    action: str,
    frm: str | None,
    to: str,
    actor: Actor,
    now: datetime,
    note: str,
    changes: Mapping[str, Any],
) -> TicketEvent:
    ticket.version += 1
    stored = {name: value.isoformat() if isinstance(value, datetime) else value for name, value in changes.items()}
    key = f"resident-{ticket.resident_id}" if actor.kind == "resident" else actor.key
    event = TicketEvent(
        ticket_number=ticket.number, seq=ticket.version, action=action, frm=frm, to=to, actor_kind=actor.kind,
        actor=key, area_code=ticket.area_code, at=now, note=note, changes=stored,
    )  # fmt: skip
    session.add(event)
    session.flush()
    return event


def _turn_clock(
    session: Session, ticket: Ticket, effect: str, promises: Promises, now: datetime
) -> dict[str, datetime]:
    """Do one effect of a move; returns the deadline of the ticket that it set, by field."""
    verb, kind = effect.split()
    timing = ticket.matter.timing
    clock = clocks.latest(session, ticket.number, kind)
    match verb:
        case "stop" if clock and clock.state != "stopped":
            clocks.stop(clock, now)
        case "pause" if clock:
            clocks.pause(clock, now)
        case "resume" if clock and clock.state != "running":
            clocks.resume(clock, timing, promises, now)
        case "start" | "restart":
            if clock and clock.state != "stopped":
                clocks.stop(clock, now)
            due = promises.response_due(timing, now) if kind == "response" else promises.overall_due(timing, now)
            clock = clocks.start(session, ticket.number, kind, due, now)
    deadline = {"overall": "due_at", "response": "response_due_at"}.get(kind)
    if not deadline or not clock:
        return {}
    setattr(ticket, deadline, clock.due_at)
    return {deadline: clock.due_at}


NOWHERE = Group(chat_id="", name="")
"""Where a card goes when no group can be pushed to yet; delivery looks again until there is one."""


def receivers(session: Session, ticket: Ticket, day: date | None = None) -> list[tuple[Group, str]]:
    """Groups that get a card, and what it is there: card, follow (跟进) or vacant (无人值守). Contract §9.

    With the local `day` the community is told too when nobody of the grid is posted on it.
    """
    own = group_of_area(session, ticket.turn_code)
    if department := group_of_department(session, ticket.department_code):
        return [(department, "card")] + ([(own, "follow")] if own else [])
    found = [(own, "card")] if own else []
    if day and ticket.level == "grid" and not on_duty(session, day, area_code=ticket.turn_code):
        line = line_of(session, ticket.turn_code)
        above = group_of_area(session, line[1].code) if len(line) > 1 else None
        if above and above is not own:
            found.append((above, "vacant"))
    return found


def _tell_receivers(session: Session, ticket: Ticket, event: TicketEvent, promises: Promises, now: datetime) -> None:
    for group, kind in receivers(session, ticket, promises.working.local_day(now)) or [(NOWHERE, "card")]:
        _promise_group(session, ticket, event, group, kind, now)


def _tell_group(session: Session, ticket: Ticket, event: TicketEvent, promises: Promises, now: datetime) -> None:
    """News for those who have the ticket; a new receiver gets the whole card instead."""
    if event.action in ("return", "transfer"):
        _tell_receivers(session, ticket, event, promises, now)
        return
    for group, _ in receivers(session, ticket, promises.working.local_day(now)) or [(NOWHERE, "")]:
        _promise_group(session, ticket, event, group, event.action, now)


def _promise_group(session: Session, ticket: Ticket, event: TicketEvent, group: Group, kind: str, now: datetime):  # type: ignore[no-untyped-def]
    key = f"t{ticket.number}:{event.seq}:{kind}:{group.chat_id}"
    urgent = ticket.matter.emergency
    return promise(
        session,
        now,
        key=key,
        kind=kind,
        channel="group_push",
        target=group.chat_id,
        ticket=ticket.number,
        event=event.seq,
        urgent=urgent,
    )


def _tell_resident(session: Session, ticket: Ticket, event: TicketEvent, now: datetime) -> None:
    resident = ticket.resident
    key = f"t{ticket.number}:{event.seq}:{event.action}:r{resident.id}"
    row = promise(
        session, now, key=key, kind=event.action, channel="official_account", target=resident.openid,
        ticket=ticket.number, event=event.seq, urgent=ticket.matter.emergency,
    )  # fmt: skip
    if not resident.followed:
        row.state, row.reason, row.next_try_at = "skipped", "unfollowed", None
        session.flush()
        ask_to_call(session, row, ticket, now)


def ask_to_call(session: Session, row: OutboxMessage, ticket: Ticket, now: datetime) -> None:
    """What the resident cannot be written is a task for the group that has the ticket, once for each notice."""
    for group, _ in receivers(session, ticket)[:1]:
        promise(
            session, now, key=f"call:{row.id}", kind="call", channel="group_push", target=group.chat_id,
            ticket=ticket.number, event=row.event_seq, facts={"kind": row.kind},
        )  # fmt: skip


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


def silent_tickets(session: Session, before: datetime, limit: int) -> list[Ticket]:
    """Handled tickets whose resident has not answered since `before`."""
    query = select(Ticket).where(Ticket.status == HANDLED, Ticket.handled_at < before).order_by(Ticket.handled_at)
    return list(session.scalars(query.limit(limit).with_for_update(of=Ticket, skip_locked=True)))


def may_reopen(ticket: Ticket, window: timedelta, now: datetime) -> bool:
    """A handled ticket always; a closed one inside the window, and never a withdrawn one."""
    if ticket.status == HANDLED:
        return True
    recent = ticket.closed_at is not None and now - ticket.closed_at <= window
    return ticket.finished and recent and ticket.outcome not in ("withdrawn", "duplicate", "void")
