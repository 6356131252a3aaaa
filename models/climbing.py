"""Climbing 逐级上报: the ticket nobody took, or whose promise was broken, wakes the next level up, each level once.

Keyed on the ticket, never on a person. The level that is woken may act from then on; whoever received the ticket first
stays responsible for follow-through and keeps hearing of it (首接负责制).
"""

from datetime import datetime

from sqlalchemy.orm import Session

from models.area import LEVELS, Area, group_of_area, line_of
from models.clock import Promises
from models.escalation import first_time
from models.life import apply
from models.telling import NOWHERE, receivers, tell_group, tell_resident
from models.ticket import SYSTEM_ACTOR, Ticket

REOPENED_TOO_OFTEN = 2
FROM_BELOW = ("report_in",)
"""Causes that tell a level without making it its turn: the ticket itself is in good hands."""
PROMISED_TO_RESIDENT = ("response", "overall")
"""Causes the resident hears of: what was said to them was not kept. The rest is the office's own measure."""


def chain(session: Session, ticket: Ticket) -> list[Area]:
    """The levels to wake, nearest first: above the one whose turn it is; the top itself when nothing is above it."""
    line = line_of(session, ticket.turn_code)
    return line[1:] or line


def climb(
    session: Session, ticket: Ticket, cause: str, breach: str, area: Area, promises: Promises, now: datetime, note: str
) -> bool:
    """Wake one level for one breach. False when that was done before, by whichever process."""
    if not first_time(session, ticket.number, cause, area.level, breach, area.code, now):
        return False
    changes = {} if cause in FROM_BELOW or not _higher(session, area, ticket) else _raised(area)
    event = apply(session, ticket, "escalate", SYSTEM_ACTOR, promises, now, note=note, changes=changes)
    facts = {"cause": cause, "area": area.code}
    group = group_of_area(session, area.code) or NOWHERE
    tell_group(session, ticket, event, group, "escalate", now, facts)
    if area.code == chain(session, ticket)[0].code:
        for first, _ in receivers(session, ticket)[:1]:
            if first.chat_id != group.chat_id:
                tell_group(session, ticket, event, first, "raised", now, facts)
        if cause in PROMISED_TO_RESIDENT:
            tell_resident(session, ticket, event, ticket.resident, now, facts)
    return True


def climb_if_repeated(
    session: Session, ticket: Ticket, action: str, return_limit: int, promises: Promises, now: datetime
) -> None:
    """Handed back as often as is allowed, or reopened for the second time: the next level hears of it and decides."""
    if action == "return" and ticket.returns >= return_limit > 0:
        cause, times, note = "returns", ticket.returns, f"已退单{ticket.returns}次，请裁定由谁办理"
    elif action == "reopen" and ticket.reopenings >= REOPENED_TOO_OFTEN:
        cause, times, note = "reopened", ticket.reopenings, f"居民第{ticket.reopenings}次说没解决"
    else:
        return
    climb(session, ticket, cause, str(times), chain(session, ticket)[0], promises, now, note)


def _raised(area: Area) -> dict[str, str]:
    return {"raised_code": area.code, "level": area.level}


def _higher(session: Session, area: Area, ticket: Ticket) -> bool:
    now_at = session.get(Area, ticket.raised_code or ticket.turn_code)
    return now_at is None or LEVELS.index(area.level) <= LEVELS.index(now_at.level)
