"""What groups read about a ticket they know already: one line of news, and how to answer it."""

from collections.abc import Callable

from bot.notices.card import card, mention
from bot.notices.notice import Notice
from bot.notices.of_approval import OF_APPROVAL
from bot.notices.of_clocks import OF_CLOCKS
from bot.notices.of_whistles import OF_WHISTLES
from bot.notices.to_resident import TO_RESIDENT
from models.transitions import OUTCOME_NAMES


def _said(label: str) -> Callable[[Notice], str]:
    return lambda n: f"**{n.head}**\n> {label}：{n.words(n.event.note)}\n引用本条直接回话，居民就能收到。"


def _reopened(n: Notice) -> str:
    return f"**{n.head}**\n> 居民说没解决：{n.words(n.event.note)}\n已重新办理，{n.time(n.ticket.due_at)} 前办好。办好请发：办结 {n.ticket.number} 结果"


def _confirmed(n: Notice) -> str:
    return f"**{n.head}**\n> 居民确认：{OUTCOME_NAMES.get(n.ticket.outcome or '', '已办结')}。辛苦了。"


def _call(n: Notice) -> str:
    """The resident cannot be written to: somebody has to call or visit (issue point 8)."""
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
    "resume": lambda n: f"**{n.head}**\n> 恢复办理：{n.words(n.event.note)}，{n.time(n.ticket.due_at)} 前办好。",
    "hand_over": lambda n: f"**{n.head}**\n> 交班：改由{n.holder}接着办。{mention(n, n.ticket.holder)}",
    "taken": lambda n: f"**{n.head}**\n> 接单后没有回音，已由上级收回另派。请继续跟进。",
    "remind": lambda n: (
        f"**{n.head}**\n> 居民催办：{n.words(n.event.note)}\n引用本条直接回话，居民就能收到。{mention(n, n.ticket.holder)}"
    ),
    **OF_CLOCKS,
    **OF_APPROVAL,
    **OF_WHISTLES,
}
