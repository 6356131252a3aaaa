"""补充: ask the resident for what is missing; the clocks wait until they answer."""

from bot.command import Command, GroupTurn
from bot.reach import reach_note
from models.database import Refused
from models.transitions import PENDING, move_of


def _run(turn: GroupTurn, words: str) -> str:
    assert turn.ticket
    if not words:
        raise Refused(f"请写上要问居民的话，例如：补充 {turn.ticket.number} 是哪一层的灯？")
    taken_now = turn.ticket.status == PENDING
    turn.take_if_nobody_has()
    turn.move("need_info", note=words)
    by = f"由{turn.actor.title}接单，" if taken_now and turn.actor else ""
    return f"#{turn.ticket.number} {by}{reach_note(turn)}等居民回答，时限暂停。"


COMMAND = Command(verbs=move_of("need_info").verbs, form="补充 1024 是哪一层的灯？", run=_run, action="need_info")
