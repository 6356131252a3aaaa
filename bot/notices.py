"""Notices: (what happened, who reads it) → the words. The outbox row holds the facts, the words are made here.

Residents read who says what and what to do next. Groups read a card whose first line has `#NUMBER` and the matter;
nothing a resident wrote can mention anybody, and no phone, door, full name or openid gets through (contract §8).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.group_push import markdown_escape
from bot.group_words import place_for_group, words_for_group
from bot.times import moment_words
from models.area import Area, Department
from models.outbox import OutboxMessage
from models.person import Person, Posting, on_duty, postings_of
from models.ticket import Ticket, TicketEvent, event_of
from models.transitions import OUTCOME_NAMES

MOST_NOTE = 400
"""Characters of a worker's words in a notice."""


@dataclass
class Notice:
    """通知: one outbox row with the ticket and the move it tells of."""

    session: Session
    row: OutboxMessage
    ticket: Ticket
    event: TicketEvent
    now: datetime
    zone: ZoneInfo
    bot_name: str
    staff_names: tuple[str, ...]
    reopen_hours: float

    @property
    def head(self) -> str:
        return f"#{self.ticket.number} {self.ticket.matter.name}"

    @property
    def worker(self) -> str:
        """陈网格员, from the posting that made the move."""
        postings = postings_of(self.session, self.event.actor, self.event.at.astimezone(self.zone).date())
        own = [p for p in postings if p.area_code == self.event.area_code] or postings
        return own[0].title if own else "办理人员"

    @property
    def note(self) -> str:
        """The worker's words, short enough that the question behind them is never cut off."""
        return self.event.note if len(self.event.note) <= MOST_NOTE else self.event.note[: MOST_NOTE - 1] + "…"

    def time(self, moment: datetime) -> str:
        return moment_words(moment, self.now, self.zone)

    def words(self, text: str) -> str:
        """A resident's words, masked, short and harmless, as a card shows them."""
        return words_for_group(text, self.staff_names)


def notice_of(session: Session, row: OutboxMessage, **facts) -> Notice:  # type: ignore[no-untyped-def]
    """Gather what a row speaks of. Raises LookupError when ticket or event are gone: a poisoned row."""
    ticket = session.get(Ticket, row.ticket_number) if row.ticket_number else None
    event = event_of(session, row.ticket_number or 0, row.event_seq or 0)
    if not ticket or not event:
        raise LookupError("ticket or event of this row does not exist")
    return Notice(session, row, ticket, event, **facts)


OVERTAKEN = {"handle": "handled", "need_info": "need_info"}
"""A question makes sense only while the ticket still waits for its answer."""


def overtaken(notice: Notice) -> bool:
    """Held or delayed until the resident had answered already: asking again would only confuse."""
    waits = OVERTAKEN.get(notice.row.kind) if notice.row.channel == "official_account" else None
    return waits is not None and notice.ticket.status != waits


def words_of(notice: Notice) -> str:
    """The text of one row. Raises KeyError for a kind nobody wrote words for: a poisoned row."""
    table = TO_RESIDENT if notice.row.channel == "official_account" else TO_GROUP
    return table[notice.row.kind](notice)


def _accepted(n: Notice) -> str:
    remark = f"\n{n.note}" if n.note else ""
    return f"{n.head}：{n.worker}已接单，{n.time(n.ticket.due_at)} 前办好。{remark}\n有话直接回复，我会转给他。"


def _handled(n: Notice) -> str:
    return f"{n.head}\n{n.worker}：{n.note}\n请问解决了吗？回复数字：\n1 已解决\n2 部分解决\n3 没解决"


def _closed(n: Notice) -> str:
    outcome = OUTCOME_NAMES.get(n.ticket.outcome or "", "已办结")
    return f"{n.head} 已办结（{outcome}）。{n.event.note}\n还没解决？{n.reopen_hours:g}小时内回复“没解决”，重新办理。"


TO_RESIDENT: dict[str, Callable[[Notice], str]] = {
    "accept": _accepted,
    "reply": lambda n: f"#{n.ticket.number} {n.worker}：{n.note}\n直接回复，我会转给他。",
    "need_info": lambda n: f"#{n.ticket.number} {n.worker}想问您：{n.note}\n直接回复就行，收到后接着办。",
    "return": lambda n: f"{n.head}：正在重新安排人办理，我们会跟到底，有进展马上告诉您。",
    "transfer": lambda n: f"{n.head}：已转给{n.ticket.area.name}办理，我们会跟到底。",
    "handle": _handled,
    "close": _closed,
}


def _card(n: Notice) -> str:
    """The push that asks for somebody; one way to answer, in one line."""
    ticket = n.ticket
    urgent = "【紧急】" if ticket.matter.emergency else ""
    mark = {"follow": "【跟进】", "vacant": "【无人值守】"}.get(n.row.kind, "")
    again = {"return": "【退单】", "transfer": "【转派】"}.get(n.event.action, "")
    lines = [
        f"**{urgent}{mark}{again}#{ticket.number} {ticket.matter.name}**",
        f"> 地点：{place_for_group(ticket, n.staff_names)}",
        f"> 居民说：{'内容保密' if _secret(n) else n.words(ticket.text)}",
        f"> 承诺：{n.time(ticket.response_due_at)} 前回应，{n.time(ticket.due_at)} 前办好",
    ]
    if n.event.action in ("return", "transfer") and n.event.note:
        lines.append(f"> 说明：{n.words(n.event.note)}")
    lines.append(_how(n))
    if mentioned := _mentions(n):
        lines.append(mentioned)
    return "\n".join(lines)


def _secret(n: Notice) -> bool:
    """The grid follows a confidential matter of a department without reading it: it may be about them."""
    return n.row.kind == "follow" and n.ticket.matter.confidential


def _how(n: Notice) -> str:
    if n.row.kind == "follow":
        department = n.session.get(Department, n.ticket.department_code or "")
        return f"由{department.name if department else '部门'}办理，请跟进。"
    if n.row.kind == "vacant":
        area = n.session.get(Area, n.ticket.turn_code)
        return f"{markdown_escape(area.name) if area else '该网格'}现在没有在岗人员。请发：转派 {n.ticket.number} 姓名"
    return f"@{n.bot_name} 接单 {n.ticket.number}（引用本条说“我来”也行）"


def _mentions(n: Notice) -> str:
    """`<@userid>`, from the roster only: whoever is asked by name, or those on duty in an emergency."""
    if n.ticket.asked_key and n.event.action == "transfer":
        person = n.session.get(Person, n.ticket.asked_key)
        return f"<@{person.wecom_userid}>" if person and person.wecom_userid else ""
    if not n.ticket.matter.emergency:
        return ""
    return "".join(f"<@{p.person.wecom_userid}>" for p in _duty(n)[:5] if p.person.wecom_userid)


def _duty(n: Notice) -> Sequence[Posting]:
    day = n.now.astimezone(n.zone).date()
    if n.ticket.department_code and n.row.kind == "card":
        return on_duty(n.session, day, department_code=n.ticket.department_code)
    return on_duty(n.session, day, area_code=n.ticket.turn_code)


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
    "card": _card,
    "follow": _card,
    "vacant": _card,
    "note": _said("居民来话"),
    "supply": _said("居民补充"),
    "reclassify": lambda n: f"**{n.head}**\n> 类别改正：{n.words(n.event.note)}",
    "relocate": lambda n: f"**{n.head}**\n> 地点改正：{n.words(n.event.note)}",
    "withdraw": lambda n: f"**{n.head}**\n> 居民已撤回，不用办了。",
    "confirm": _confirmed,
    "reopen": _reopened,
    "call": _call,
}


DIGEST_BYTES = 3800


def digest(session: Session, numbers: Sequence[int], name: str) -> tuple[str, set[int]]:
    """Many cards waiting for one group as one message, and the numbers it names: as many as fit (contract §9)."""
    query = select(Ticket).where(Ticket.number.in_(set(numbers))).order_by(Ticket.number)
    lines: list[str] = []
    named: set[int] = set()
    for ticket in session.execute(query).unique().scalars():
        line = f"> #{ticket.number} {ticket.matter.name} {markdown_escape(ticket.area.name)}"
        if len("\n".join([*lines, line]).encode()) > DIGEST_BYTES:
            break
        lines.append(line)
        named.add(ticket.number)
    return "\n".join([f"**一下来了{len(lines)}件，请逐件接单**", *lines, f"@{name} 待办"]), named
