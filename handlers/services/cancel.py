"""取消: leave whatever is being asked; nothing that is filed is touched."""

from typing import Any

from bot import danger
from bot.message import Reply
from bot.phrases import CANCELLED, NOTHING_OPEN
from bot.service import Service
from bot.turn import Turn


def _begin(turn: Turn, rest: str) -> dict[str, Any]:
    urgent = turn.talk.answers.get("ticket") if turn.talk.answers.get("urgent") else None
    followed = turn.talk.answers["tickets"] if turn.talk.service == "joined" else []
    return {"open": bool(turn.talk.service), "number": rest, "urgent": urgent, "followed": followed}


def _fulfil(turn: Turn) -> Reply:
    if number := turn.answers.get("number"):
        withdraw = turn.office.services["withdraw"]
        return turn.begin(withdraw, withdraw.begin(turn, number))
    if (cry := danger.open_cry(turn)) and (turn.answers.get("urgent") or not turn.answers["open"]):
        return danger.stay(turn, cry)
    if number := turn.answers.get("urgent"):
        return Reply(f"好的。#{number} 还在办理，有人会来看；弄错了请回复“撤回”。")
    if followed := turn.answers.get("followed"):
        listed = "、".join(f"#{number}" for number in followed)
        return Reply(f"{listed} 照样替您关注着。不想再收到请回复“取消关注”；不是同一件事请回复“不是一回事”。")
    return Reply(CANCELLED if turn.answers["open"] else NOTHING_OPEN)


SERVICE = Service(code="cancel", name="", words=("取消", "算了", "不报了"), begin=_begin, fulfil=_fulfil)
