"""What groups read of requests and opinions: 延期, 挂账, 督办 and their answers."""

from collections.abc import Callable

from bot.notices.card import mention
from bot.notices.notice import Notice

KIND_NAMES = {"extend": "延期", "defer": "挂账"}


def _request(n: Notice) -> str:
    asked = n.ticket.request or {}
    name = KIND_NAMES.get(asked.get("kind", ""), "申请")
    return f"**{n.head}**\n> {n.worker}申请{name}：{n.words(n.event.note)}\n请发：同意 {n.ticket.number}，或 不同意 {n.ticket.number} 理由"


def _supervise(n: Notice) -> str:
    return f"**【督办】{n.head}**\n> {n.worker}：{n.words(n.event.note)}\n请回话：督办回复 {n.ticket.number} 内容{mention(n, n.ticket.holder)}"


OF_APPROVAL: dict[str, Callable[[Notice], str]] = {
    "request": _request,
    "refuse": lambda n: (
        f"**{n.head}**\n> 没有同意：{n.words(n.event.note)}。请按原时间办。{mention(n, n.ticket.holder)}"
    ),
    "extend": lambda n: f"**{n.head}**\n> 已延期到 {n.time(n.ticket.due_at)}：{n.words(n.event.note)}",
    "defer": lambda n: f"**{n.head}**\n> 已挂账到{n.deferred_until}：{n.words(n.event.note)}",
    "supervise": _supervise,
    "visit": lambda n: f"**{n.head}**\n> 这类事请上门或电话回访一次，再发：回访 {n.ticket.number} 已解决（或 没解决）",
    "account": lambda n: f"**{n.head}**\n> 督办回复，{n.worker}：{n.words(n.event.note)}",
}
