"""Which of the resident's own tickets is meant: a number opens nobody else's."""

from bot.answers import verdict
from bot.turn import Turn
from models.ticket import Ticket, tickets_of
from models.transitions import HANDLED, NEED_INFO


def named_ticket(turn: Turn, rest: str) -> Ticket | None:
    """The unfinished ticket with that number, or the newest one; None when there is none."""
    own = tickets_of(turn.session, turn.resident.id, unfinished=True, limit=50)
    if rest.isdigit():
        return next((ticket for ticket in own if ticket.number == int(rest)), None)
    return own[0] if own else None


def answers_a_worker(turn: Turn) -> bool:
    """A worker's question or result waits for these words, whatever form was left open before."""
    statuses = {ticket.status for ticket in tickets_of(turn.session, turn.resident.id, unfinished=True)}
    return NEED_INFO in statuses or (HANDLED in statuses and verdict(turn.text) is not None)
