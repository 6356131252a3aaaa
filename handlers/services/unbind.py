"""解绑: forget a home."""

from typing import Any

from bot.answers import choice, numbered
from bot.message import Reply
from bot.service import Question, Service
from bot.turn import Turn


def _names(turn: Turn) -> list[str]:
    return [home.building.title for home in turn.resident.current_homes]


def _begin(turn: Turn, _rest: str) -> dict[str, Any]:
    return {"home": 0} if len(_names(turn)) <= 1 else {}


def _ask(turn: Turn) -> str:
    return "请问解绑哪一处？\n" + numbered(_names(turn))


def _fulfil(turn: Turn) -> Reply:
    homes = turn.resident.current_homes
    if not homes:
        return Reply("您还没有绑定住处。回复“绑定”可以绑定。")
    home = homes[min(turn.answers["home"], len(homes) - 1)]
    home.ended_at = turn.now
    return Reply(f"已解绑{home.building.title}。搬了新家请回复“绑定”。")


SERVICE = Service(
    code="unbind",
    name="",
    words=("解绑", "解除绑定", "取消绑定"),
    questions=(Question("home", _ask, lambda turn, text: choice(text, _names(turn), _ask(turn))),),
    begin=_begin,
    fulfil=_fulfil,
)
