"""办结: the worker says it is done; the resident is asked whether it really is."""

import re

from bot.command import Command, GroupTurn
from bot.reach import reach_note
from bot.whistling import give_result, own_whistle
from models.database import Refused
from models.transitions import move_of

WITHOUT_PICTURE = (
    "#{number} 办结要有现场照片。请引用工单发照片并@我，再办结；实在拍不了请写：办结 {number} 结果 无照片 原因"
)
UNDONE = (
    "#{number} 没有办结：写的结果像是还没办好。还在办请发：回复 {number} 情况；要等请发：补充、延期或挂账；"
    "确实办好了请写：办结 {number} 确认办好 结果"
)
_UNDONE = re.compile(
    r"没(?:有)?人(?:开门|在家|应门|应|接(?:电话)?$)|不在家|(?:没|没有|未)(?:找到|见到|看到人|修好|弄好|办好|办成|解决|处理好|联系上)|"
    r"(?:找|见)不到|联系不上|打不通|(?:修|办|弄|搞|解决|处理)不(?:了|好)|无法(?:处理|解决|联系|修复)"
)
"""Results that tell of nothing done: somebody may still be behind the door."""
_DONE_ALL_THE_SAME = re.compile(
    r"(?<![未没不])确认|平安|没事了|(?:已|后来|再去|最后|终于)(?:经)?(?:找到|见到|联系上|修好|办好|办成|弄好|解决|处理|换|恢复|清|疏?通(?!知))"
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
    if turn.verb not in _SAYS_ITSELF and _UNDONE.search(words) and not _DONE_ALL_THE_SAME.search(words):
        raise Refused(UNDONE.format(number=turn.ticket.number))
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
