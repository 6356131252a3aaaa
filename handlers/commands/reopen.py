"""重开: a worker says that it is not done after all; whoever follows it is told."""

from bot.command import Command, GroupTurn
from models.database import Refused
from models.transitions import move_of

FORM = "重开 1024 还没好的地方"


def _run(turn: GroupTurn, words: str) -> str:
    ticket = turn.ticket
    assert ticket
    if ticket.merged_into:
        raise Refused(f"#{ticket.number} 是并入 #{ticket.merged_into} 的，要分开请发：撤销合并 {ticket.number}")
    if ticket.outcome == "withdrawn":
        raise Refused(f"#{ticket.number} 是居民自己撤回的，不能重开。")
    if not words:
        raise Refused(f"请写原因，居民会看到，例如：{FORM}")
    turn.move("reopen", note=words)
    return f"#{ticket.number} 已重新办理，居民会收到。"


COMMAND = Command(verbs=move_of("reopen").verbs, form=FORM, run=_run, action="reopen")
