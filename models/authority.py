"""Who may do what with a ticket, decided by posting and area at that moment, never by who is in a chat (contract §9)."""

from collections.abc import Iterable

from sqlalchemy.orm import Session

from models.area import Group, line_of
from models.person import HANDLER_DUTIES, Posting
from models.ticket import Ticket
from models.transitions import HANDLER, OVERSEER

BINDING_DUTIES = frozenset({"grid_leader", "full_time", "advisor"})
"""May bind a chat to their own area; `staff` may for every area below."""


def role_on(session: Session, postings: Iterable[Posting], ticket: Ticket) -> tuple[str, Posting] | None:
    """The strongest role these postings give on this ticket, and the posting that gives it."""
    above = {area.code for area in line_of(session, ticket.area_code)[1:]}
    overseer = None
    for posting in postings:
        if _handles(posting, ticket):
            return HANDLER, posting
        if posting.duty == "staff" and posting.area_code in above:
            overseer = overseer or posting
    return (OVERSEER, overseer) if overseer else None


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
    """A command counts from a single chat, or from a chat bound to the ticket's line or its department."""
    if not chat_id:
        return True
    group = session.get(Group, chat_id)
    if not group:
        return False
    if group.department_code:
        return group.department_code == ticket.department_code
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
