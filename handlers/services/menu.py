"""菜单: what can be asked for, as numbers a thumb can answer."""

from typing import Any

from bot.answers import choice, numbered
from bot.message import Reply
from bot.phrases import EMERGENCY_LINE
from bot.service import Question, Service
from bot.turn import Turn


def _offered(turn: Turn) -> list[Service]:
    return [service for service in turn.office.services.values() if service.name][:9]


def _ask(turn: Turn) -> str:
    names = numbered([service.name for service in _offered(turn)])
    return f"您可以直接说事，例如：楼道灯不亮了。\n也可以回复数字：\n{names}\n{EMERGENCY_LINE}"


def _parse(turn: Turn, text: str) -> str:
    names = [service.name for service in _offered(turn)]
    return _offered(turn)[choice(text, names, _ask(turn))].code


def _fulfil(turn: Turn) -> Reply:
    service = turn.office.services[turn.answers["chosen"]]
    answers: dict[str, Any] = {} if service.code == "report" else service.begin(turn, "")
    return turn.begin(service, answers)


SERVICE = Service(
    code="menu",
    name="",
    words=("菜单", "主菜单", "帮助", "返回", "0", "０"),
    questions=(Question("chosen", _ask, _parse),),
    fulfil=_fulfil,
)
