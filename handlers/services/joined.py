"""加入关注: the report went onto a neighbour's ticket; is it really the same thing? Nobody has to answer."""

import re

from bot import filed, joining
from bot.answers import bare, choice, numbered
from bot.follower_talk import NOT_THE_SAME
from bot.message import Reply
from bot.service import Question, Service
from bot.turn import Turn
from models.following import following
from models.ticket import ticket_for_update

FINE = "好的"
OTHER_THING = "不是同一件事，另外登记"


def _options(turn: Turn) -> list[str]:
    numbers = turn.answers["tickets"]
    if len(numbers) == 1:
        return [FINE, OTHER_THING]
    return [FINE, *(f"#{number} {OTHER_THING}" for number in numbers)]


def _ask(turn: Turn) -> str:
    return numbered(_options(turn))


def _parse(turn: Turn, text: str) -> int:
    if len(turn.answers["tickets"]) == 1 and NOT_THE_SAME.fullmatch(bare(text)):
        return 1
    if re.fullmatch(r"好|好的?[呀啊吧嘞]?|行|可以|嗯+|是的?|对的?|同一件事?", bare(text)):
        return 0
    return choice(text, _options(turn), _again(turn))


def _again(turn: Turn) -> str:
    listed = "、".join(f"#{number}" for number in turn.answers["tickets"])
    return f"已替您关注 {listed}。\n{_ask(turn)}"


def _fulfil(turn: Turn) -> Reply:
    chosen = turn.answers["same"]
    if not chosen:
        return Reply(joining.STAYS)
    number = turn.answers["tickets"][chosen - 1]
    ticket, follower = ticket_for_update(turn.session, number), following(turn.session, number, turn.resident.id)
    if not ticket or not follower:
        return Reply("这件事您已经不在关注了。还有问题请直接再说一遍。")
    return Reply(filed.told(turn, [joining.separate(turn, ticket, follower)]))


SERVICE = Service(code="joined", name="", questions=(Question("same", _ask, _parse),), fulfil=_fulfil)
