"""督办: a level above gives its opinion and waits for the answer."""

from bot.command import Command, GroupTurn
from models.database import Refused
from models.transitions import move_of


def _run(turn: GroupTurn, words: str) -> str:
    ticket = turn.ticket
    assert ticket and turn.actor
    if not words:
        raise Refused(f"请写督办意见，例如：督办 {ticket.number} 今天必须上门")
    turn.move("supervise", note=words, changes={"supervised_by": turn.actor.area_code})
    return f"#{ticket.number} 督办已发给办理的群，回复会发到您这边的群。"


COMMAND = Command(verbs=move_of("supervise").verbs, form="督办 1024 今天必须上门", run=_run, action="supervise")
