"""What is read of clocks: a promise that is about to break, one that broke, a level that is woken, a question unanswered."""

from collections.abc import Callable, Sequence

from bot.group_push import markdown_escape
from bot.group_words import place_for_group
from bot.notices.card import covers, mention
from bot.notices.notice import Notice
from models.area import Area, Department
from models.person import Posting
from models.roster import covering
from models.whistle import Whistle

LEVEL_NAMES = {"community": "社区", "street": "街道", "district": "区县", "grid": "网格", "micro_grid": "微网格"}
CLOCK_NAMES = {"handling": "办理", "overall": "办结"}


def _warn(n: Notice) -> str:
    """Eighty per cent of the time are gone: by name, with the one thing to do."""
    clock = n.row.facts.get("clock", "")
    if clock == "report_in":
        return _report_in(n)
    if clock == "response" or not n.ticket.holder:
        until = n.time(n.ticket.response_due_at if clock == "response" else n.ticket.due_at)
        what = f"> 还没人签收，{until} 超时。请发：接单 {n.ticket.number}"
        return "\n".join([f"**{n.head}**", what, _called(n, covers(n))]).strip()
    left = f"> 离{CLOCK_NAMES.get(clock, '')}时限不远，承诺 {n.time(n.ticket.due_at)} 前办好。办不完请发：延期 {n.ticket.number} 日期 理由"
    return "\n".join([f"**{n.head}**", left, mention(n, n.ticket.holder)]).strip()


def _report_in(n: Notice) -> str:
    whistle = n.session.get(Whistle, n.row.facts.get("whistle") or 0)
    department = n.session.get(Department, whistle.department_code) if whistle else None
    called = covering(n.session, n.now, n.zone, department_code=department.code) if department else []
    what = f"> 吹哨等{department.name if department else '部门'}报到，时限不远。请发：报到 {n.ticket.number}"
    return "\n".join([f"**{n.head}**", what, _called(n, called)]).strip()


def _escalate(n: Notice) -> str:
    """The card of a level that is woken: what is late, where, and what to do (contract §8)."""
    area = n.session.get(Area, n.row.facts["area"])
    level = LEVEL_NAMES.get(area.level, "上级") if area else "上级"
    urgent = "【紧急】" if n.ticket.matter.emergency else ""
    # A confidential matter of a department may be about the very people above the grid.
    secret = n.ticket.matter.confidential and n.ticket.department_code
    lines = [
        f"**{urgent}【上报{level}】{n.head}**",
        f"> {n.words(n.event.note)}。{_where(n)}",
        f"> 居民说：{'内容保密' if secret else n.words(n.ticket.text)}",
        f"> 承诺：{n.promise}；现在：{_has_it(n)}",
        f"可发：接单 {n.ticket.number}；转派 {n.ticket.number} 姓名；督办 {n.ticket.number} 意见",
    ]
    called = _called(n, covering(n.session, n.now, n.zone, area_code=area.code) if area else [])
    return "\n".join([*lines, called]).strip()


def _where(n: Notice) -> str:
    """The grid and the place; once when the place is not known yet."""
    area, place = markdown_escape(n.ticket.area.name), place_for_group(n.ticket, n.staff_names)
    return area if place == area else f"{area} {place}"


def _has_it(n: Notice) -> str:
    """Who has it, or who should have taken it: a department by name."""
    department = n.session.get(Department, n.ticket.department_code or "")
    if n.ticket.holder:
        return f"{department.name}{n.ticket.holder.surname}同志" if department else n.holder
    return f"归{department.name}办，还没人接" if department else "没人接"


def _raised(n: Notice) -> str:
    area = n.session.get(Area, n.row.facts["area"])
    return f"**{n.head}**\n> {n.words(n.event.note)}，已上报{markdown_escape(area.name) if area else '上级'}。首接负责，请继续跟进。"


def _called(n: Notice, duty: Sequence[Posting]) -> str:
    return "".join(mention(n, posting.person) for posting in duty[:5])


def still_waiting(n: Notice) -> str:
    """The one reminder of a question (domain §5)."""
    return f"{n.head}：还等您回话，您补充了才能接着办。直接回复就行；不用办了请回复“撤回”。"


OF_CLOCKS: dict[str, Callable[[Notice], str]] = {"warn": _warn, "escalate": _escalate, "raised": _raised}
