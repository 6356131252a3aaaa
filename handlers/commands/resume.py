"""恢复: a deferred ticket goes on before its day."""

from bot.command import Command, GroupTurn
from models.transitions import move_of


def _run(turn: GroupTurn, words: str) -> str:
    assert turn.ticket
    turn.move("resume", note=words or "提前恢复")
    return f"#{turn.ticket.number} 已恢复办理，居民会收到。"


COMMAND = Command(verbs=move_of("resume").verbs, form="恢复 1024", run=_run, action="resume")
