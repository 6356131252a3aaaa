"""Questions in the talk: a sure answer is given, two near ones are asked about, the rest becomes a ticket as before."""

import re
from datetime import timedelta

from bot import filed
from bot.answers import verdict
from bot.knowledge.index import Finding
from bot.knowledge.wording import case_words
from bot.message import Reply
from bot.turn import Turn
from bot.understanding import Understood
from models.area import line_of
from models.knowledge import count_question
from models.masking import mask_words
from models.message import Message
from models.ticket import tickets_of
from models.transitions import HANDLED

ANSWERED_FOR = timedelta(hours=24)
"""So long 没解决 may follow an answer, if nothing else was said in between."""
_SHORTEST = 5
"""Characters of a question worth keeping: 多少钱 alone asks nothing an entry could answer."""
_UNSOLVED = re.compile(r"^\s*(?:还是|还|但是?|可是)?(?:没有?|未)(?:给我)?解决")


def by_knowledge(turn: Turn) -> Reply | None:
    """A question that staff have written an answer for; a report or a danger never ends here."""
    finding = turn.office.catalogue.knowledge.find(turn.understood, area_line(turn))
    codes = [match.entry.code for match in finding.matches[:2]]
    policy = turn.office.services["policy"]
    match finding.action:
        case "answer":
            return turn.begin(policy, {"entry": codes[0]})
        case "offer":
            return turn.begin(policy, {"offers": codes, "asked": turn.text, "messages": [turn.message.id]})
    unanswered(turn, turn.understood, finding)
    return None


def area_line(turn: Turn) -> list[str]:
    """The resident's grid and what is above it; asked of the database only when entries of an area exist."""
    homes = turn.resident.current_homes
    if not homes or not turn.office.catalogue.knowledge.has_areas:
        return []
    return [area.code for area in line_of(turn.session, homes[0].building.grid_code)]


def unanswered(turn: Turn, asked: Understood, finding: Finding | None = None) -> None:
    """Count a question nobody has written an answer for; what tells of a case of somebody's own is none."""
    if asked.kind != "question" or len(asked.text) < _SHORTEST or case_words(asked.text):
        return
    masked = mask_words(asked.text, turn.office.catalogue.staff_names)
    nearest = finding.matches[0].entry.code if finding and finding.matches else ""
    count_question(turn.session, masked, nearest, turn.now)


def still_unsolved(turn: Turn) -> Reply | None:
    """没解决, right after an answer: a person takes over, with all that was said."""
    if not (_UNSOLVED.match(turn.text) or verdict(turn.text) == "unsolved"):
        return None
    before = next(iter(filed.words_before(turn)), None)
    code = before.facts.get("knowledge") if before else None
    entry = turn.office.catalogue.knowledge.by_code.get(code or "")
    if not before or not entry or turn.now - before.received_at > ANSWERED_FOR or _about_work(turn, before):
        return None
    asked = before.facts.get("asked") or before.text
    return turn.begin(
        turn.office.services["policy"],
        {"unsolved": entry.code, "asked": asked, "said": turn.text, "messages": [before.id]},
    )


def _about_work(turn: Turn, answered: Message) -> bool:
    """A worker said done since then: the verdict is on that. Or the words are about another matter: 垃圾没人来收."""
    handled = tickets_of(turn.session, turn.resident.id, status=HANDLED)
    if any(ticket.handled_at and ticket.handled_at > answered.received_at for ticket in handled):
        return True
    return turn.decision.action == "ticket" and not _UNSOLVED.match(turn.text)
