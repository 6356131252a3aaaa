"""回访: for a sensitive matter somebody asks in person whether it is done, and says so here."""

from bot.answers import verdict
from bot.command import Command, GroupTurn
from models.database import Refused
from models.transitions import move_of

FORM = "回访 1024 已解决 老人很满意"


def _run(turn: GroupTurn, words: str) -> str:
    ticket = turn.ticket
    assert ticket
    outcome = verdict(words.split()[0]) if words else None
    if not outcome:
        raise Refused(f"请写居民怎么说：已解决、部分解决或没解决，例如：回访 {ticket.number} 已解决")
    if outcome == "unsolved":
        turn.move("reopen", note=words)
        return f"#{ticket.number} 居民说没解决，已重新办理。"
    turn.move("visit", note=words, changes={"outcome": outcome})
    return f"#{ticket.number} 已按回访结果办结。"


COMMAND = Command(verbs=move_of("visit").verbs, form=FORM, run=_run, action="visit")
