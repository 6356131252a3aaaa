"""Which of the resident's tickets is meant, reported or joined: a number opens nobody else's."""

from bot.answers import verdict
from bot.turn import Turn
from models.following import followed_by
from models.ticket import Ticket, tickets_of
from models.transitions import HANDLED, NEED_INFO, UNFINISHED

MOST = 50


def named_ticket(turn: Turn, rest: str, statuses: tuple[str, ...] = UNFINISHED) -> Ticket | None:
    """The ticket with that number, or the one they came to last; None when there is none.

    Their own, or their neighbours' that they follow; the number of a merged one means the ticket that took it.
    """
    own = tickets_of(turn.session, turn.resident.id, unfinished=True, limit=MOST)
    came = [(ticket.created_at, {ticket.number}, ticket) for ticket in own]
    for follower, ticket in followed_by(turn.session, turn.resident.id, MOST):
        came.append((follower.joined_at, {ticket.number, follower.came_with or 0}, ticket))
    fit = [(at, numbers, ticket) for at, numbers, ticket in came if ticket.status in statuses]
    if rest.isdigit():
        return next((ticket for _, numbers, ticket in fit if int(rest) in numbers), None)
    return max(fit, key=lambda one: (one[0], one[2].number))[2] if fit else None


def answers_a_worker(turn: Turn) -> bool:
    """A worker's question or result waits for these words, whatever form was left open before."""
    statuses = {ticket.status for ticket in tickets_of(turn.session, turn.resident.id, unfinished=True)}
    return NEED_INFO in statuses or (HANDLED in statuses and verdict(turn.text) is not None)
