"""接单: the first who signs holds the ticket; a remark goes to the resident."""

from bot.command import Command, GroupTurn
from bot.times import moment_words
from models.transitions import move_of


def _run(turn: GroupTurn, words: str) -> str:
    ticket = turn.ticket
    assert ticket and turn.actor
    turn.move("accept", note=words, changes={"holder_key": turn.person.key})
    turn.expects_answer()
    due = moment_words(ticket.due_at, turn.now, turn.office.settings.deployment.zone)
    return f"#{ticket.number} 由{turn.actor.title}接单，{due} 前办好。办好请发：办结 {ticket.number} 结果"


COMMAND = Command(verbs=move_of("accept").verbs, form="接单 1024", run=_run, action="accept", loose=True, bare=True)
