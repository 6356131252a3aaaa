"""紧急: danger is filed at once, with advice first and the place asked in the same breath when it is not known."""

from bot import filed, whereabouts
from bot.joining import joined_emergency
from bot.message import Reply
from bot.phrases import EMERGENCY_LINE
from bot.placed import place_value
from bot.service import Service
from bot.turn import Turn
from models.area import top_area
from models.matter import Matter
from models.ticket import Ticket


def _fulfil(turn: Turn) -> Reply:
    item = filed.item(turn, turn.decision.matters[0], turn.text)
    place, asking = whereabouts.stated(turn, turn.text)
    known = place is not None
    if not place and (street := top_area(turn.session)):
        place = place_value("", street.code, "地点待问")
    if not place:
        return Reply(EMERGENCY_LINE)
    if known and (ticket := joined_emergency(turn, item, place)):
        return Reply(_told_again(turn, ticket))
    ticket = filed.file_one(turn, item, place)
    advice = turn.session.get_one(Matter, ticket.matter_code).advice or EMERGENCY_LINE
    lines = [advice, f"已登记 #{ticket.number}：{ticket.matter.name}，正在通知{filed.who(turn, ticket)}。"]
    if known:
        lines.append(f"地点：{ticket.place}。不对请回复“换地址”。")
    else:
        turn.talk.open("relocate", {"ticket": ticket.number, "urgent": True, **asking}, turn.now)
        lines.append(whereabouts.prompt(turn))
    return Reply("\n".join(lines))


def _told_again(turn: Turn, ticket: Ticket) -> str:
    """Neighbours called before: the advice all the same, and nobody is asked anything now."""
    advice = turn.session.get_one(Matter, ticket.matter_code).advice or EMERGENCY_LINE
    head = f"#{ticket.number} {ticket.matter.name}（{ticket.place}）已有{ticket.followers}位邻居报过"
    coming = f"{ticket.holder.surname}网格员已接单" if ticket.holder else f"正在通知{filed.who(turn, ticket)}"
    return f"{advice}\n{head}，{coming}，已把您的话转过去。\n不是同一处？回复“不是一回事”，马上另外登记。"


SERVICE = Service(code="emergency", name="", fulfil=_fulfil)
