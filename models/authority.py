"""Who may do what with a ticket, decided by posting and area at that moment, never by who is in a chat (contract §9)."""

from collections.abc import Iterable, Iterator, Sequence

from sqlalchemy.orm import Session

from models.area import Group, line_of
from models.person import HANDLER_DUTIES, Posting
from models.ticket import Ticket
from models.transitions import HANDLER, OVERSEER
from models.whistle import whistled

BINDING_DUTIES = frozenset({"grid_leader", "full_time", "advisor"})
"""May bind a chat to their own area; `staff` may for every area below."""


def role_on(
    session: Session, postings: Iterable[Posting], ticket: Ticket, wanted: Sequence[str] = (HANDLER, OVERSEER)
) -> tuple[str, Posting] | None:
    """The role these postings give on this ticket, a wanted one first, and the posting that gives it."""
    roles = list(_roles(session, postings, ticket))
    return next((found for found in roles if found[0] in wanted), roles[0] if roles else None)


def _roles(session: Session, postings: Iterable[Posting], ticket: Ticket) -> Iterator[tuple[str, Posting]]:
    """Handlers first: whoever was woken by an escalation may act, and still oversees."""
    above = {area.code for area in line_of(session, ticket.area_code)[1:]}
    postings = list(postings)
    yield from ((HANDLER, posting) for posting in postings if _handles(posting, ticket))
    liaisons = (p for p in postings if p.duty == "liaison" and p.department_code)
    yield from ((HANDLER, p) for p in liaisons if whistled(session, ticket.number, p.department_code or ""))
    yield from ((OVERSEER, p) for p in postings if p.duty == "staff" and p.area_code in above)


def _handles(posting: Posting, ticket: Ticket) -> bool:
    # A confidential matter of a department may be about the very people of the grid: they follow and do nothing.
    theirs = not (ticket.department_code and ticket.matter.confidential)
    if posting.duty in HANDLER_DUTIES and posting.area_code == ticket.area_code:
        return theirs
    if posting.duty == "liaison" and posting.department_code and posting.department_code == ticket.department_code:
        return True
    raised = {ticket.raised_code, *(() if _with_the_grid(ticket) else (ticket.turn_code,))}
    return posting.duty in ("staff", "grid_leader") and posting.area_code is not None and posting.area_code in raised


def _with_the_grid(ticket: Ticket) -> bool:
    return ticket.turn_code == ticket.area_code and ticket.area.level in ("grid", "micro_grid")


def counts_from(session: Session, chat_id: str, ticket: Ticket) -> bool:
    """A command counts from a single chat, or from one bound to the ticket's line, its department or a whistled one."""
    if not chat_id:
        return True
    group = session.get(Group, chat_id)
    if not group:
        return False
    if group.department_code:
        theirs = group.department_code == ticket.department_code
        return theirs or whistled(session, ticket.number, group.department_code) is not None
    return group.area_code in {area.code for area in line_of(session, ticket.area_code)}


def may_bind(session: Session, postings: Iterable[Posting], area_code: str) -> bool:
    """May this person say which chat is the area's group?"""
    above = {area.code for area in line_of(session, area_code)}
    for posting in postings:
        if posting.area_code == area_code and posting.duty in BINDING_DUTIES:
            return True
        if posting.duty == "staff" and posting.area_code in above:
            return True
    return False
