"""Telling 告知: who hears of a move, as rows of the outbox in the transaction of the move itself."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.area import Group, group_of_area, group_of_department, line_of
from models.clock import Promises
from models.following import followers_of
from models.outbox import OutboxMessage, promise
from models.resident import Resident
from models.roster import covering
from models.ticket import Actor, Ticket, TicketEvent
from models.transitions import Move

NOWHERE = Group(chat_id="", name="")
"""Where a card goes when no group can be pushed to yet; delivery looks again until there is one."""
ANEW = ("return", "transfer", "ruling", "take_back", "unmerge")
"""Moves after which somebody has to sign: the group gets the whole card, not a line of news."""
GROWTH = (3, 10, 30, 100, 300, 1000, 3000, 10000)
URGENT_GROWTH = (2, 3, 5, *GROWTH[1:])
"""Reports of one ticket at which its group hears how many there are by now: once each, whatever the flood."""
VOICES_TOGETHER = timedelta(seconds=30)
"""Words of neighbours on one ticket reach the group as one line for each such span."""
VOICES_LATE = timedelta(seconds=5)
"""A message of that span may be committed so much later."""


def receivers(
    session: Session, ticket: Ticket, moment: datetime | None = None, zone: ZoneInfo | None = None
) -> list[tuple[Group, str]]:
    """Groups that get a card, and what it is there: card, follow (跟进) or vacant (无人值守). Contract §9.

    With the moment and its zone the community is told too when nobody covers the grid then.
    """
    own = group_of_area(session, ticket.turn_code)
    if department := group_of_department(session, ticket.department_code):
        return [(department, "card")] + ([(own, "follow")] if own else [])
    found = [(own, "card")] if own else []
    at_grid = ticket.level == "grid"
    if moment and zone and at_grid and not covering(session, moment, zone, area_code=ticket.turn_code):
        above = group_above(session, ticket.turn_code)
        if above and above is not own:
            found.append((above, "vacant"))
    return found


def group_above(session: Session, area_code: str) -> Group | None:
    """The group of the next level up, or of its nearest ancestor that has one."""
    line = line_of(session, area_code)
    return group_of_area(session, line[1].code) if len(line) > 1 else None


def tell_filed(session: Session, ticket: Ticket, event: TicketEvent, promises: Promises, now: datetime) -> None:
    """The first cards of a ticket, or those of a new receiver."""
    for group, kind in receivers(session, ticket, now, promises.working.zone) or [(NOWHERE, "card")]:
        tell_group(session, ticket, event, group, kind, now)


def tell_moved(
    session: Session, ticket: Ticket, event: TicketEvent, move: Move, actor: Actor, promises: Promises, now: datetime
) -> None:
    """Everybody the table of moves names, except whoever made the move."""
    if "resident" in move.tell and actor.kind != "resident":
        tell_resident(session, ticket, event, ticket.resident, now)
    if "followers" in move.tell and ticket.followers:
        for follower in followers_of(session, ticket.number):
            tell_resident(session, ticket, event, follower.resident, now, {"follower": follower.id})
    if event.action == "follow":
        _tell_growth(session, ticket, event, now)
    if event.action == "note" and actor.kind == "resident" and actor.key not in ("", str(ticket.resident_id)):
        _tell_voices(session, ticket, event, now)
    elif "group" in move.tell and event.action in ANEW:
        tell_filed(session, ticket, event, promises, now)
    elif "group" in move.tell:
        for group, _ in receivers(session, ticket, now, promises.working.zone) or [(NOWHERE, "")]:
            tell_group(session, ticket, event, group, event.action, now)
    if event.action == "handle" and ticket.matter.confidential:
        for group, _ in receivers(session, ticket)[:1]:
            tell_group(session, ticket, event, group, "visit", now)
    if "above" in move.tell:
        asked = ticket.supervised_by if event.action == "account" else None
        above = group_of_area(session, asked) if asked else group_above(session, ticket.turn_code)
        if above:
            tell_group(session, ticket, event, above, event.action, now)


def _tell_growth(session: Session, ticket: Ticket, event: TicketEvent, now: datetime) -> None:
    """One line for the group when the reports reach the next round number; the key makes it once for each."""
    reports = ticket.followers + 1
    reached = max((n for n in (URGENT_GROWTH if ticket.matter.emergency else GROWTH) if n <= reports), default=0)
    if not reached or (reached < reports and event.actor_kind == "resident"):
        return
    for group, _ in (receivers(session, ticket) or [(NOWHERE, "")])[:1]:
        key = f"t{ticket.number}:reports:{reached}:{group.chat_id}"
        if not _promised(session, key):
            facts = {"reports": reports}
            promise(
                session, now, key=key, kind="growing", channel="group_push", target=group.chat_id, ticket=ticket.number,
                event=event.seq, facts=facts, urgent=ticket.matter.emergency,
            )  # fmt: skip


def _tell_voices(session: Session, ticket: Ticket, event: TicketEvent, now: datetime) -> None:
    """What neighbours say on a ticket, gathered for a moment; in an emergency each word goes out at once."""
    urgent = ticket.matter.emergency
    span = int(now.timestamp() // VOICES_TOGETHER.total_seconds())
    until = datetime.fromtimestamp((span + 1) * VOICES_TOGETHER.total_seconds(), UTC)
    for group, _ in (receivers(session, ticket) or [(NOWHERE, "")])[:1]:
        key = f"t{ticket.number}:voices:{event.seq if urgent else f'at{span}'}:{group.chat_id}"
        if not _promised(session, key):
            row = promise(
                session, now, key=key, kind="voices", channel="group_push", target=group.chat_id, ticket=ticket.number,
                event=event.seq, facts={"until": (now if urgent else until).isoformat()}, urgent=urgent,
            )  # fmt: skip
            row.next_try_at = now if urgent else until + VOICES_LATE


def _promised(session: Session, key: str) -> bool:
    session.flush()
    return session.scalar(select(OutboxMessage.id).where(OutboxMessage.dedupe_key == key)) is not None


def tell_group(
    session: Session,
    ticket: Ticket,
    event: TicketEvent,
    group: Group,
    kind: str,
    now: datetime,
    facts: dict[str, Any] | None = None,
) -> OutboxMessage:
    """One card or line for one group; the key makes it once per move, kind and group."""
    return promise(
        session, now, key=f"t{ticket.number}:{event.seq}:{kind}:{group.chat_id}", kind=kind, channel="group_push",
        target=group.chat_id, ticket=ticket.number, event=event.seq, facts=facts, urgent=ticket.matter.emergency,
    )  # fmt: skip


def tell_resident(
    session: Session,
    ticket: Ticket,
    event: TicketEvent,
    resident: Resident,
    now: datetime,
    facts: dict[str, Any] | None = None,
) -> None:
    """One notice for the reporter, or for a follower (`facts`); whoever left the account is called or visited."""
    row = promise(
        session, now, key=f"t{ticket.number}:{event.seq}:{event.action}:r{resident.id}", kind=event.action,
        channel="official_account", target=resident.openid, ticket=ticket.number, event=event.seq, facts=facts,
        urgent=ticket.matter.emergency,
    )  # fmt: skip
    if not resident.followed:
        row.state, row.reason, row.next_try_at = "skipped", "unfollowed", None
        if not facts:
            session.flush()
            ask_to_call(session, row, ticket, now)


def ask_to_call(session: Session, row: OutboxMessage, ticket: Ticket, now: datetime) -> None:
    """What the resident cannot be written is a task for the group that has the ticket, once for each notice."""
    for group, _ in receivers(session, ticket)[:1]:
        promise(
            session, now, key=f"call:{row.id}", kind="call", channel="group_push", target=group.chat_id,
            ticket=ticket.number, event=row.event_seq, facts={"kind": row.kind, **(row.facts or {})},
        )  # fmt: skip
