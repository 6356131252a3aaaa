"""转派: to another grid, or to a person by name; whoever gets it signs it anew."""

from bot.command import Command, GroupTurn
from bot.named_receiver import grid_or_person, name_and_reason
from models.area import turn_of
from models.database import Refused
from models.transitions import move_of


def _run(turn: GroupTurn, words: str) -> str:
    ticket = turn.ticket
    assert ticket
    name, reason = name_and_reason(words)
    if not name:
        raise Refused(f"请写转给谁，例如：转派 {ticket.number} 王芳，或网格名、网格代码")
    area, person = grid_or_person(turn, name)
    note = f"转{area.name}{f'（{reason}）' if reason else ''}"
    changes = {"area_code": area.code, **turn_of(area), "department_code": None}
    turn.move("transfer", note=note, changes={**changes, "asked_key": person.key if person else None})
    return f"#{ticket.number} 已转{area.name}{f'，请{person.surname}同志接单' if person else '，等接单'}。"


COMMAND = Command(verbs=move_of("transfer").verbs, form="转派 1024 王芳", run=_run, action="transfer")
