"""报到: a whistled department is here; a second sentence tells what it found."""

from bot.command import Command, GroupTurn
from bot.whistling import give_result, own_whistle, report_in
from models.database import Refused
from models.transitions import move_of


def _run(turn: GroupTurn, words: str) -> str:
    assert turn.ticket
    whistle = own_whistle(turn)
    if whistle.reported_at and words:
        return give_result(turn, whistle, words)
    if whistle.reported_at:
        raise Refused(f"#{turn.ticket.number} 已经报到过了。办完请发：反馈 {turn.ticket.number} 结果")
    report_in(turn, whistle, words)
    return f"#{turn.ticket.number} 已报到。办完请发：反馈 {turn.ticket.number} 结果"


COMMAND = Command(
    verbs=move_of("report_in").verbs, form="报到 1024", run=_run, action="report_in", quoted_as="【吹哨】"
)
