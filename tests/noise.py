"""Noise: other people's rows in every test, so that a query that reaches too far fails."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.catalogue import promises_from
from bot.config import Settings
from models.area import Building
from models.conversation import conversation_of
from models.life import apply, open_ticket
from models.matter import Matter
from models.person import Posting
from models.resident import bind_home, resident_of
from models.ticket import Actor, Filing

LONG_AGO = datetime(2026, 11, 2, 3, 0, tzinfo=UTC)


def make_noise(session: Session) -> None:
    """Six strangers with homes, open talks and tickets in every stage, all of them delivered long ago."""
    promises = promises_from(Settings(), {})
    matter = session.get_one(Matter, "garbage")
    buildings = session.scalars(select(Building).order_by(Building.code).limit(200)).all()[::30]
    for index, building in enumerate(buildings):
        now = LONG_AGO + timedelta(hours=index)
        resident = resident_of(session, f"oNOISE{index:022d}", now)
        bind_home(session, resident, building.code, "1", "101", now)
        conversation_of(session, resident.id).open("report", {"items": []}, now)
        filing = Filing(
            matter=matter,
            area_code=building.grid_code,
            text="别人家的事",
            place=building.title,
            building_code=building.code,
        )
        ticket = open_ticket(session, resident, filing, promises, now)
        worker = session.scalars(
            select(Posting).where(Posting.area_code == building.grid_code, Posting.duty == "full_time")
        ).first()
        if index % 3 and worker:
            actor = Actor("handler", "worker", worker.person_key)
            apply(session, ticket, "accept", actor, promises, now, changes={"holder_key": worker.person_key})
            if index % 3 == 2:
                apply(session, ticket, "handle", actor, promises, datetime(2026, 11, 24, tzinfo=UTC), note="清了")
    session.flush()
    from models.clock import Clock
    from models.outbox import OutboxMessage

    for clock in session.scalars(select(Clock)):
        clock.next_at = None  # nobody's ticket climbs in the middle of another story

    for row in session.scalars(select(OutboxMessage)):
        row.state, row.next_try_at, row.sent_at = "sent", None, LONG_AGO
