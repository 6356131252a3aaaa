"""The life of one ticket for tests: filed by 王阿姨, brought to any status, looked at as a whole, rebuilt from history."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import inspect, select
from sqlalchemy.orm import Session
from town import GRID, TUESDAY

from bot.catalogue import promises_from
from bot.config import Settings
from models.clock import Clock
from models.life import apply, open_ticket
from models.matter import Matter
from models.outbox import OutboxMessage
from models.resident import resident_of
from models.ticket import SYSTEM_ACTOR, Actor, Filing, Ticket, TicketEvent
from models.transitions import ACCEPTED, CLOSED, DEFERRED, HANDLED, NEED_INFO, PENDING

PROMISES = promises_from(Settings(), {})
WANG, CHEN, ZHAO = (
    Actor("resident", "resident"),
    Actor("handler", "worker", "chen"),
    Actor("overseer", "worker", "zhao"),
)
ACTORS = {actor.role: actor for actor in (WANG, CHEN, ZHAO, SYSTEM_ACTOR)}
HOLDS = {"holder_key": "chen"}

WAYS: dict[str, tuple[tuple[str, Actor, dict[str, Any]], ...]] = {
    PENDING: (),
    ACCEPTED: (("accept", CHEN, HOLDS),),
    NEED_INFO: (("accept", CHEN, HOLDS), ("need_info", CHEN, {})),
    DEFERRED: (("accept", CHEN, HOLDS), ("defer", CHEN, {"deferred_until": TUESDAY + timedelta(days=9)})),
    HANDLED: (("accept", CHEN, HOLDS), ("handle", CHEN, {})),
    CLOSED: (("accept", CHEN, HOLDS), ("handle", CHEN, {}), ("confirm", WANG, {"outcome": "solved"})),
}


def filed(session: Session, matter: str = "street_light", now: datetime = TUESDAY, **filing: Any) -> Ticket:
    resident = resident_of(session, "oWANG0000000000000000000000a", now)
    facts = {"area_code": GRID, "text": "楼道灯又不亮了", "place": "紫荆苑3栋2单元", **filing}
    return open_ticket(session, resident, Filing(session.get_one(Matter, matter), **facts), PROMISES, now)


def brought_to(session: Session, status: str) -> tuple[Ticket, datetime]:
    """A ticket in that status, and a moment after its last move."""
    ticket, now = filed(session), TUESDAY
    for action, actor, changes in WAYS[status]:
        now += timedelta(minutes=10)
        apply(session, ticket, action, actor, PROMISES, now, changes=changes)
    assert ticket.status == status
    return ticket, now + timedelta(minutes=10)


def columns(row: Any) -> dict[str, Any]:
    return {attribute.key: getattr(row, attribute.key) for attribute in inspect(type(row)).column_attrs}


def belongings(session: Session, ticket: Ticket) -> dict[str, list[dict[str, Any]]]:
    """Everything the database holds about a ticket, read afresh."""
    session.flush()
    session.expire_all()
    number = ticket.number
    tables = {
        "ticket": select(Ticket).where(Ticket.number == number),
        "events": select(TicketEvent).where(TicketEvent.ticket_number == number).order_by(TicketEvent.seq),
        "clocks": select(Clock).where(Clock.ticket_number == number).order_by(Clock.id),
        "outbox": select(OutboxMessage).where(OutboxMessage.ticket_number == number).order_by(OutboxMessage.id),
    }
    return {name: [columns(row) for row in session.scalars(query).unique()] for name, query in tables.items()}


def rebuilt(events: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """The ticket as its history alone tells it (domain §9)."""
    told: dict[str, Any] = {}
    for event in events:
        told |= event["changes"] | {"number": event["ticket_number"], "status": event["to"], "version": event["seq"]}
    return {name: _moment(value) if name.endswith(("_at", "_until")) else value for name, value in told.items()}


def _moment(value: str | None) -> datetime | None:
    return datetime.fromisoformat(value).astimezone(UTC) if value else None
