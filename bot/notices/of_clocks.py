"""What groups read of clocks: a promise that is about to break, one that broke, a level that is woken."""

from collections.abc import Callable

from bot.group_push import markdown_escape
from bot.group_words import place_for_group
from bot.notices.card import mention
from bot.notices.notice import Notice
from models.area import Area
from models.person import Posting, on_duty

LEVEL_NAMES = {"community": "社区", "street": "街道", "district": "区县", "grid": "网格", "micro_grid": "微网格"}
CLOCK_NAMES = {"response": "签收", "handling": "办理", "overall": "办结", "report_in": "部门报到"}


def _warn(n: Notice) -> str:
    """Eighty per cent of the time are gone: by name, with the one thing to do."""
    clock = n.row.facts.get("clock", "")
    if clock == "response":
        what = f"还没人签收，{n.time(n.ticket.response_due_at)} 超时。请发：接单 {n.ticket.number}"
        return f"**{n.head}**\n> {what}\n{_called(n, on_duty(n.session, n.today, area_code=n.ticket.turn_code))}"
    left = f"> 离{CLOCK_NAMES.get(clock, '时限')}时限不远，承诺 {n.time(n.ticket.due_at)} 前办好。办不完请发：延期 {n.ticket.number} 日期 理由"
    return f"**{n.head}**\n{left}\n{mention(n, n.ticket.holder)}".strip()


def _escalate(n: Notice) -> str:
    """The card of a level that is woken: what is late, where, and what to do (contract §8)."""
    area = n.session.get(Area, n.row.facts["area"])
    level = LEVEL_NAMES.get(area.level, "上级") if area else "上级"
    urgent = "【紧急】" if n.ticket.matter.emergency else ""
    lines = [
        f"**{urgent}【上报{level}】{n.head}**",
        f"> {n.event.note}。{markdown_escape(n.ticket.area.name)} {place_for_group(n.ticket, n.staff_names)}",
        f"> 居民说：{n.words(n.ticket.text)}",
        f"> 承诺：{n.time(n.ticket.due_at)} 前办好；现在：{n.holder if n.ticket.holder else '没人接'}",
        f"可发：接单 {n.ticket.number}；转派 {n.ticket.number} 姓名；督办 {n.ticket.number} 意见",
    ]
    called = _called(n, on_duty(n.session, n.today, area_code=area.code) if area else [])
    return "\n".join([*lines, called]).strip()


def _raised(n: Notice) -> str:
    area = n.session.get(Area, n.row.facts["area"])
    return f"**{n.head}**\n> {n.event.note}，已上报{markdown_escape(area.name) if area else '上级'}。首接负责，请继续跟进。"


def _called(n: Notice, duty: list[Posting]) -> str:
    return "".join(mention(n, posting.person) for posting in duty[:5])


OF_CLOCKS: dict[str, Callable[[Notice], str]] = {"warn": _warn, "escalate": _escalate, "raised": _raised}
