"""Which of the resident's own tickets is meant: a number opens nobody else's."""

from bot.turn import Turn
from models.ticket import Ticket, tickets_of


def named_ticket(turn: Turn, rest: str) -> Ticket | None:
    """The unfinished ticket with that number, or the newest one; None when there is none."""
    own = tickets_of(turn.session, turn.resident.id, unfinished=True, limit=50)
    if rest.isdigit():
        return next((ticket for ticket in own if ticket.number == int(rest)), None)
    return own[0] if own else None
