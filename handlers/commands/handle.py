"""办结: the worker says it is done; the resident is asked whether it really is."""

from bot.command import Command, GroupTurn
from bot.reach import reach_note
from bot.whistling import give_result, own_whistle
from models.database import Refused
from models.transitions import move_of

WITHOUT_PICTURE = (
    "#{number} 办结要有现场照片。请引用工单发照片并@我，再办结；实在拍不了请写：办结 {number} 结果 无照片 原因"
)
_DONE = (
    "弄好了",
    "弄完了",
    "搞好了",
    "搞定",
    "整好了",
    "换好了",
    "装好了",
    "清理好了",
    "已处理",
    "处理完",
    "做完了",
    "解决了",
)
"""More ways to say it than the table of moves names."""
_SAYS_ITSELF = frozenset({*_DONE, "修好了", "处理好了"})


def _run(turn: GroupTurn, words: str) -> str:
    assert turn.ticket and turn.actor
    if (
        turn.actor.kind == "department"
        and turn.ticket.department_code not in _departments(turn)
        and turn.ticket.holder_key
    ):
        return give_result(turn, own_whistle(turn), _result(turn.verb, words))  # it stays with its first receiver
    if turn.ticket.matter.photo and not turn.ticket.photos and "无照片" not in words:
        raise Refused(WITHOUT_PICTURE.format(number=turn.ticket.number))
    turn.take_if_nobody_has()
    turn.move("handle", note=_result(turn.verb, words))
    advice = "" if words or turn.verb in _SAYS_ITSELF else "下次写一句结果，居民更放心。"
    return f"#{turn.ticket.number} 已记处置完成，{reach_note(turn)}等居民确认。{advice}"


def _departments(turn: GroupTurn) -> set[str | None]:
    return {posting.department_code for posting in turn.postings if posting.department_code}


def _result(verb: str, words: str) -> str:
    """修好了 is a result by itself, 办结 is not."""
    if verb in _SAYS_ITSELF:
        return f"{verb}，{words}" if words else verb
    return words or "已处理"


COMMAND = Command(verbs=(*move_of("handle").verbs, *_DONE), form="办结 1024 灯泡已换", run=_run, action="handle")
