"""The one table of a ticket's life. Everything reads it: Ticket.apply, group verbs, notices, the drawing, the tests."""

from collections.abc import Iterator
from dataclasses import dataclass

PENDING, ACCEPTED, NEED_INFO, HANDLED, CLOSED = "pending", "accepted", "need_info", "handled", "closed"

STATUS_NAMES = {
    PENDING: "待签收",
    ACCEPTED: "办理中",
    NEED_INFO: "待补充",
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
"""Still to be done by the office."""
UNFINISHED = (*OPEN, HANDLED)
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
    """Who is told by a row in the outbox: resident, group. Whoever acts is answered directly instead."""
    clocks: tuple[str, ...] = ()
    """What happens to the clocks, e.g. `stop response`, `start handling`."""
    verbs: tuple[str, ...] = ()
    """What grid workers type; empty when it is not done in a group."""


STAYS = "="

MOVES: tuple[Move, ...] = (
    Move("accept", "接单", UNSIGNED, ACCEPTED, (HANDLER,), ("resident",), ("stop response", "start handling"),
         ("接单", "签收", "我来", "我去", "我接", "接了", "收到")),
    Move("reply", "回复", UNFINISHED, STAYS, (HANDLER,), ("resident",), (), ("回复", "答复", "转告")),
    Move("need_info", "补充", (ACCEPTED,), NEED_INFO, (HANDLER,), ("resident",), ("pause handling", "pause overall"),
         ("补充", "问一下", "追问")),
    Move("supply", "居民补充", (NEED_INFO,), ACCEPTED, (RESIDENT,), ("group",), ("resume handling", "resume overall")),
    Move("note", "居民来话", UNFINISHED, STAYS, (RESIDENT,), ("group",)),
    Move("return", "退单", OPEN, PENDING, (HANDLER, OVERSEER), ("resident", "group"),
         ("stop handling", "resume overall", "restart response"), ("退单", "退回")),
    Move("transfer", "转派", OPEN, PENDING, (HANDLER, OVERSEER, RESIDENT), ("resident", "group"),
         ("stop handling", "resume overall", "restart response"), ("转派", "转给", "改派")),
    Move("reclassify", "改类", UNFINISHED, STAYS, (RESIDENT, HANDLER, OVERSEER), ("group",)),
    Move("relocate", "换地址", UNFINISHED, STAYS, (RESIDENT, HANDLER, OVERSEER), ("group",)),
    Move("handle", "办结", IN_HAND, HANDLED, (HANDLER,), ("resident",),
         ("stop response", "stop handling", "pause overall"), ("办结", "办完", "处理好了", "修好了", "完成")),
    Move("confirm", "居民确认", (HANDLED,), CLOSED, (RESIDENT,), ("group",), ("stop overall",)),
    Move("reopen", "重新办理", (HANDLED, CLOSED), ACCEPTED, (RESIDENT,), ("group",), ("resume overall", "start handling")),
    Move("rate", "评价", (CLOSED,), STAYS, (RESIDENT,)),
    Move("withdraw", "撤回", UNFINISHED, CLOSED, (RESIDENT,), ("group",),
         ("stop response", "stop handling", "stop overall")),
    Move("close", "结案", UNFINISHED, CLOSED, (SYSTEM, OVERSEER), ("resident",),
         ("stop response", "stop handling", "stop overall")),
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
