"""接单: the first who signs holds the ticket; a remark goes to the resident."""

from bot.command import Command, GroupTurn
from bot.reach import reach_note
from bot.times import moment_words
from models.transitions import ACCEPTED, move_of


def _run(turn: GroupTurn, words: str) -> str:
    ticket = turn.ticket
    assert ticket and turn.actor
    if words and ticket.status == ACCEPTED and ticket.holder_key == turn.person.key:
        return _remark(turn, words)
    turn.move("accept", note=words, changes={"holder_key": turn.person.key})
    turn.expects_answer()
    due = moment_words(ticket.due_at, turn.now, turn.office.settings.deployment.zone)
    by = f"{due} 前办好" if ticket.due_at > turn.now else f"承诺是 {due}，已经超时，请尽快办"
    return f"#{ticket.number} 由{turn.actor.title}接单，{by}。办好请发：办结 {ticket.number} 结果"


def _remark(turn: GroupTurn, words: str) -> str:
    """收到，下午来: from whoever holds it already, this is for the resident."""
    assert turn.ticket
    turn.move("reply", note=words)
    turn.expects_answer()
    return f"#{turn.ticket.number} {reach_note(turn)}"


COMMAND = Command(verbs=move_of("accept").verbs, form="接单 1024", run=_run, action="accept", loose=True, bare=True)
