"""What groups read of whistles: the call to a department, its report-in, its result, its score."""

from collections.abc import Callable

from bot.group_words import place_for_group
from bot.notices.notice import Notice


def _whistle(n: Notice) -> str:
    """The department's card."""
    lines = [
        f"**【吹哨】{n.head}**",
        f"> 地点：{place_for_group(n.ticket, n.staff_names)}",
        f"> {n.worker}说：{n.words(n.event.note)}",
        f"> 居民说：{n.words(n.ticket.text)}",
        f"请发：报到 {n.ticket.number}；办完发：反馈 {n.ticket.number} 结果",
    ]
    return "\n".join(lines)


OF_WHISTLES: dict[str, Callable[[Notice], str]] = {
    "whistle": _whistle,
    "report_in": lambda n: f"**{n.head}**\n> {n.worker}已报到。{n.words(n.event.note)}",
    "result": lambda n: (
        f"**{n.head}**\n> {n.worker}反馈：{n.words(n.event.note)}\n请打分（1 到 5）：评分 {n.ticket.number} 5"
    ),
    "score": lambda n: f"**{n.head}**\n> 网格评分：{n.words(n.event.note)}",
}
