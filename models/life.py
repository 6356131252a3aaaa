"""The life of a ticket: `open_ticket` and `apply` are the only writers of status, history, clocks and promised notices."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from models import clock as clocks
from models.area import Area, turn_of
from models.clock import Promises
from models.database import Refused
from models.resident import Resident
from models.telling import tell_filed, tell_moved
from models.ticket import Actor, Filing, Ticket, TicketEvent
from models.transitions import ACCEPTED, CLOSED, DEFERRED, HANDLED, NEED_INFO, PENDING, STAYS, Move, move_of

FILED = (
    "matter_code", "area_code", "turn_code", "department_code", "level", "building_code", "place", "door", "latitude",
    "longitude", "text", "resident_id", "explained", "created_at", "response_due_at", "due_at", "returns", "reopenings",
    "followers", "photos", "ruled",
)  # fmt: skip
"""What the first event of a ticket keeps; every later one keeps what it changed."""

NOBODY = {"holder_key": None, "asked_key": None}
INSTEAD = {
    PENDING: "还没有人接单，网格员请先发：接单 {number}",
    ACCEPTED: "它正在办理中，办好请发：办结 {number} 结果",
    NEED_INFO: "已经问了居民，在等回话；有了回话会接着办。",
    DEFERRED: "它挂账了，要接着办请发：恢复 {number}",
    HANDLED: "已经报过办好了，在等居民确认；还没办好请发：重开 {number} 原因",
    CLOSED: "还没办好请发：重开 {number} 原因",
}
"""Why a move is refused in this status, and what a worker can send instead."""


def open_ticket(session: Session, resident: Resident, filing: Filing, promises: Promises, now: datetime) -> Ticket:
    """File one ticket: row, first event, clocks and the cards that tell of it, in the caller's transaction."""
    matter, timing = filing.matter, filing.matter.timing
    department = None if matter.grid_admitted else matter.department_code or None
    area = session.get_one(Area, filing.area_code)
    ticket = Ticket(
        status=PENDING, matter_code=matter.code, area_code=area.code, turn_code=area.code, department_code=department,
        level="department" if department else area.level, building_code=filing.building_code, place=filing.place,
        door=filing.door, latitude=filing.latitude, longitude=filing.longitude, text=filing.text,
        resident_id=resident.id, created_at=now, response_due_at=promises.due("response", timing, now),
        due_at=promises.due("overall", timing, now), explained=dict(filing.explained or {}), version=0, returns=0,
        reopenings=0, followers=0, photos=0, ruled=False,
    )  # fmt: skip
    ticket.matter, ticket.resident, ticket.area = matter, resident, area
    session.add(ticket)
    session.flush()
    facts = {name: getattr(ticket, name) for name in FILED}
    event = _record(session, ticket, "file", None, PENDING, Actor("resident", "resident"), now, "", facts)
    clocks.start(session, ticket.number, "response", timing, promises, now)
    clocks.start(session, ticket.number, "overall", timing, promises, now)
    tell_filed(session, ticket, event, promises, now)
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
        raise Refused(_why_not(ticket, action, actor))
    before = ticket.status
    changed = _marks(session, ticket, action, actor, now) | dict(changes or {})
    for name, value in changed.items():
        setattr(ticket, name, value)
    ticket.status, effects = _landing(ticket, move)
    session.flush()
    session.refresh(ticket, ["holder", "area", "matter"])
    for effect in effects:
        changed |= _turn_clock(session, ticket, effect, promises, now)
    event = _record(session, ticket, action, before, ticket.status, actor, now, note, changed)
    tell_moved(session, ticket, event, move, actor, promises, now)
    return event


def _landing(ticket: Ticket, move: Move) -> tuple[str, tuple[str, ...]]:
    """The new status and what happens to the clocks; a ticket nobody holds waits to be signed, whatever was meant."""
    if move.to == STAYS:
        return ticket.status, move.clocks
    if move.to == ACCEPTED and ticket.holder_key is None:
        started = ("start handling", "resume handling")
        return PENDING, tuple("restart response" if effect in started else effect for effect in move.clocks)
    return move.to, move.clocks


def _why_not(ticket: Ticket, action: str, actor: Actor) -> str:
    if action == "accept" and ticket.holder:
        return f"#{ticket.number} 已经由{'您自己' if ticket.holder_key == actor.key else ticket.holder.surname + '同事'}接单。"
    if ticket.status == CLOSED:
        return f"#{ticket.number} 已经办结了。{_next_step(ticket, actor)}"
    return f"#{ticket.number} 现在不能“{move_of(action).name}”。{_next_step(ticket, actor)}"


def _next_step(ticket: Ticket, actor: Actor) -> str:
    """Why not, and what somebody of the office can say instead; a resident is told where to look elsewhere."""
    if actor.kind == "resident":
        return ""
    if ticket.merged_into:
        return f"它并入了 #{ticket.merged_into}，请对那一件说；要分开请发：撤销合并 {ticket.number}"
    if ticket.outcome == "withdrawn":
        return "是居民自己撤回的，不用办了。"
    return INSTEAD[ticket.status].format(number=ticket.number)


def _marks(session: Session, ticket: Ticket, action: str, actor: Actor, now: datetime) -> dict[str, Any]:
    """What a move sets by itself, besides what the caller says."""
    match action:
        case "accept":
            return _signed_by(session, ticket, actor)
        case "handle":
            return {"handled_at": now, "request": None, "deferred_until": None}
        case "confirm" | "close" | "visit":
            return {"closed_at": now, "request": None}
        case "withdraw":
            return {"closed_at": now, "outcome": "withdrawn", "request": None}
        case "merge":
            return {"closed_at": now, "outcome": "duplicate", "request": None, **NOBODY}
        case "unmerge":
            return {"closed_at": None, "outcome": None, "merged_into": None}
        case "reopen":
            return {"closed_at": None, "handled_at": None, "outcome": None, "reopenings": ticket.reopenings + 1}
        case "return":
            return {"returns": ticket.returns + 1, "request": None, **NOBODY}
        case "transfer" | "take_back":
            return {"request": None, "deferred_until": None, **NOBODY}
        case "ruling":
            return {"request": None, "deferred_until": None, "ruled": True, **NOBODY}
        case "resume":
            return {"deferred_until": None}
        case "extend" | "defer" | "refuse":
            return {"request": None}
        case "remind":
            return {"reminded_at": now}
        case "evidence":
            return {"photos": ticket.photos + 1}
        case "follow":
            return {"followers": ticket.followers + 1}
        case "unfollow":
            return {"followers": ticket.followers - 1}
    return {}


def _signed_by(session: Session, ticket: Ticket, actor: Actor) -> dict[str, Any]:
    """Whoever signs has it: the grid again, or the level that was woken."""
    area = session.get(Area, actor.area_code) if actor.area_code and not ticket.department_code else None
    return turn_of(area) if area else {}


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
    key = f"resident-{actor.key or ticket.resident_id}" if actor.kind == "resident" else actor.key
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
    if kind == "all":
        for running in clocks.unstopped(session, ticket.number):
            clocks.stop(running, promises, now)
        return {}
    clock = clocks.latest(session, ticket.number, kind)
    match verb:
        case "stop" if clock:
            clocks.stop(clock, promises, now)
        case "pause" if clock:
            clocks.pause(clock, promises, now)
        case "resume" if clock:
            clocks.resume(clock, promises, now)
        case "extend" if clock and clock.state != "stopped":
            clocks.extend(clock, ticket.due_at, promises, now)
        case "start" | "restart":
            if clock:
                clocks.stop(clock, promises, now)
            due = ticket.deferred_until if kind == "review" else None
            clock = clocks.start(session, ticket.number, kind, ticket.matter.timing, promises, now, due=due)
    deadline = {"overall": "due_at", "response": "response_due_at"}.get(kind)
    if not deadline or not clock:
        return {}
    setattr(ticket, deadline, clock.due_at)
    return {deadline: clock.due_at}
