"""补充 1024 内容: more words for the ticket a resident names, their own or one they follow."""

import re
from typing import Any

from bot.message import Reply
from bot.own_ticket import named_ticket
from bot.service import Service
from bot.ticket_talk import add_words
from bot.turn import Turn
from models.ticket import ticket_for_update
from models.transitions import NEED_INFO

_SAID = re.compile(
    r"我?[要想来]?补充(?:一下|说明)?[\s:：，,]*[#＃]?\s*(?P<number>\d{1,9})(?:[\s:：，,。号]+|(?<=\d{4}))(?P<words>\D.*)",
    re.DOTALL,
)
SURE_DIGITS = 4
"""补充 3 楼也没水 is about a storey, unless it is their ticket; so long a number is a ticket's."""


def _hears(turn: Turn) -> str | None:
    said = _SAID.fullmatch(turn.text)
    if not said or (len(said["number"]) < SURE_DIGITS and not named_ticket(turn, said["number"])):
        return None
    return f"{said['number']} {said['words']}"


def _begin(turn: Turn, rest: str) -> dict[str, Any]:
    number, _, words = rest.partition(" ")
    ticket = named_ticket(turn, number)
    return {"ticket": ticket.number if ticket else 0, "named": number, "words": words}


def _fulfil(turn: Turn) -> Reply:
    ticket = ticket_for_update(turn.session, turn.answers["ticket"]) if turn.answers["ticket"] else None
    if not ticket or ticket.finished:
        return Reply(f"您名下没有在办的 #{turn.answers['named']}。回复“进度”看您的事项；新的事请直接说。")
    words = turn.answers["words"]
    if ticket.status != NEED_INFO or ticket.resident_id != turn.resident.id:
        return add_words(turn, ticket, words)
    turn.move(ticket, "supply", note=words)
    turn.joined(ticket)
    return Reply(f"谢谢，已补充到 #{ticket.number}，办理人员会接着办。")


SERVICE = Service(code="supplement", name="", begin=_begin, hears=_hears, fulfil=_fulfil)
