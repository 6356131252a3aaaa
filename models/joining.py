"""Joining 加入: a resident comes onto a neighbour's ticket, leaves it, or takes it over when the reporter withdraws."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from models.area import Building
from models.clock import Promises
from models.following import Follower, ever_followed, followers_of
from models.life import apply
from models.resident import Resident
from models.telling import receivers, tell_group, tell_resident
from models.ticket import Actor, Filing, Ticket, TicketEvent
from models.transitions import NEED_INFO


def as_resident(resident_id: int) -> Actor:
    return Actor("resident", "resident", str(resident_id))


def join_in(
    session: Session, ticket: Ticket, resident: Resident, filing: Filing, promises: Promises, now: datetime
) -> Follower:
    """Put a neighbour on a ticket with the words and the place they came with. Raises Refused when it is closed."""
    apply(session, ticket, "follow", as_resident(resident.id), promises, now, note=filing.text)
    follower = ever_followed(session, resident.id, [ticket.number]).get(ticket.number)
    if not follower:
        follower = Follower(ticket_number=ticket.number, resident_id=resident.id, joined_at=now)
        follower.resident = resident
        session.add(follower)
    follower.joined_at, follower.left_at, follower.came_with = now, None, None
    follower.text, follower.building_code = filing.text, filing.building_code
    follower.place, follower.door = filing.place, filing.door
    session.flush()
    return follower


def leave(
    session: Session, ticket: Ticket, follower: Follower, promises: Promises, now: datetime, note: str = ""
) -> TicketEvent:
    """They are told nothing more of it."""
    event = apply(session, ticket, "unfollow", as_resident(follower.resident_id), promises, now, note=note)
    follower.left_at = now
    session.flush()
    return event


def leave_unsolved(
    session: Session, ticket: Ticket, follower: Follower, own: Ticket, promises: Promises, now: datetime
) -> None:
    """Done for the others, not for them: they go on with a ticket of their own, and the group hears one line."""
    event = leave(session, ticket, follower, promises, now, note=f"没解决，另外登记 #{own.number}")
    for group, _ in receivers(session, ticket)[:1]:
        tell_group(session, ticket, event, group, "split", now, {"own": own.number})


def heir_of(session: Session, ticket: Ticket) -> Follower | None:
    """Whose ticket it becomes when the reporter takes their word back: the first neighbour we can still write to."""
    if not ticket.followers:
        return None
    staying = followers_of(session, ticket.number)
    return next((follower for follower in staying if follower.resident.followed), None) or next(iter(staying), None)


def pass_on(session: Session, ticket: Ticket, heir: Follower, promises: Promises, now: datetime) -> None:
    """The reporter withdraws, the neighbours still wait: the ticket goes on under the first of them."""
    reporter = as_resident(ticket.resident_id)
    if ticket.status == NEED_INFO:  # whoever was asked is gone
        apply(session, ticket, "supply", reporter, promises, now, note="反映人已撤回，还有邻居在等")
    heir.left_at = now
    changes: dict[str, Any] = {"resident_id": heir.resident_id, "door": heir.door, "text": heir.text or ticket.text}
    building = session.get(Building, heir.building_code) if heir.building_code else None
    if building and building.grid_code == ticket.area_code:
        changes |= {"building_code": building.code, "place": heir.place}
        changes |= {"latitude": building.latitude, "longitude": building.longitude}
    elif building:  # another grid goes on with the place it knows
        changes["door"] = ""
    event = apply(
        session, ticket, "unfollow", reporter, promises, now, note="反映人撤回，由邻居接着反映", changes=changes
    )
    session.refresh(ticket, ["resident"])
    tell_resident(session, ticket, event, ticket.resident, now, {"follower": heir.id})
    for group, _ in receivers(session, ticket)[:1]:
        tell_group(session, ticket, event, group, "passed_on", now)
