"""改类: the matter of a ticket was taken wrongly; one way for residents, workers and staff to put it right."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from models.label import keep_label
from models.matter import Matter
from models.ticket import Ticket, TicketEvent

if TYPE_CHECKING:
    from bot.office import Office

_SHORTEST = 2


def matter_named(office: "Office", words: str) -> str:
    """The code of the matter somebody names: by its code, its name or part of it, or by what they describe."""
    names, said = office.catalogue.matter_names, words.strip()
    if said in names:
        return said
    if len(said) >= _SHORTEST:
        parts = [code for code, name in names.items() if said == name or said in name.split("、")]
        parts = parts or [code for code, name in names.items() if said in name]
        if len(parts) == 1:
            return parts[0]
    understanding = office.catalogue.understanding
    decision = understanding.decide(understanding.understand(said))
    return decision.matters[0] if decision.action == "ticket" else ""


def relabel(session: Session, ticket: Ticket, code: str, move: Callable[..., TicketEvent]) -> None:
    """Change the matter; a ticket that now belongs to somebody else is handed on at once. `move` is the turn's own.

    What the resident said stays as a labelled example.
    """
    matter = session.get_one(Matter, code)
    department = None if matter.grid_admitted else matter.department_code or None
    level = "department" if department else ticket.area.level
    before, guessed, moved = ticket.matter.name, ticket.matter_code, department != ticket.department_code
    event = move("reclassify", note=f"{before} → {matter.name}", changes={"matter_code": matter.code})
    revision = ticket.explained.get("revision", 0)
    keep_label(session, ticket.number, ticket.text, guessed, code, event.actor_kind, event.actor, revision, event.at)
    if moved and ticket.status != "handled":
        move("transfer", note="改类后重新派单", changes={"department_code": department, "level": level})
