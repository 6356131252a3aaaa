"""照片是哪件事的: a picture without words, from somebody who has matters under way."""

from bot.answers import choice, numbered
from bot.message import Reply, Unclear
from bot.service import Question, Service
from bot.ticket_talk import add_words
from bot.turn import Turn
from models.ticket import join, ticket_for_update

ANOTHER = "另外一件事"


def _names(turn: Turn) -> list[str]:
    offered = (ticket_for_update(turn.session, number) for number in turn.answers["offered"])
    return [*(f"#{ticket.number} {ticket.matter.name}" for ticket in offered if ticket), ANOTHER]


def _ask(turn: Turn) -> str:
    return f"{turn.answers['media'].strip('【】')}收到了，是哪件事的？也可以直接说是什么事。\n{numbered(_names(turn))}"


def _parse(turn: Turn, text: str) -> int:
    """A ticket's number, or 0: another matter, perhaps told in the same breath."""
    try:
        place: int = choice(text, _names(turn), _ask(turn))
    except Unclear:
        if turn.decision.action in ("ticket", "ask", "human") and turn.understood.kind in ("report", "question"):
            return 0
        raise
    return turn.answers["offered"][place] if place < len(turn.answers["offered"]) else 0


def _fulfil(turn: Turn) -> Reply:
    photos, media = turn.answers["messages"], turn.answers["media"]
    ticket = ticket_for_update(turn.session, turn.answers["ticket"]) if turn.answers["ticket"] else None
    if ticket and not ticket.finished:
        for message_id in photos:
            join(turn.session, message_id, ticket.number)
        return add_words(turn, ticket, media)
    report = turn.office.services["report"]
    if turn.decision.action not in ("ticket", "ask", "human"):
        return turn.begin(report, {"items": [], "messages": photos, "media": media})
    said = report.begin(turn, "")
    return turn.begin(report, {**said, "messages": [*photos, *said["messages"]], "media": media})


SERVICE = Service(code="whose_photo", name="", questions=(Question("ticket", _ask, _parse),), fulfil=_fulfil)
