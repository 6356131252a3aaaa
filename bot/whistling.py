"""Which whistle a department's words answer."""

from sqlalchemy import select

from bot.command import GroupTurn
from models import clock as clocks
from models.clock import Clock
from models.database import Refused
from models.whistle import Whistle, whistled


def own_whistle(turn: GroupTurn) -> Whistle:
    """The newest whistle for the speaker's department. Raises Refused when nobody called it."""
    assert turn.ticket
    codes = [posting.department_code for posting in turn.postings if posting.department_code]
    found = [w for code in codes if (w := whistled(turn.session, turn.ticket.number, code))]
    if not found:
        raise Refused(f"#{turn.ticket.number} 没有对您部门吹哨，不用报到。")
    return found[0]


def report_in(turn: GroupTurn, whistle: Whistle, note: str) -> None:
    """The department is here: its clock stops."""
    assert turn.ticket
    whistle.reported_by, whistle.reported_at = turn.person.key, turn.now
    query = select(Clock).where(Clock.whistle_id == whistle.id)
    for clock in turn.session.scalars(query).all():
        clocks.stop(clock, turn.office.promises, turn.now)
    turn.move("report_in", note=note)


def give_result(turn: GroupTurn, whistle: Whistle, words: str) -> str:
    """What the department did; the caller is asked for a score."""
    assert turn.ticket
    if not whistle.reported_at:
        report_in(turn, whistle, "")
    whistle.result, whistle.result_at = words, turn.now
    turn.move("result", note=words)
    return f"#{turn.ticket.number} 已把结果转给网格，由网格办结。"
