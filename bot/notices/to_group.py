"""What groups read about a ticket they know already: one line of news, and how to answer it."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select

from bot.group_words import place_for_group, words_for_group
from bot.notices.card import card, mention
from bot.notices.notice import Notice
from bot.notices.of_approval import OF_APPROVAL
from bot.notices.of_clocks import OF_CLOCKS
from bot.notices.of_whistles import OF_WHISTLES
from bot.notices.to_resident import TO_RESIDENT
from models.ticket import TicketEvent
from models.transitions import OUTCOME_NAMES

MOST_VOICES, SHORT = 5, 100
"""How many neighbours' words one line of news holds, and how many characters of each."""


def _said(label: str) -> Callable[[Notice], str]:
    return lambda n: f"**{n.head}**\n> {label}：{n.words(n.event.note)}\n引用本条直接回话，居民就能收到。"


def _growing(n: Notice) -> str:
    """The one card of a flood: how many there are by now, and the newest words (issue: one card with a growing count)."""
    urgent, reports = n.ticket.matter.emergency, n.row.facts.get("reports", n.ticket.followers + 1)
    said = f"又有居民报警，一共{reports}位" if urgent else f"已有{reports}位居民反映"
    newest = f"。最新：{n.words(n.event.note)}" if n.event.actor_kind == "resident" else ""
    return f"**{'【紧急】' if urgent else ''}{n.head}**\n> {said}（{place_for_group(n.ticket, n.staff_names)}一带）{newest}"


def _voices(n: Notice) -> str:
    """What neighbours said in one span of time, the first few of them."""
    until = n.row.facts.get("until")
    query = select(TicketEvent).where(
        TicketEvent.ticket_number == n.ticket.number,
        TicketEvent.seq >= n.event.seq,
        TicketEvent.action == "note",
        TicketEvent.at < (datetime.fromisoformat(until) if until else n.event.at),
        TicketEvent.actor != f"resident-{n.ticket.resident_id}",
    )
    said = list(n.session.scalars(query.order_by(TicketEvent.seq).limit(MOST_VOICES + 1))) or [n.event]
    lines = [f"> 邻居来话：{words_for_group(event.note, n.staff_names, SHORT)}" for event in said[:MOST_VOICES]]
    more = [f"> 还有更多，请发：详情 {n.ticket.number}"] if len(said) > MOST_VOICES else []
    return "\n".join([f"**{n.head}**", *lines, *more])


def _reopened(n: Notice) -> str:
    who = "居民说没解决" if n.event.actor_kind == "resident" else f"{n.worker}重开"
    return f"**{n.head}**\n> {who}：{n.words(n.event.note)}\n已重新办理，{n.done_by}。办好请发：办结 {n.ticket.number} 结果"


def _confirmed(n: Notice) -> str:
    return f"**{n.head}**\n> 居民确认：{OUTCOME_NAMES.get(n.ticket.outcome or '', '已办结')}。辛苦了。"


def _reminded(n: Notice) -> str:
    """A quoted answer goes to whoever reported it, not to the neighbours who ask."""
    reporter = n.event.actor == f"resident-{n.ticket.resident_id}"
    how = "引用本条直接回话，居民就能收到。" if reporter else "催的是邻居；引用本条回话，反映人收到。"
    return f"**{n.head}**\n> 居民催办：{n.words(n.event.note)}\n{how}{mention(n, n.ticket.holder)}"


def _call(n: Notice) -> str:
    """The resident cannot be written to: somebody has to call or visit."""
    first = TO_RESIDENT[n.row.facts["kind"]](n).split("\n", 1)[0].removeprefix(n.head).strip("： ")
    said = "；".join(part for part in (first, n.event.note if n.event.note not in first else "") if part)
    return f"**{n.head}**\n> 居民微信收不到，请电话或上门告知：{n.words(said)}\n门牌请私聊我发：详情 {n.ticket.number}"


TO_GROUP: dict[str, Callable[[Notice], str]] = {
    "card": card,
    "follow": card,
    "vacant": card,
    "note": _said("居民来话"),
    "supply": _said("居民补充"),
    "reclassify": lambda n: f"**{n.head}**\n> 类别改正：{n.words(n.event.note)}",
    "relocate": lambda n: f"**{n.head}**\n> 地点改正：{n.words(n.event.note)}",
    "withdraw": lambda n: f"**{n.head}**\n> 居民已撤回，不用办了。",
    "confirm": _confirmed,
    "reopen": _reopened,
    "call": _call,
    "growing": _growing,
    "photo": lambda n: f"**{n.head}**\n> 居民发来照片",
    "voices": _voices,
    "split": lambda n: f"**{n.head}**\n> 有邻居说自己家没解决，已另外登记 #{n.row.facts.get('own', n.ticket.number)}。",
    "passed_on": lambda n: (
        f"**{n.head}**\n> 反映人撤回了，还有{n.ticket.followers + 1}位邻居在等，改由邻居接着反映，请照常办。"
    ),
    "resume": lambda n: f"**{n.head}**\n> 恢复办理：{n.words(n.event.note)}，{n.done_by}。",
    "hand_over": lambda n: f"**{n.head}**\n> 交班：改由{n.holder}接着办。{mention(n, n.ticket.holder)}",
    "taken": lambda n: f"**{n.head}**\n> 接单后没有回音，已由上级收回另派。请继续跟进。",
    "remind": _reminded,
    **OF_CLOCKS,
    **OF_APPROVAL,
    **OF_WHISTLES,
}
