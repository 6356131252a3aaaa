"""办结: the worker says it is done; the resident is asked whether it really is."""

from bot.command import Command, GroupTurn
from bot.reach import reach_note
from models.transitions import move_of

_SAYS_ITSELF = ("修好了", "处理好了", "办完", "完成")


def _run(turn: GroupTurn, words: str) -> str:
    assert turn.ticket
    turn.take_if_nobody_has()
    said = words or (turn.verb if turn.verb in _SAYS_ITSELF else "已处理")
    turn.move("handle", note=said)
    advice = "" if words else "下次写一句结果，居民更放心。"
    return f"#{turn.ticket.number} 已记处置完成，{reach_note(turn)}等居民确认。{advice}"


COMMAND = Command(verbs=move_of("handle").verbs, form="办结 1024 灯泡已换", run=_run, action="handle")
