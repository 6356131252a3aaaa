"""The card of a ticket: number and matter first, then place, words and promise, and one line of how to answer (contract §8)."""

from collections.abc import Sequence

from bot.group_push import markdown_escape
from bot.group_words import place_for_group
from bot.notices.notice import Notice
from models.area import Area, Department
from models.person import Person, Posting
from models.roster import calling_chain, covering


def card(n: Notice) -> str:
    """The push that asks for somebody; one way to answer, in one line."""
    ticket = n.ticket
    urgent = "【紧急】" if ticket.matter.emergency else ""
    mark = {"follow": "【跟进】", "vacant": "【无人值守】"}.get(n.row.kind, "")
    again = {"return": "【退单】", "transfer": "【转派】"}.get(n.event.action, "")
    lines = [
        f"**{urgent}{mark}{again}#{ticket.number} {ticket.matter.name}**",
        f"> 地点：{place_for_group(ticket, n.staff_names)}",
        f"> 居民说：{'内容保密' if _secret(n) else n.words(ticket.text)}",
        f"> 承诺：{_answered_by(n)}{n.promise}",
    ]
    if n.event.action in ("return", "transfer") and n.event.note:
        lines.append(f"> 说明：{n.words(n.event.note)}")
    lines.append(_how(n))
    if mentioned := mentions(n):
        lines.append(mentioned)
    return "\n".join(lines)


def _answered_by(n: Notice) -> str:
    """When somebody has to answer, as long as that is still ahead and before it has to be done."""
    due = n.ticket.response_due_at
    return f"{n.time(due)} 前回应，" if n.now < due <= n.ticket.due_at else ""


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
    return f"@{n.bot_name} 接单 {n.ticket.number}（引用本条回“1”也行）"


def mentions(n: Notice) -> str:
    """`<@userid>`, from the roster only: whoever is asked by name, who stands in, or all there are in an emergency."""
    if n.ticket.asked_key and n.event.action == "transfer":
        person = n.session.get(Person, n.ticket.asked_key)
        return f"<@{person.wecom_userid}>" if person and person.wecom_userid else ""
    there = covers(n)
    if n.row.kind == "vacant":
        there = calling_chain(n.session, n.now, n.zone, n.ticket.turn_code, n.ticket.number)[:1]
    elif not n.ticket.matter.emergency:
        there = [posting for posting in there if posting.stands_in_for]
    return "".join(mention(n, posting.person) for posting in there[:5])


def mention(n: Notice, person: Person | None) -> str:
    """`<@userid>` of one person, from the roster only."""
    return f"<@{person.wecom_userid}>" if person and person.wecom_userid else ""


def covers(n: Notice) -> Sequence[Posting]:
    """Who can be called for the ticket now: those of its department, or of the area whose turn it is."""
    number = n.ticket.number
    if n.ticket.department_code and n.row.kind != "follow":
        return covering(n.session, n.now, n.zone, department_code=n.ticket.department_code, number=number)
    return covering(n.session, n.now, n.zone, area_code=n.ticket.turn_code, number=number)
