"""/health and /metrics: counts only, never a word of anybody (TH54)."""

from datetime import timedelta

from flask import Blueprint, Response, jsonify
from prometheus_client import CollectorRegistry, Gauge, generate_latest
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot.office import Office
from models.lease import Lease
from models.message import Message
from models.outbox import OutboxMessage, counts_by_state
from models.schema import is_current
from models.ticket import Ticket
from models.transitions import UNFINISHED

STALE = timedelta(minutes=10)


def health_door(office: Office) -> Blueprint:
    """What is wrong, if anything, and how much of everything there is."""
    door = Blueprint("health", __name__)

    @door.get("/health")
    def health() -> tuple[Response, int]:
        wrong, counts = _look(office)
        status = "failing" if wrong else "ok"
        return jsonify(status=status, wrong=wrong, **counts), 503 if wrong else 200

    @door.get("/metrics")
    def metrics() -> Response:
        wrong, counts = _look(office)
        registry = CollectorRegistry()
        Gauge("yunge_up", "1 when nothing is wrong", registry=registry).set(0 if wrong else 1)
        for name, value in counts.items():
            gauge = Gauge(f"yunge_{name}", f"{name} now", ["kind"], registry=registry)
            for kind, number in value.items() if isinstance(value, dict) else [("", value)]:
                gauge.labels(kind).set(number)
        return Response(generate_latest(registry), mimetype="text/plain")

    return door


def _look(office: Office) -> tuple[list[str], dict[str, int | dict[str, int]]]:
    try:
        if not is_current(office.database):
            return ["the schema is not current: run “flask init”"], {}
        with office.database.read() as session:
            return [], _counts(office, session)
    except SQLAlchemyError as error:
        return [f"the database does not answer ({type(error).__name__})"], {}


def _counts(office: Office, session: Session) -> dict[str, int | dict[str, int]]:
    now = office.now()
    late = select(func.count()).where(
        OutboxMessage.state.in_(("waiting", "unknown")), OutboxMessage.next_try_at < now - STALE
    )
    leader = session.scalar(select(Lease.until).where(Lease.name == "leader"))
    return {
        "outbox": counts_by_state(session),
        "outbox_late": session.scalar(late) or 0,
        "quarantined": session.scalar(select(func.count()).where(Message.decision == "quarantined")) or 0,
        "open_tickets": session.scalar(select(func.count()).where(Ticket.status.in_(UNFINISHED))) or 0,
        "clock_leader": int(bool(leader and leader > now)),
    }
