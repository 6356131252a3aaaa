"""改类: the matter of a ticket was taken wrongly; one step, and kept as a correction.

Whoever follows a neighbours' ticket changes nothing for them: theirs becomes a ticket of its own.
"""

from functools import partial
from typing import Any

from bot import filed
from bot.answers import choice, number_said, numbered
from bot.follower_talk import NO_CHANGE, dispute, own_instead, place_on, takes_part, theirs_alone
from bot.joining import place_of
from bot.message import Reply, Unclear
from bot.own_ticket import named_ticket
from bot.relabel import relabel
from bot.service import Question, Service
from bot.turn import Turn
from models.following import Follower
from models.label import keep_label
from models.matter import OTHER
from models.ticket import Ticket, ticket_for_update


def _ticket(turn: Turn) -> Ticket | None:
    return ticket_for_update(turn.session, turn.answers["ticket"]) if turn.answers["ticket"] else None


def _options(turn: Turn) -> list[str]:
    """The matters that came next to the resident's own words, then a person."""
    ticket = _ticket(turn)
    ranked = [code for code, _ in (ticket.explained.get("ranked", []) if ticket else [])]
    if ticket and (follower := place_on(turn, ticket)):
        ranked = [score.code for score in turn.office.catalogue.understanding.understand(follower.text).matters]
    others = [code for code in ranked if not ticket or code != ticket.matter_code]
    return [*others[:4], OTHER]


def _names(turn: Turn) -> list[str]:
    names = turn.office.catalogue.matter_names
    return [names[code] if code != OTHER else "都不是，请人看看" for code in _options(turn)]


def _ask(turn: Turn) -> str:
    ticket = _ticket(turn)
    of_others = ticket is not None and place_on(turn, ticket) is not None
    head = f"{theirs_alone(ticket, '另一类事')}是" if ticket and of_others else f"#{turn.answers['ticket']} 应该是"
    return f"{head}哪一类？也可以直接说是什么事。{NO_CHANGE if of_others else ''}\n{numbered(_names(turn))}"


def _parse(turn: Turn, text: str) -> str:
    try:
        return _options(turn)[choice(text, _names(turn), _ask(turn))]
    except Unclear:
        if turn.decision.action == "ticket":
            return turn.decision.matters[0]
        raise


def _fulfil(turn: Turn) -> Reply:
    ticket = _ticket(turn)
    if not ticket or ticket.finished or not takes_part(turn, ticket):
        return Reply("您现在没有正在办的事项可以改类。")
    if follower := place_on(turn, ticket):
        return _another(turn, ticket, follower)
    relabel(turn.session, ticket, turn.answers["matter"], partial(turn.move, ticket))
    turn.joined(ticket)
    return Reply(f"已改：#{ticket.number} {ticket.matter.name}\n办理：{filed.who(turn, ticket)}")


def _another(turn: Turn, ticket: Ticket, follower: Follower) -> Reply:
    """The neighbours' ticket keeps its matter; what this resident meant is a ticket of its own, and an example."""
    guessed, meant, place = ticket.matter_code, turn.answers["matter"], place_of(turn, follower, ticket)
    if follower.came_with:
        return dispute(turn, ticket, follower.came_with)
    if meant == guessed:
        return Reply(f"那和 #{ticket.number} 是同一类，照样替您关注着。")
    picked = number_said(turn.text) is not None
    told = own_instead(turn, ticket, follower, meant, place, "居民说是另一类事", "" if picked else turn.text)
    if picked and follower.text:  # in other words it is no example of the first ones
        revision, by = turn.office.catalogue.revision, f"resident-{turn.resident.id}"
        keep_label(turn.session, turn.tickets[-1], follower.text, guessed, meant, "resident", by, revision, turn.now)
    return told


def _begin(turn: Turn, rest: str) -> dict[str, Any]:
    ticket = named_ticket(turn, rest)
    follower = place_on(turn, ticket) if ticket else None
    nothing_to_ask = not ticket or (follower and follower.came_with)
    return {"ticket": ticket.number if ticket else 0, **({"matter": OTHER} if nothing_to_ask else {})}


SERVICE = Service(
    code="reclassify",
    name="",
    words=("改类", "改类别", "类别不对"),
    questions=(Question("matter", _ask, _parse),),
    begin=_begin,
    fulfil=_fulfil,
)
