"""评价: one to five after it is done; asked once."""

from bot.answers import number_said
from bot.message import Reply, Unclear
from bot.service import Question, Service
from bot.turn import Turn
from models.ticket import ticket_for_update


def _ask(turn: Turn) -> str:
    return f"谢谢，#{turn.answers['ticket']} 已办结。请给这次服务打分：1 到 5，5 分最满意。不想评可以不回。"


def _parse(_turn: Turn, text: str) -> int:
    number = number_said(text)
    if number is None or not 1 <= number <= 5:
        raise Unclear("请回复 1 到 5 中的一个数字，或回复“取消”。")
    return number


def _fulfil(turn: Turn) -> Reply:
    ticket = ticket_for_update(turn.session, turn.answers["ticket"])
    if ticket:
        turn.move(ticket, "rate", note=str(turn.answers["rating"]), changes={"rating": turn.answers["rating"]})
        turn.joined(ticket)
    return Reply("谢谢您的评价，有事随时说。")


SERVICE = Service(code="rate", name="", questions=(Question("rating", _ask, _parse),), fulfil=_fulfil)
