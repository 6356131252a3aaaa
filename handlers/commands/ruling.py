"""裁定: the level above decides who does it, a department or a grid; after that it is not handed back any more."""

from typing import Any

from bot.command import Command, GroupTurn
from bot.named_receiver import department_named, grid_or_person, name_and_reason
from models.area import turn_of
from models.database import Refused
from models.transitions import move_of

FORM = "裁定 1024 城管 占道归城管管"


def _run(turn: GroupTurn, words: str) -> str:
    ticket = turn.ticket
    assert ticket
    name, reason = name_and_reason(words)
    if not name or not reason:
        raise Refused(f"请写由谁办和理由，例如：{FORM}")
    changes: dict[str, Any]
    if department := department_named(turn, name):
        who, changes = department.name, {"department_code": department.code, "level": "department"}
        changes["turn_code"] = ticket.area_code
    else:
        area, person = grid_or_person(turn, name)
        who, changes = area.name, {"department_code": None, "area_code": area.code, **turn_of(area)}
        changes["asked_key"] = person.key if person else None
    turn.move("ruling", note=f"由{who}办理：{reason}", changes=changes)
    return f"已裁定：#{ticket.number} 由{who}办理，不能再退。"


COMMAND = Command(verbs=move_of("ruling").verbs, form=FORM, run=_run, action="ruling")
