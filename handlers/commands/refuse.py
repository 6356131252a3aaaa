"""不同意: the level above says no to a request, with a reason; the old date stays."""

from bot.command import Command, GroupTurn
from models.database import Refused
from models.transitions import move_of


def _run(turn: GroupTurn, words: str) -> str:
    assert turn.ticket
    if not turn.ticket.request:
        raise Refused(f"#{turn.ticket.number} 没有等您同意的申请。")
    if not words:
        raise Refused(f"请写明原因，例如：不同意 {turn.ticket.number} 先安排临时照明")
    turn.move("refuse", note=words)
    return f"#{turn.ticket.number} 已退回申请，请网格按原时间办。"


COMMAND = Command(verbs=move_of("refuse").verbs, form="不同意 1024 理由", run=_run, action="refuse")
