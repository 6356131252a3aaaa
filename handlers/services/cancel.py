"""取消: leave whatever is being asked; nothing that is filed is touched."""

from bot.message import Reply
from bot.phrases import CANCELLED, NOTHING_OPEN
from bot.service import Service
from bot.turn import Turn


def _begin(turn: Turn, _rest: str) -> dict[str, bool]:
    return {"open": bool(turn.talk.service)}


def _fulfil(turn: Turn) -> Reply:
    return Reply(CANCELLED if turn.answers["open"] else NOTHING_OPEN)


SERVICE = Service(code="cancel", name="", words=("取消", "算了", "不报了"), begin=_begin, fulfil=_fulfil)
