"""改类: a worker says what it really is, by the matter's name or in their own words; kept as a labelled example."""

from bot.command import Command, GroupTurn
from bot.relabel import matter_named, relabel
from models.database import Refused
from models.transitions import move_of


def _run(turn: GroupTurn, words: str) -> str:
    ticket = turn.ticket
    assert ticket
    code = matter_named(turn.office, words)
    if not code:
        raise Refused(f"没有叫“{words[:20]}”的事项。请写事项名称，例如：改类 {ticket.number} 下水道堵塞")
    if code == ticket.matter_code:
        raise Refused(f"#{ticket.number} 已经是“{ticket.matter.name}”了。")
    relabel(turn.session, ticket, code, turn.move)
    return f"#{ticket.number} 已改为“{ticket.matter.name}”。"


COMMAND = Command(verbs=move_of("reclassify").verbs, form="改类 1024 下水道堵塞", run=_run, action="reclassify")
