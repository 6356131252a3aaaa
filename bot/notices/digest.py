"""Many cards waiting for one group as one message."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.group_push import markdown_escape
from models.ticket import Ticket

DIGEST_BYTES = 3800


def digest(session: Session, numbers: Sequence[int], name: str) -> tuple[str, set[int]]:
    """Many cards waiting for one group as one message, and the numbers it names: as many as fit (contract §9)."""
    query = select(Ticket).where(Ticket.number.in_(set(numbers))).order_by(Ticket.number)
    lines: list[str] = []
    named: set[int] = set()
    for ticket in session.execute(query).unique().scalars():
        line = f"> #{ticket.number} {ticket.matter.name} {markdown_escape(ticket.area.name)}"
        if len("\n".join([*lines, line]).encode()) > DIGEST_BYTES:
            break
        lines.append(line)
        named.add(ticket.number)
    return "\n".join([f"**一下来了{len(lines)}件，请逐件接单**", *lines, f"@{name} 待办"]), named
