"""评价: one to five after it is done; asked once."""

from bot.answers import bare, number_said, score_said
from bot.message import Reply, Unclear
from bot.service import Question, Service
from bot.turn import Turn
from models.ticket import ticket_for_update, tickets_of
from models.transitions import HANDLED

_IN_WORDS = {
    "非常满意": 5,
    "很满意": 5,
    "满意": 5,
    "很好": 5,
    "好": 5,
    "不错": 4,
    "一般": 3,
    "还行": 3,
    "不满意": 1,
    "很不满意": 1,
    "差": 1,
}


def _ask(turn: Turn) -> str:
    return f"谢谢，#{turn.answers['ticket']} 已办结。请给这次服务打分：1 到 5，5 分最满意。不想评可以不回。"


def _parse(_turn: Turn, text: str) -> int:
    number = _IN_WORDS.get(bare(text)) or score_said(text) or number_said(text)
    if number is None or not 1 <= number <= 5:
        raise Unclear("请回复 1 到 5 中的一个数字，或回复“取消”。")
    return number


def _fulfil(turn: Turn) -> Reply:
    ticket = ticket_for_update(turn.session, turn.answers["ticket"])
    if ticket:
        turn.move(ticket, "rate", note=str(turn.answers["rating"]), changes={"rating": turn.answers["rating"]})
        turn.joined(ticket)
    waiting = [t for t in tickets_of(turn.session, turn.resident.id) if t.status == HANDLED]
    if not waiting:
        return Reply("谢谢您的评价，有事随时说。")
    asked = turn.begin(turn.office.services["confirm"], {"ticket": waiting[0].number})
    return Reply(f"谢谢您的评价。\n{asked.text}")


SERVICE = Service(code="rate", name="", questions=(Question("rating", _ask, _parse),), fulfil=_fulfil)
