"""紧急: danger is filed at once, with advice first and the place asked in the same breath when it is not known."""

from typing import Any

from bot import danger, filed, whereabouts
from bot.answers import bare, number_said
from bot.joining import joined_emergency
from bot.message import Reply
from bot.phrases import EMERGENCY_LINE
from bot.placed import place_value
from bot.service import Service
from bot.turn import Turn
from models.area import top_area
from models.matter import Matter
from models.ticket import Ticket, ticket_for_update

_HEARD = ("report", "cancel", "smalltalk", "courtesy")
_UNWANTED = ("不用来了", "不用办了", "算了", "不报了")
_PLAIN = 6.0
"""Score from which another matter is named beyond doubt."""


def _hears(turn: Turn) -> str | None:
    """Somebody who wants to die goes on talking: 别管我 is neither a place nor a report of its own."""
    said = turn.understood
    if not turn.text or said.kind not in _HEARD or (said.kind == "courtesy" and not said.resolved):
        return None
    if turn.talk.service and not (turn.talk.service == "relocate" and turn.answers.get("urgent")):
        return None
    if any(char.isdigit() for char in turn.text) or number_said(turn.text) is not None:
        return None
    if (said.matters and said.matters[0].score >= _PLAIN) or _names_a_place(turn) or _commands(turn):
        return None
    ticket = danger.open_cry(turn)
    return str(ticket.number) if ticket and turn.talk.talking_ticket in (None, ticket.number) else None


def _names_a_place(turn: Turn) -> bool:
    return turn.office.catalogue.gazetteer.find(turn.text, whereabouts.home_codes(turn)).kind not in ("none", "unknown")


def _commands(turn: Turn) -> bool:
    """进度, 人工, 撤回 are heard as themselves, and 是的 when one place was offered; 不用来了 is a cry."""
    said = bare(turn.text)
    if turn.answers.get("place_names") and said in whereabouts.YES:
        return True
    return said not in _UNWANTED and any(said in service.words for service in turn.office.services.values())


def _begin(turn: Turn, rest: str) -> dict[str, Any]:
    """Words of somebody in despair: their ticket, and the question for the place as far as it came."""
    asked = turn.talk.answers if turn.talk.service == "relocate" else {}
    return {**asked, "heard": int(rest)} if rest else {}


def _fulfil(turn: Turn) -> Reply:
    if (number := turn.answers.get("heard")) and (ticket := ticket_for_update(turn.session, number)):
        return danger.stay(turn, ticket)
    matter = turn.session.get_one(Matter, turn.decision.matters[0])
    advice = danger.advice(matter, turn.text)
    despair = matter.code == danger.DESPAIR and danger.of_themselves(turn.text)
    if despair and not _names_a_place(turn) and (ticket := danger.open_cry(turn)):
        return Reply(f"{advice}\n{danger.stay(turn, ticket).text}")
    item = filed.item(turn, matter.code, turn.text)
    place, asking = whereabouts.stated(turn, turn.text)
    known = place is not None
    if not place and (street := top_area(turn.session)):
        place = place_value("", street.code, whereabouts.UNKNOWN)
    if not place:
        return Reply(EMERGENCY_LINE)
    if known and (ticket := joined_emergency(turn, _with_place(turn, item, place["text"]), place)):
        return Reply(_told_again(turn, ticket, advice, place["text"]))
    ticket = filed.file_one(turn, item, place, {danger.OWN_CRY: True} if despair else None)
    if despair:
        turn.talk.talking_ticket = ticket.number
    lines = [advice, _filed(turn, ticket, despair)]
    if known:
        lines.append(f"地点：{ticket.place}。不对请回复“换地址”。")
    else:
        turn.talk.open("relocate", {"ticket": ticket.number, "urgent": True, **asking}, turn.now)
        lines.append(danger.ask_where(turn) if despair else whereabouts.prompt(turn))
    return Reply("\n".join(lines))


def _with_place(turn: Turn, item: dict[str, Any], place: str) -> dict[str, Any]:
    """The neighbours' ticket stands under its own place: the group reads where this one is as well."""
    return item if _names_a_place(turn) else {**item, "text": f"{item['text']}（在{place}）"}


def _filed(turn: Turn, ticket: Ticket, despair: bool) -> str:
    """Whoever wants to die reads that somebody comes, not under which heading they are filed."""
    who = filed.who(turn, ticket)
    if despair:
        return f"已登记 #{ticket.number}，正在请{who}来陪您。"
    return f"已登记 #{ticket.number}：{ticket.matter.name}，正在通知{who}。"


def _told_again(turn: Turn, ticket: Ticket, advice: str, place: str) -> str:
    """Neighbours called before: the advice for what was said now all the same, and nobody is asked anything."""
    head = f"#{ticket.number} {ticket.matter.name}（{ticket.place}）已有{ticket.followers}位邻居报过"
    coming = f"{ticket.holder.surname}网格员已接单" if ticket.holder else f"正在通知{filed.who(turn, ticket)}"
    where = "" if place == ticket.place else f"，也说了您在{place}"
    return f"{advice}\n{head}，{coming}，已把您的话转过去{where}。\n不是同一处？回复“不是一回事”，马上另外登记。"


SERVICE = Service(code="emergency", name="", begin=_begin, hears=_hears, fulfil=_fulfil)
