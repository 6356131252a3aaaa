"""撤销合并: the two were not the same after all; each goes on by itself, with its own people."""

from bot.command import Command, GroupTurn
from models.merging import unmerge
from models.ticket import join
from models.transitions import move_of


def _run(turn: GroupTurn, _words: str) -> str:
    assert turn.ticket and turn.actor
    into = unmerge(turn.session, turn.ticket, turn.actor, turn.office.promises, turn.now)
    join(turn.session, turn.message.id, turn.ticket.number)
    return f"#{turn.ticket.number} 已和 #{into} 分开，重新等人接单；它的居民也跟着回来了。"


COMMAND = Command(verbs=move_of("unmerge").verbs, form="撤销合并 1025", run=_run, action="unmerge")
