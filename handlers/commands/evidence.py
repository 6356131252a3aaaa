"""现场照片: a picture shown with the ticket's card quoted; it counts as evidence when the matter wants one."""

from bot.command import Command, GroupTurn
from models.database import Refused
from models.transitions import move_of


def _run(turn: GroupTurn, words: str) -> str:
    assert turn.ticket
    if not turn.inbound.media_id:
        raise Refused(f"请引用 #{turn.ticket.number} 的卡片发照片，并@我。")
    turn.move("evidence", note=words or move_of("evidence").name)
    return f"#{turn.ticket.number} 照片已记下（共{turn.ticket.photos}张）。办好请发：办结 {turn.ticket.number} 结果"


COMMAND = Command(verbs=("照片", "现场照片"), form="引用工单发照片", run=_run, action="evidence")
