"""Filing: the answers of a report become tickets, and the resident is told what, where, who and by when."""

from typing import Any

from sqlalchemy import select

from bot import phrases
from bot.message import Reply
from bot.times import moment_words
from bot.turn import Turn
from models.area import Department
from models.life import open_ticket
from models.matter import OTHER, Matter
from models.message import Message
from models.person import on_duty
from models.resident import bind_home
from models.ticket import Filing, Ticket, join


def item(turn: Turn, code: str, text: str) -> dict[str, Any]:
    """One matter of a draft with the rules that chose it (L16)."""
    rules = next((list(score.rules) for score in turn.understood.matters if score.code == code), [])
    ranked = [[score.code, round(score.score, 2)] for score in turn.understood.matters[:5]]
    return {"matter": code, "text": text, "rules": rules, "ranked": ranked}


def file_items(turn: Turn) -> Reply:
    """Open one ticket for each matter of the draft, with every message that led to it."""
    answers, place = turn.answers, turn.answers["place"]
    tickets = [file_one(turn, item, place) for item in answers["items"]]
    for message_id in set(answers.get("messages", [])) - {turn.message.id}:
        for ticket in tickets:
            join(turn.session, message_id, ticket.number)
    if answers.get("asked_place") and place["building"] and not turn.resident.current_homes:
        bind_home(turn.session, turn.resident, place["building"], place["unit"], place["door"], turn.now)
    return Reply(told(turn, tickets))


def file_one(turn: Turn, item: dict[str, Any], place: dict[str, Any]) -> Ticket:
    matter = turn.session.get_one(Matter, item["matter"])
    filing = Filing(
        matter=matter,
        area_code=place["grid"],
        text=item["text"],
        place=place["text"],
        door=place["door"],
        building_code=place["building"] or None,
        latitude=place["latitude"],
        longitude=place["longitude"],
        explained={"rules": item["rules"], "ranked": item["ranked"], "revision": turn.office.catalogue.revision},
    )
    ticket = open_ticket(turn.session, turn.resident, filing, turn.office.promises, turn.now)
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
    answers = ticket.matter.timing == "complex" or turn.understood.kind == "question"
    promise = "给您答复" if answers else "办好"
    return (
        f"已登记 #{ticket.number}：{ticket.matter.name}\n"
        f"地点：{ticket.place}\n"
        f"办理：{who(turn, ticket)}\n"
        f"{answer} 前有人回应，{due} 前{promise}。"
    )


def who(turn: Turn, ticket: Ticket) -> str:
    """Whose turn it is, by surname and duty."""
    if ticket.department_code and (department := turn.session.get(Department, ticket.department_code)):
        return f"{department.name}，网格跟进"
    duty = on_duty(turn.session, turn.today, area_code=ticket.turn_code)
    return f"{duty[0].title}（{ticket.area.name}）" if duty else f"{ticket.area.name}值班人员"


def words_before(turn: Turn, limit: int = 1) -> list[Message]:
    """The resident's last messages with words, newest first, for whoever takes over."""
    query = select(Message).where(
        Message.resident_id == turn.resident.id, Message.text != "", Message.id != turn.message.id
    )
    return list(turn.session.scalars(query.order_by(Message.id.desc()).limit(limit)))
