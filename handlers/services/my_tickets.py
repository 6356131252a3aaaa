"""进度: a resident's own tickets and those they follow, and only those."""

from typing import Any

from bot.message import Reply
from bot.service import Service
from bot.times import moment_words
from bot.turn import Turn
from models.following import followed_by, survivor
from models.ticket import Ticket, tickets_of
from models.transitions import CLOSED, OUTCOME_NAMES, PENDING, STATUS_NAMES

MOST, MOST_NAMED = 5, 50


def _begin(_turn: Turn, rest: str) -> dict[str, Any]:
    return {"number": int(rest)} if rest.isdigit() and len(rest) < 10 else {}


def _fulfil(turn: Turn) -> Reply:
    number = turn.answers.get("number")
    limit = MOST_NAMED if number else MOST
    own = tickets_of(turn.session, turn.resident.id, limit=limit)
    followed = [ticket for _, ticket in followed_by(turn.session, turn.resident.id, limit)]
    if number is not None:
        ticket = next((t for t in (*own, *followed) if t.number == number), None)
        return Reply(_whole(turn, ticket) if ticket else f"您名下没有 #{number}。回复“进度”看您的全部事项。")
    into = {ticket.merged_into for ticket in own}
    shown = [*own, *(ticket for ticket in followed if ticket.number not in into)]
    if not shown:
        return Reply("您还没有登记过事项。有事直接说，例如：楼道灯不亮了。")
    if len(shown) == 1:
        return Reply(_whole(turn, shown[0]))
    return Reply("\n".join([*(_line(turn, ticket) for ticket in shown), "回复“进度 编号”看详情。"]))


def _state(ticket: Ticket) -> str:
    outcome = OUTCOME_NAMES.get(ticket.outcome or "")
    return f"{STATUS_NAMES[ticket.status]}（{outcome}）" if outcome else STATUS_NAMES[ticket.status]


def _line(turn: Turn, ticket: Ticket) -> str:
    if ticket.merged_into:
        living = survivor(turn.session, ticket)
        return f"#{ticket.number} {ticket.matter.name}：已并入 #{living.number}，{_state(living)}"
    mark = "" if ticket.resident_id == turn.resident.id else "【关注】"
    return f"{mark}#{ticket.number} {ticket.matter.name}：{_state(ticket)}"


def _whole(turn: Turn, ticket: Ticket) -> str:
    zone = turn.office.settings.deployment.zone
    lines = [_line(turn, ticket)]
    ticket = survivor(turn.session, ticket)
    lines += [f"地点：{ticket.place}", f"登记：{moment_words(ticket.created_at, turn.now, zone)}"]
    if ticket.followers:
        lines.append(f"一共{ticket.followers + 1}位居民反映。")
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
