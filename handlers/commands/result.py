"""反馈: a whistled department writes what it did."""

from bot.command import Command, GroupTurn
from bot.whistling import give_result, own_whistle
from models.database import Refused
from models.transitions import move_of


def _run(turn: GroupTurn, words: str) -> str:
    assert turn.ticket
    whistle = own_whistle(turn)
    if not words:
        raise Refused(f"请写结果，例如：反馈 {turn.ticket.number} 已清走占道物品")
    return give_result(turn, whistle, words)


COMMAND = Command(verbs=move_of("result").verbs, form="反馈 1024 已清走占道物品", run=_run, action="result")
