"""退订: no more announcements; news of one's own tickets still comes."""

from bot.message import Reply
from bot.service import Service
from bot.turn import Turn


def _begin(turn: Turn, _rest: str) -> dict[str, bool]:
    return {"again": turn.text.startswith("恢复")}


def _fulfil(turn: Turn) -> Reply:
    turn.resident.bulletins = turn.answers["again"]
    if turn.resident.bulletins:
        return Reply("已恢复接收公告。")
    return Reply("已退订，不再给您发公告；您自己事项的进展仍会告诉您。要恢复请回复“恢复公告”。")


SERVICE = Service(code="unsubscribe", name="", words=("退订", "TD", "td", "恢复公告"), begin=_begin, fulfil=_fulfil)
