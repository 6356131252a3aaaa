"""进度: a resident's own tickets, and only those."""

from typing import Any

from bot.message import Reply
from bot.service import Service
from bot.times import moment_words
from bot.turn import Turn
from models.ticket import Ticket, tickets_of
from models.transitions import CLOSED, OUTCOME_NAMES, PENDING, STATUS_NAMES


def _begin(_turn: Turn, rest: str) -> dict[str, Any]:
    return {"number": int(rest)} if rest.isdigit() and len(rest) < 10 else {}


def _fulfil(turn: Turn) -> Reply:
    number = turn.answers.get("number")
    own = tickets_of(turn.session, turn.resident.id, limit=50 if number else 5)
    if number is not None:
        ticket = next((t for t in own if t.number == number), None)
        return Reply(_whole(turn, ticket) if ticket else f"您名下没有 #{number}。回复“进度”看您的全部事项。")
    if not own:
        return Reply("您还没有登记过事项。有事直接说，例如：楼道灯不亮了。")
    if len(own) == 1:
        return Reply(_whole(turn, own[0]))
    return Reply("\n".join([*(_line(turn, ticket) for ticket in own), "回复“进度 编号”看详情。"]))


def _state(ticket: Ticket) -> str:
    outcome = OUTCOME_NAMES.get(ticket.outcome or "")
    return f"{STATUS_NAMES[ticket.status]}（{outcome}）" if outcome else STATUS_NAMES[ticket.status]


def _line(turn: Turn, ticket: Ticket) -> str:
    return f"#{ticket.number} {ticket.matter.name}：{_state(ticket)}"


def _whole(turn: Turn, ticket: Ticket) -> str:
    zone = turn.office.settings.deployment.zone
    lines = [_line(turn, ticket), f"地点：{ticket.place}", f"登记：{moment_words(ticket.created_at, turn.now, zone)}"]
    if ticket.status == PENDING:
        lines.append(f"还没有人接单，{moment_words(ticket.response_due_at, turn.now, zone)} 前应有人回应。")
    elif ticket.holder:
        lines.append(f"办理：{ticket.holder.surname}网格员")
    if ticket.status != CLOSED:
        lines.append(f"承诺：{moment_words(ticket.due_at, turn.now, zone)} 前。")
        lines.append("有话要带给办理人员，直接说就行。")
        turn.talk.talking_ticket = ticket.number
    return "\n".join(lines)


SERVICE = Service(
    code="my_tickets",
    name="我的事项",
    order=2,
    words=("进度", "查进度", "我的事项", "我的工单", "查询"),
    kinds=("progress_query",),
    begin=_begin,
    fulfil=_fulfil,
)
