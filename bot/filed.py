"""Filing: the answers of a report become tickets, and the resident is told what, where, who and by when."""

from typing import Any

from sqlalchemy import select

from bot import danger, phrases
from bot.times import moment_words
from bot.turn import Turn
from bot.understanding import Understood
from models.area import Area, Department
from models.life import open_ticket
from models.matter import OTHER, Matter
from models.message import Message
from models.roster import calling_chain, covering
from models.ticket import Filing, Ticket


def item(turn: Turn, code: str, text: str, understood: Understood | None = None) -> dict[str, Any]:
    """One matter of a draft with the rules that chose it (L16)."""
    scores = (understood or turn.understood).matters
    rules = next((list(score.rules) for score in scores if score.code == code), [])
    return {
        "matter": code, "text": text, "rules": rules, "ranked": [[s.code, round(s.score, 2)] for s in scores[:5]],
    }  # fmt: skip


def filing(turn: Turn, item: dict[str, Any], place: dict[str, Any], more: dict[str, Any] | None = None) -> Filing:
    """What a report of this matter at this place is made of."""
    explained = {"rules": item["rules"], "ranked": item["ranked"], "revision": turn.office.catalogue.revision}
    return Filing(
        matter=turn.session.get_one(Matter, item["matter"]),
        area_code=place["grid"],
        text=item["text"],
        place=place["text"],
        door=place["door"],
        building_code=place["building"] or None,
        latitude=place["latitude"],
        longitude=place["longitude"],
        explained={**explained, **(more or {})},
    )


def file_one(turn: Turn, item: dict[str, Any], place: dict[str, Any], more: dict[str, Any] | None = None) -> Ticket:
    """A question back hangs under the `announcement` it asks about, however long its place had to be asked for."""
    ticket = open_ticket(turn.session, turn.resident, filing(turn, item, place, more), turn.office.promises, turn.now)
    ticket.announcement_id = item.get("announcement")
    turn.opened(ticket)
    return ticket


def told(turn: Turn, tickets: list[Ticket]) -> str:
    """The answer to a report."""
    head = [phrases.NOT_UNDERSTOOD] if any(t.matter_code == OTHER for t in tickets) else []
    if len(tickets) > 1:
        head.append(f"一共登记了{len(tickets)}件事：")
    return "\n".join([*head, *(_one(turn, ticket) for ticket in tickets), phrases.CORRECT])


def _one(turn: Turn, ticket: Ticket) -> str:
    zone = turn.office.settings.deployment.zone
    due = moment_words(ticket.due_at, turn.now, zone)
    answer = moment_words(ticket.response_due_at, turn.now, zone)
    at_once = [danger.advice(ticket.matter, turn.text)] if ticket.matter.advice else []
    promise = "给您答复" if turn.understood.kind == "question" else promised(ticket)
    lines = [
        *at_once,
        f"已登记 #{ticket.number}：{ticket.matter.name}",
        f"地点：{ticket.place}",
        f"办理：{who(turn, ticket)}",
        f"{answer} 前有人回应，{due} 前{promise}。",
    ]
    return "\n".join(lines)


def promised(ticket: Ticket) -> str:
    return "给您答复" if ticket.matter.timing == "complex" else "办好"


def who(turn: Turn, ticket: Ticket) -> str:
    """Whose turn it is, by surname and duty."""
    if ticket.department_code and (department := turn.session.get(Department, ticket.department_code)):
        return f"{department.name}，网格跟进"
    zone, code = turn.office.settings.deployment.zone, ticket.turn_code
    there = covering(turn.session, turn.now, zone, area_code=code, number=ticket.number)
    called = there or calling_chain(turn.session, turn.now, zone, code, ticket.number)
    if not called:
        return f"{ticket.area.name}值班人员"
    area = ticket.area if there else turn.session.get(Area, called[0].area_code)
    return f"{called[0].title}（{area.name if area else ticket.area.name}）"


def words_before(turn: Turn, limit: int = 1) -> list[Message]:
    """The resident's last messages with words, newest first, for whoever takes over."""
    query = select(Message).where(
        Message.resident_id == turn.resident.id, Message.text != "", Message.id != turn.message.id
    )
    return list(turn.session.scalars(query.order_by(Message.id.desc()).limit(limit)))
