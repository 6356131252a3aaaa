"""Joining 加入关注: a report of what neighbours reported already goes onto their ticket, and may be taken off again."""

import re
from typing import Any

from bot import filed
from bot.message import Reply
from bot.neighbours import hold_matters, ticket_of_neighbours
from bot.times import moment_words
from bot.turn import Turn
from models.area import Building
from models.database import Refused
from models.following import Follower, following, messages_on
from models.joining import join_in, leave
from models.masking import mask_words
from models.resident import bind_home
from models.ticket import Ticket, join
from models.transitions import DEFERRED

MOST_SHOWN = 30
"""Characters of the first report that a neighbour is shown, and only when they speak of nobody."""
_PERSONAL = re.compile(
    r"[我他她您你]|妈|爸|爹|娘|公公|婆|丈夫|媳妇|儿|女|孩|娃|爷|奶|老人|病|残|孕|婚|骂|欠|骗|偷|举报|投诉|楼上|楼下|对门|隔壁|邻居|家|户|\d{3,}|\*"
)
STAYS = "好的，有进展告诉您。想看进展回复“进度”，不想再收到回复“取消关注”。"
"""The answer to 1 好的."""


def file_or_join(turn: Turn) -> Reply:
    """Each matter of the draft becomes a ticket, or a place on the ticket of the neighbours who were first."""
    answers, place = turn.answers, turn.answers["place"]
    hold_matters(turn, (item["matter"] for item in answers["items"]))
    opened: list[Ticket] = []
    told: list[str] = []
    offered: list[int] = []
    for item in answers["items"]:
        if ticket := ticket_of_neighbours(turn, item["matter"], place):
            known = following(turn.session, ticket.number, turn.resident.id)
            told.append(_more_words(turn, ticket, item) if known else _joined(turn, ticket, item, place))
            offered += [] if known else [ticket.number]
        else:
            opened.append(filed.file_one(turn, item, place))
    _keep_messages(turn, answers.get("messages", []))
    if answers.get("asked_place") and place["building"] and not turn.resident.current_homes:
        bind_home(turn.session, turn.resident, place["building"], place["unit"], place["door"], turn.now)
    parts = [*([filed.told(turn, opened)] if opened else []), *told]
    if offered:
        parts.append(turn.begin(turn.office.services["joined"], {"tickets": offered}).text)
    return Reply("\n".join(parts))


def _keep_messages(turn: Turn, messages: list[int]) -> None:
    for message_id in set(messages) - {turn.message.id}:
        for number in turn.tickets:
            join(turn.session, message_id, number)


def _joined(turn: Turn, ticket: Ticket, item: dict[str, Any], place: dict[str, Any]) -> str:
    """On it at once: nothing is lost if they never answer."""
    before = ticket.followers + 1
    join_in(turn.session, ticket, turn.resident, filed.filing(turn, item, place), turn.office.promises, turn.now)
    turn.joined(ticket)
    since = moment_words(ticket.created_at, turn.now, turn.office.settings.deployment.zone)
    return (
        f"#{ticket.number} {ticket.matter.name}（{ticket.place or ticket.area.name}），{since} 起"
        f"已有{before}位邻居反映{_first_words(turn, ticket)}。\n"
        f"{state(turn, ticket)}\n已替您加入关注，有进展告诉您。"
    )


def joined_emergency(turn: Turn, item: dict[str, Any], place: dict[str, Any]) -> Ticket | None:
    """A second call about the same danger goes onto the first one's ticket."""
    hold_matters(turn, [item["matter"]])
    ticket = ticket_of_neighbours(turn, item["matter"], place)
    if not ticket:
        return None
    if following(turn.session, ticket.number, turn.resident.id):
        turn.move(ticket, "note", note=item["text"])
    else:
        join_in(turn.session, ticket, turn.resident, filed.filing(turn, item, place), turn.office.promises, turn.now)
    turn.joined(ticket)
    return ticket


def _more_words(turn: Turn, ticket: Ticket, item: dict[str, Any]) -> str:
    turn.move(ticket, "note", note=item["text"])
    turn.joined(ticket)
    return f"已记到您关注的 #{ticket.number}。{state(turn, ticket)}"


def _first_words(turn: Turn, ticket: Ticket) -> str:
    """A few words of the first report, so that the neighbour can tell; none that speak of anybody."""
    words = " ".join(ticket.text.split())
    masked = mask_words(words, turn.office.catalogue.staff_names)
    personal = masked != words or _PERSONAL.search(words) or ticket.matter.confidential
    return "" if personal or len(words) > MOST_SHOWN else f"：“{words}”"


def state(turn: Turn, ticket: Ticket) -> str:
    """Who has it and by when, honestly."""
    zone = turn.office.settings.deployment.zone
    if ticket.status == DEFERRED and ticket.deferred_until:
        return f"这件事暂时挂账，{moment_words(ticket.deferred_until, turn.now, zone)} 自动恢复办理。"
    who = f"{ticket.holder.surname}网格员正在处理" if ticket.holder else f"已通知{filed.who(turn, ticket)}"
    if ticket.due_at < turn.now:
        return f"{who}，已经超过承诺时间，对不起。"
    return f"{who}，{moment_words(ticket.due_at, turn.now, zone)} 前{filed.promised(ticket)}。"


def separate(turn: Turn, ticket: Ticket, follower: Follower, said: str = "") -> Ticket:
    """It is another thing: the resident leaves the ticket and gets their own, with the words, place and messages they
    came with. Raises Refused."""
    leave(turn.session, ticket, follower, turn.office.promises, turn.now, note="居民说不是同一件事")
    return file_own(turn, ticket, follower, said)


def file_own(turn: Turn, ticket: Ticket, follower: Follower, said: str = "") -> Ticket:
    """A follower's own ticket at their own place; it remembers which one it was split from."""
    if not (follower.text or said):
        raise Refused("请用一句话再说说是什么事。")
    words = f"{follower.text}（{said}）" if follower.text and said else follower.text or said
    item = filed.item(turn, ticket.matter_code, words, turn.office.catalogue.understanding.understand(words))
    own = filed.file_one(turn, item, place_of(turn, follower, ticket), {"split_from": ticket.number})
    for message_id in messages_on(turn.session, ticket.number, turn.resident.id):
        join(turn.session, message_id, own.number)
    return own


def place_of(turn: Turn, follower: Follower, ticket: Ticket) -> dict[str, Any]:
    """Where the follower is, never where the reporter lives."""
    building = turn.session.get(Building, follower.building_code) if follower.building_code else None
    return {
        "building": building.code if building else "",
        "grid": building.grid_code if building else ticket.area_code,
        "text": follower.place,
        "door": follower.door,
        "unit": "",
        "latitude": building.latitude if building else None,
        "longitude": building.longitude if building else None,
    }
