"""居民确认: is it really done? 1 已解决 2 部分解决 3 没解决."""

from datetime import timedelta

from bot.answers import choice, numbered, score_said, verdict
from bot.message import Reply, Unclear
from bot.service import Question, Service
from bot.turn import Turn
from models.ticket import may_reopen, ticket_for_update
from models.transitions import HANDLED

VERDICTS = ("已解决", "部分解决", "没解决")
_CODES = ("solved", "partly", "unsolved")


def _ask(turn: Turn) -> str:
    return f"#{turn.answers['ticket']} 办得怎么样？\n{numbered(VERDICTS)}"


def _parse(turn: Turn, text: str) -> str:
    if said := verdict(text):
        return said
    if score_said(text) is not None:  # 1分 is a bad mark, not the first answer
        raise Unclear(_ask(turn))
    try:
        return _CODES[choice(text, VERDICTS, "")]
    except Unclear:
        raise Unclear(_ask(turn)) from None


def _fulfil(turn: Turn) -> Reply:
    ticket = ticket_for_update(turn.session, turn.answers["ticket"])
    window = timedelta(hours=turn.office.settings.promises.reopen_hours)
    if not ticket or not may_reopen(ticket, window, turn.now):
        return Reply("这件事已经结了。还有问题请直接再说一遍。")
    said = turn.answers["verdict"]
    if said == "unsolved":
        turn.move(ticket, "reopen", note=turn.text)
        turn.joined(ticket)
        turn.talk.talking_ticket = ticket.number
        return Reply(f"对不起，让您久等了。#{ticket.number} 已重新办理。请说说哪里还没好，我转给办理人员。")
    if ticket.status == HANDLED:
        turn.move(ticket, "confirm", changes={"outcome": said})
    turn.joined(ticket)
    turn.talk.talking_ticket = None
    rate = turn.office.services["rate"]
    if grade := score_said(turn.text):
        return Reply(f"#{ticket.number} 已办结。{turn.begin(rate, {'ticket': ticket.number, 'rating': grade}).text}")
    return turn.begin(rate, {"ticket": ticket.number})


SERVICE = Service(
    code="confirm",
    name="",
    questions=(Question("verdict", _ask, _parse),),
    fulfil=_fulfil,
)
