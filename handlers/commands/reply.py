"""回复: the worker's words to the resident, signed with posting and surname."""

from bot.command import Command, GroupTurn
from bot.reach import reach_note
from models.database import Refused
from models.transitions import PENDING, move_of


def _run(turn: GroupTurn, words: str) -> str:
    assert turn.ticket
    if not words:
        raise Refused(f"请写上要告诉居民的话，例如：回复 {turn.ticket.number} 下午三点上门")
    number, taken_now = turn.ticket.number, turn.ticket.status == PENDING
    turn.take_if_nobody_has()
    turn.move("reply", note=words)
    turn.expects_answer()
    told = reach_note(turn)
    if taken_now and turn.actor:
        return f"#{number} 由{turn.actor.title}接单，{told}办好请发：办结 {number} 结果"
    return f"#{number} {told}"


COMMAND = Command(verbs=move_of("reply").verbs, form="回复 1024 下午三点上门", run=_run, action="reply")
