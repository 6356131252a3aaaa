"""What residents read: who says what, and what to do next."""

from collections.abc import Callable

from bot.notices.notice import Notice
from bot.notices.of_clocks import still_waiting
from models.area import Area
from models.transitions import OUTCOME_NAMES


def _accepted(n: Notice) -> str:
    remark = f"\n{n.note}" if n.note else ""
    return f"{n.head}：{n.worker}已接单，{n.done_by}。{remark}\n有话直接回复，我会转给他。"


def _handled(n: Notice) -> str:
    return f"{n.head}\n{n.worker}：{n.note}\n请问解决了吗？回复数字：\n1 已解决\n2 部分解决\n3 没解决"


def _closed(n: Notice) -> str:
    outcome = OUTCOME_NAMES.get(n.ticket.outcome or "", "已办结")
    return f"{n.head} 已办结（{outcome}）。{n.event.note}\n还没解决？{n.reopen_hours:g}小时内回复“没解决”，重新办理。"


def _late(n: Notice) -> str:
    """A promise slipped: said honestly, once."""
    area = n.session.get(Area, n.row.facts.get("area", ""))
    level = area.name if area else "上级"
    if n.ticket.matter.emergency:
        what = "还没有人接单" if not n.ticket.holder else "还没有办好"
        return f"{n.head}：对不起，{what}，已上报{level}，请他们马上盯着办。有危险请直接拨打110、119或120。"
    if n.row.facts.get("cause") == "response":
        return f"{n.head}：对不起，还没有人接单，已上报{level}，请他们盯着办。"
    return f"{n.head}：对不起，没能按说好的时间办好，已上报{level}督促。"


TO_RESIDENT: dict[str, Callable[[Notice], str]] = {
    "accept": _accepted,
    "reply": lambda n: f"#{n.ticket.number} {n.worker}：{n.note}\n直接回复，我会转给他。",
    "need_info": lambda n: f"#{n.ticket.number} {n.worker}想问您：{n.note}\n直接回复就行，收到后接着办。",
    "return": lambda n: f"{n.head}：正在重新安排人办理，我们会跟到底，有进展马上告诉您。",
    "transfer": lambda n: f"{n.head}：已转给{n.ticket.area.name}办理，我们会跟到底。",
    "ruling": lambda n: f"{n.head}：上级已明确由谁办理，正在安排，我们会跟到底。",
    "take_back": lambda n: f"{n.head}：换人接着办，正在安排，我们会跟到底。",
    "hand_over": lambda n: f"{n.head}：改由{n.holder}接着办，之前的情况都转过去了。",
    "extend": lambda n: f"{n.head}：需要延期，新的时间是 {n.time(n.ticket.due_at)} 前。\n原因：{n.note}",
    "defer": lambda n: f"{n.head}：暂时办不了，{n.deferred_until}再看，到时自动恢复办理。\n原因：{n.note}",
    "resume": lambda n: f"{n.head}：重新办理了，{n.done_by}。",
    "merge": lambda n: f"{n.head}：和 #{n.ticket.merged_into} 是同一件事，已合并到那一件，进展照样告诉您。",
    "unmerge": lambda n: f"{n.head}：重新单独办理。",
    "warn": still_waiting,
    "reopen": lambda n: f"{n.head}：还没办好，已重新办理，{n.done_by}。",
    "escalate": _late,
    "handle": _handled,
    "close": _closed,
}
