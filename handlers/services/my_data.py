"""我的数据: what is kept about the resident who asks, and about nobody else (L08)."""

from sqlalchemy import func, select

from bot.message import Reply
from bot.service import Service
from bot.turn import Turn
from models.audience import STANDARD_TAGS
from models.message import Message
from models.tagging import tags_of
from models.ticket import Ticket


def _fulfil(turn: Turn) -> Reply:
    resident = turn.resident
    count = select(func.count()).where
    messages = turn.session.scalar(count(Message.resident_id == resident.id))
    tickets = turn.session.scalar(count(Ticket.resident_id == resident.id))
    homes = [_home(home.building.title, home.unit, home.room) for home in resident.current_homes]
    return Reply(
        "我们记着您的这些信息：\n"
        f"住处：{'、'.join(homes) or '没有'}\n"
        f"消息：{messages}条；事项：{tickets}件\n"
        f"标签：{'、'.join(_tags(turn)) or '没有'}\n"
        f"公告：{'接收' if resident.bulletins else '不接收'}\n"
        "不记您的姓名和电话，除非您自己写在话里。回复“解绑”删住处，回复“退订”不收公告；要更正或删除请回复“人工”。"
    )


def _tags(turn: Turn) -> list[str]:
    """In the words residents read, theirs first; then those the office keeps of them."""
    mine = tags_of(turn.session, turn.resident.id)
    return [name for tag, name in STANDARD_TAGS.items() if tag in mine] + sorted(mine - STANDARD_TAGS.keys())


def _home(title: str, unit: str, room: str) -> str:
    return title + (f"{unit}单元" if unit else "") + (room or "")


SERVICE = Service(code="my_data", name="我的数据", order=6, words=("我的数据", "我的信息"), fulfil=_fulfil)
