"""取消关注: no more news of a neighbour's ticket; the ticket itself goes on."""

from typing import Any

from bot.answers import choice, numbered
from bot.follower_talk import no_more
from bot.message import Reply
from bot.service import Question, Service
from bot.turn import Turn
from models.following import followed_by, following
from models.ticket import ticket_for_update

NOTHING = "您现在没有关注的事项。回复“进度”看您自己的事项。"


def _begin(turn: Turn, rest: str) -> dict[str, Any]:
    followed = [ticket.number for _, ticket in followed_by(turn.session, turn.resident.id)]
    if rest:
        return {"ticket": int(rest) if int(rest) in followed else 0}
    return {"ticket": followed[0] if followed else 0} if len(followed) < 2 else {"offered": followed}


def _names(turn: Turn) -> list[str]:
    offered = turn.answers["offered"]
    named = {ticket.number: ticket for _, ticket in followed_by(turn.session, turn.resident.id)}
    return [f"#{number} {named[number].matter.name}" if number in named else f"#{number}" for number in offered]


def _ask(turn: Turn) -> str:
    return f"不再关注哪一件？\n{numbered(_names(turn))}"


def _parse(turn: Turn, text: str) -> int:
    chosen: int = turn.answers["offered"][choice(text, _names(turn), _ask(turn))]
    return chosen


def _fulfil(turn: Turn) -> Reply:
    number = turn.answers["ticket"]
    follower = following(turn.session, number, turn.resident.id)
    ticket = ticket_for_update(turn.session, number) if follower else None
    return no_more(turn, ticket, follower) if ticket and follower else Reply(NOTHING)


SERVICE = Service(
    code="unfollow",
    name="",
    words=("取消关注", "不关注了", "不再关注"),
    questions=(Question("ticket", _ask, _parse),),
    begin=_begin,
    fulfil=_fulfil,
)
