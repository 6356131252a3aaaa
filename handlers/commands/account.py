"""督办回复: the answer to an opinion from above; quoting its card is enough."""

from bot.command import Command, GroupTurn
from models.database import Refused
from models.transitions import move_of


def _run(turn: GroupTurn, words: str) -> str:
    ticket = turn.ticket
    assert ticket
    if not ticket.supervised_by:
        raise Refused(f"#{ticket.number} 没有督办。要告诉居民请写：回复 {ticket.number} 内容")
    if not words:
        raise Refused(f"请写办理情况，例如：督办回复 {ticket.number} 已约下午三点上门")
    turn.move("account", note=words)
    return f"#{ticket.number} 已回复督办。"


COMMAND = Command(
    verbs=move_of("account").verbs, form="督办回复 1024 已约下午上门", run=_run, action="account", quoted_as="【督办】"
)
