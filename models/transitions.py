"""The one table of a ticket's life. Everything reads it: Ticket.apply, group verbs, notices, the drawing, the tests."""

from collections.abc import Iterator
from dataclasses import dataclass

PENDING, ACCEPTED, NEED_INFO, DEFERRED = "pending", "accepted", "need_info", "deferred"
HANDLED, CLOSED = "handled", "closed"

STATUS_NAMES = {
    PENDING: "待签收",
    ACCEPTED: "办理中",
    NEED_INFO: "待补充",
    DEFERRED: "挂账",
    HANDLED: "已处置",
    CLOSED: "已办结",
}
OUTCOME_NAMES = {
    "solved": "已解决",
    "partly": "部分解决",
    "explained": "已解释",
    "unconfirmed": "已处置未确认",
    "void": "无效",
    "duplicate": "重复",
    "withdrawn": "撤回",
}

UNSIGNED = (PENDING,)
IN_HAND = (ACCEPTED, NEED_INFO)
OPEN = (PENDING, ACCEPTED, NEED_INFO)
"""Still to be done by the office, now."""
TO_DO = (*OPEN, DEFERRED)
"""Still to be done by the office, now or later."""
UNFINISHED = (*TO_DO, HANDLED)
"""Not closed: somebody still owes an answer."""
EVERY = (*UNFINISHED, CLOSED)

RESIDENT, HANDLER, OVERSEER, SYSTEM = "resident", "handler", "overseer", "system"
"""Who may make a move: the reporter; 网格力量 of the grid or a liaison; staff above; the clock."""

ROLE_NAMES = {RESIDENT: "居民", HANDLER: "网格力量", OVERSEER: "上级工作人员", SYSTEM: "系统"}


@dataclass(frozen=True)
class Move:
    """流转: one thing that may happen to a ticket."""

    action: str
    name: str
    frm: tuple[str, ...]
    to: str
    """The new status, or STAYS."""
    by: tuple[str, ...]
    tell: tuple[str, ...] = ()
    """Who is told by a row in the outbox: resident, followers, group, above. Whoever acts is answered directly."""
    clocks: tuple[str, ...] = ()
    """What happens to the clocks, e.g. `stop response`, `start handling`, `stop all`."""
    verbs: tuple[str, ...] = ()
    """What grid workers type; empty when it is not done in a group."""


STAYS = "="
_ANEW = ("stop handling", "stop supply", "stop review", "resume overall", "restart response")
"""Somebody else has to sign: the promise to the resident goes on."""

MOVES: tuple[Move, ...] = (
    Move("accept", "接单", UNSIGNED, ACCEPTED, (HANDLER,), ("resident", "followers"),
         ("stop response", "start handling"), ("接单", "签收", "我来", "我去", "我接", "接了", "收到")),
    Move("reply", "回复", UNFINISHED, STAYS, (HANDLER,), ("resident",), (), ("回复", "答复", "转告")),
    Move("need_info", "补充", (ACCEPTED,), NEED_INFO, (HANDLER,), ("resident",),
         ("pause handling", "pause overall", "start supply"), ("补充", "问一下", "追问")),
    Move("supply", "居民补充", (NEED_INFO,), ACCEPTED, (RESIDENT,), ("group",),
         ("stop supply", "resume handling", "resume overall")),
    Move("note", "居民来话", UNFINISHED, STAYS, (RESIDENT,), ("group",)),
    Move("follow", "加入关注", UNFINISHED, STAYS, (RESIDENT, HANDLER, OVERSEER)),
    Move("unfollow", "取消关注", EVERY, STAYS, (RESIDENT, HANDLER, OVERSEER, SYSTEM)),
    Move("remind", "催办", TO_DO, STAYS, (RESIDENT,), ("group",)),
    Move("return", "退单", OPEN, PENDING, (HANDLER, OVERSEER), ("resident", "group"), _ANEW, ("退单", "退回")),
    Move("transfer", "转派", TO_DO, PENDING, (HANDLER, OVERSEER, RESIDENT), ("resident", "followers", "group"), _ANEW,
         ("转派", "转给", "改派")),
    Move("ruling", "裁定", TO_DO, PENDING, (OVERSEER,), ("resident", "followers", "group"), _ANEW, ("裁定",)),
    Move("take_back", "收回", (ACCEPTED, NEED_INFO), PENDING, (SYSTEM, OVERSEER), ("resident", "group"), _ANEW, ("收回",)),
    Move("hand_over", "交班", (ACCEPTED, NEED_INFO, DEFERRED, HANDLED), STAYS, (HANDLER, OVERSEER, SYSTEM),
         ("resident", "group")),
    Move("reclassify", "改类", UNFINISHED, STAYS, (RESIDENT, HANDLER, OVERSEER), ("group",), (), ("改类",)),
    Move("relocate", "换地址", UNFINISHED, STAYS, (RESIDENT, HANDLER, OVERSEER), ("group",)),
    Move("whistle", "吹哨", TO_DO, STAYS, (HANDLER, OVERSEER), (), (), ("吹哨",)),
    Move("report_in", "报到", TO_DO, STAYS, (HANDLER,), ("group",), (), ("报到",)),
    Move("result", "部门反馈", TO_DO, STAYS, (HANDLER,), ("group",), (), ("反馈",)),
    Move("score", "评分", EVERY, STAYS, (HANDLER, OVERSEER), (), (), ("评分", "打分")),
    Move("request", "申请", TO_DO, STAYS, (HANDLER,), ("above",)),
    Move("approve", "同意", TO_DO, STAYS, (OVERSEER,), (), (), ("同意", "批准")),
    Move("refuse", "不同意", TO_DO, STAYS, (OVERSEER,), ("group",), (), ("不同意", "不批")),
    Move("extend", "延期", TO_DO, STAYS, (HANDLER, OVERSEER), ("resident", "followers", "above"), ("extend overall", "extend handling"),
         ("延期",)),
    Move("defer", "挂账", OPEN, DEFERRED, (HANDLER, OVERSEER), ("resident", "followers", "above"),
         ("stop response", "stop supply", "pause handling", "pause overall", "start review"), ("挂账",)),
    Move("resume", "恢复办理", (DEFERRED,), ACCEPTED, (SYSTEM, HANDLER, OVERSEER), ("resident", "followers", "group"),
         ("stop review", "resume handling", "resume overall"), ("恢复", "恢复办理")),
    Move("supervise", "督办", UNFINISHED, STAYS, (OVERSEER,), ("group",), (), ("督办",)),
    Move("account", "督办回复", UNFINISHED, STAYS, (HANDLER,), ("above",), (), ("督办回复", "回复督办")),
    Move("evidence", "现场照片", UNFINISHED, STAYS, (HANDLER,)),
    Move("warn", "临期提醒", UNFINISHED, STAYS, (SYSTEM,)),
    Move("escalate", "逐级上报", UNFINISHED, STAYS, (SYSTEM,)),
    Move("reschedule", "日历变动", UNFINISHED, STAYS, (SYSTEM,)),
    Move("handle", "办结", (*IN_HAND, DEFERRED), HANDLED, (HANDLER,), ("resident", "followers"),
         ("stop response", "stop handling", "stop supply", "stop review", "pause overall", "start silence"),
         ("办结", "办完", "处理好了", "修好了", "完成")),
    Move("confirm", "居民确认", (HANDLED,), CLOSED, (RESIDENT,), ("followers", "group"), ("stop all",)),
    Move("visit", "回访", (HANDLED,), CLOSED, (HANDLER, OVERSEER), ("followers",), ("stop all",), ("回访",)),
    Move("reopen", "重新办理", (HANDLED, CLOSED), ACCEPTED, (RESIDENT, HANDLER, OVERSEER),
         ("resident", "followers", "group"), ("stop silence", "resume overall", "start handling"), ("重开", "重新办理")),
    Move("rate", "评价", (CLOSED,), STAYS, (RESIDENT,)),
    Move("withdraw", "撤回", UNFINISHED, CLOSED, (RESIDENT,), ("followers", "group"), ("stop all",)),
    Move("close", "结案", UNFINISHED, CLOSED, (SYSTEM, OVERSEER), ("resident", "followers"), ("stop all",)),
    Move("merge", "合并", TO_DO, CLOSED, (HANDLER, OVERSEER), ("resident", "followers"), ("stop all",), ("合并",)),
    Move("unmerge", "撤销合并", (CLOSED,), PENDING, (HANDLER, OVERSEER), ("resident", "followers", "group"),
         ("resume overall", "restart response"), ("撤销合并", "拆分")),
)  # fmt: skip

_BY_ACTION = {move.action: move for move in MOVES}


def move_of(action: str) -> Move:
    return _BY_ACTION[action]


def allowed(status: str, role: str) -> Iterator[Move]:
    """What this role may do with a ticket in this status."""
    return (move for move in MOVES if status in move.frm and role in move.by)


def drawing() -> str:
    """The life of a ticket as a Mermaid state diagram, for the README."""
    lines = ["stateDiagram-v2", f"    [*] --> {PENDING}: 受理"]
    edges: dict[tuple[str, str], list[str]] = {}
    for move in MOVES:
        for status in move.frm:
            if move.to not in (STAYS, status):
                edges.setdefault((status, move.to), []).append(move.name)
    lines += [f"    {frm} --> {to}: {'、'.join(names)}" for (frm, to), names in edges.items()]
    lines += [f"    {status}: {name}" for status, name in STATUS_NAMES.items()]
    return "\n".join([*lines, f"    {CLOSED} --> [*]"])
