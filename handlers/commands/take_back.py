"""收回: a level above takes a ticket from whoever holds it, to give it to somebody else."""

from bot.command import Command, GroupTurn
from models.area import Area, turn_of
from models.database import Refused
from models.transitions import move_of


def _run(turn: GroupTurn, words: str) -> str:
    ticket = turn.ticket
    assert ticket and turn.actor
    if not words:
        raise Refused(f"请写明原因，例如：收回 {ticket.number} 换人办理")
    area = turn.session.get_one(Area, turn.actor.area_code)
    turn.move("take_back", note=words, changes=turn_of(area))
    return f"#{ticket.number} 已收回到{area.name}。请发：转派 {ticket.number} 姓名或网格"


COMMAND = Command(verbs=move_of("take_back").verbs, form="收回 1024 换人办理", run=_run, action="take_back")
