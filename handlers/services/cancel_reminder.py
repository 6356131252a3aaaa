"""取消提醒: the resident stops one of their own reminders."""

import re
from typing import Any

from bot.answers import number_said
from bot.message import Reply, Unclear
from bot.reminding import line_of_reminder
from bot.service import Question, Service
from bot.turn import Turn
from models.reminder import Reminder, own_reminders, stop

_STOP = r"(?:以后|今后|现在|那|就|请|麻烦|你们?|您|可以|帮我|把|都)*(?:不用|别|莫|不要|不需要|不必|取消|停止|停掉?|删除|删掉|关掉)"
_NO_MORE = re.compile(
    _STOP + r"(?:再|给我|每天|天天|老是?|总是?|一直|来|了)*提醒(?:我们?)?(?P<what>.{0,14}?)(?:了|啦|吧|嘛|啊)*"
)
_NOT_THAT = re.compile(_STOP + r"(?P<what>.{1,14}?)的?提醒(?:了|吧|啊)*")


def _hears(turn: Turn) -> str | None:
    """不用提醒了, 别提醒我吃药了, 取消吃药的提醒."""
    said = _NO_MORE.fullmatch(turn.understood.text)
    if said and not said["what"]:
        return ""
    said = said or _NOT_THAT.fullmatch(turn.understood.text)
    what = str(said["what"]).strip() if said else ""
    return what if what and _about(own_reminders(turn.session, turn.resident.id), what) else None


def _about(own: dict[int, Reminder], what: str) -> list[int]:
    return [number for number, row in own.items() if what in row.text or row.text in what]


def _begin(turn: Turn, rest: str) -> dict[str, Any]:
    own = own_reminders(turn.session, turn.resident.id)
    if not own:
        return {"number": 0}
    named = _about(own, rest) if rest and not rest.isdecimal() else []
    if len(named) == 1:
        return {"number": named[0]}
    if rest.isdecimal() and len(rest) < 6 and int(rest) in own:
        return {"number": int(rest)}
    return {"number": next(iter(own))} if len(own) == 1 and not rest else {}


def _ask(turn: Turn) -> str:
    own = own_reminders(turn.session, turn.resident.id)
    lines = [f"{number}. {line_of_reminder(turn.office, row, turn.now)}" for number, row in own.items()]
    return "\n".join(["取消哪一个？请回复前面的数字；都不取消请回复“取消”。", *lines])


def _which(turn: Turn, text: str) -> int:
    number = number_said(text)
    if number is None or number not in own_reminders(turn.session, turn.resident.id):
        raise Unclear(_ask(turn))
    return number


def _fulfil(turn: Turn) -> Reply:
    row = own_reminders(turn.session, turn.resident.id).get(turn.answers["number"])
    if row is None:
        return Reply("您现在没有提醒。要设一个，这样说：提醒我 每月5号 交物业费。不想收公告，请回复“退订”。")
    stop(row)
    return Reply(f"已取消，不再提醒：{row.text}")


SERVICE = Service(
    code="cancel_reminder",
    name="",
    words=("取消提醒", "删除提醒", "不用提醒", "别提醒"),
    questions=(Question("number", _ask, _which),),
    begin=_begin,
    hears=_hears,
    fulfil=_fulfil,
)
