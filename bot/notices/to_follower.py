"""What neighbours read who follow a ticket: the same steps, without the talk between the reporter and the worker."""

from collections.abc import Callable

from bot.notices.notice import Notice
from models.transitions import OUTCOME_NAMES


def _head(n: Notice) -> str:
    return f"您关注的 {n.head}"


def _closed(n: Notice) -> str:
    outcome = OUTCOME_NAMES.get(n.ticket.outcome or "", "已办结")
    return f"{_head(n)} 已办结（{outcome}）。您家还没解决？回复“没解决”，给您单独登记。"


TO_FOLLOWER: dict[str, Callable[[Notice], str]] = {
    "accept": lambda n: f"{_head(n)}：{n.worker}已接单，{n.done_by}。",
    "transfer": lambda n: f"{_head(n)}：已转给{n.ticket.area.name}办理。",
    "ruling": lambda n: f"{_head(n)}：上级已明确由谁办理，正在安排。",
    "extend": lambda n: f"{_head(n)}：需要延期，新的时间是 {n.time(n.ticket.due_at)} 前。原因：{n.note}",
    "defer": lambda n: f"{_head(n)}：暂时办不了，{n.deferred_until}再看。原因：{n.note}",
    "resume": lambda n: f"{_head(n)}：重新办理了，{n.done_by}。",
    "handle": lambda n: f"{_head(n)}：{n.worker}说已处理（{n.note}）。您家还没解决？回复“没解决”，给您单独登记。",
    "confirm": _closed,
    "visit": _closed,
    "close": _closed,
    "withdraw": _closed,
    "merge": lambda n: f"{_head(n)}：和 #{n.ticket.merged_into} 是同一件事，已合并到那一件，进展照样告诉您。",
    "unmerge": lambda n: f"{_head(n)}：和别的事分开了，重新单独办理。",
    "unfollow": lambda n: (
        f"{_head(n)}：原来的反映人撤回了。您那里还在等，所以这件事照常办，以后由您确认办得怎么样。"
        f"已经不需要了请回复“撤回 {n.ticket.number}”。"
    ),
    "reopen": lambda n: f"{_head(n)}：有人反映没解决，已重新办理。",
}
