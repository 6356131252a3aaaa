"""沉默结案: handled, and the resident has said nothing for some days: closed as unconfirmed, counted apart."""

from datetime import timedelta

from bot.office import Office
from models.ticket import SYSTEM_ACTOR, apply, silent_tickets

PAGE = 100


def close_silent(office: Office) -> int:
    """Close one page; called on every tick, so a backlog is worked off page by page."""
    now = office.now()
    before = now - timedelta(days=office.settings.promises.silence_days)
    with office.database.write() as session:
        tickets = silent_tickets(session, before, PAGE)
        for ticket in tickets:
            apply(session, ticket, "close", SYSTEM_ACTOR, office.promises, now, changes={"outcome": "unconfirmed"})
    return len(tickets)
