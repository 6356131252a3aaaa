"""取消提醒: the resident stops one of their own reminders."""

from typing import Any

from bot.answers import number_said
from bot.message import Reply, Unclear
from bot.reminding import line_of_reminder
from bot.service import Question, Service
from bot.turn import Turn
from models.reminder import own_reminders, stop


def _begin(turn: Turn, rest: str) -> dict[str, Any]:
    own = own_reminders(turn.session, turn.resident.id)
    if not own:
        return {"number": 0}
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
        return Reply("您现在没有提醒。要设一个，这样说：提醒我 每月5号 交物业费")
    stop(row)
    return Reply(f"已取消，不再提醒：{row.text}")


SERVICE = Service(
    code="cancel_reminder",
    name="",
    words=("取消提醒", "删除提醒", "不用提醒", "别提醒"),
    questions=(Question("number", _ask, _which),),
    begin=_begin,
    fulfil=_fulfil,
)
