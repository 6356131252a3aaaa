"""延期: asked before the promised time is over, with a new date and a reason the resident reads."""

from bot.approval import day_and_reason, grant_or_ask
from bot.command import Command, GroupTurn
from bot.times import moment_words
from models.database import Refused
from models.transitions import move_of

FORM = "延期 1024 11-28 等配件"


def _run(turn: GroupTurn, words: str) -> str:
    ticket = turn.ticket
    assert ticket
    said = day_and_reason(turn, words, FORM)
    zone, rules = turn.office.settings.deployment.zone, turn.office.settings.promises
    if turn.now >= ticket.due_at:
        raise Refused(f"#{ticket.number} 已经过了承诺时间，不能再延期。请尽快办，并用“回复”告诉居民原因。")
    if said.moment <= ticket.due_at:
        raise Refused(f"现在的承诺是 {moment_words(ticket.due_at, turn.now, zone)}，新的日期要比它晚。")
    turn.take_if_nobody_has()
    days = rules.extension_days + (ticket.due_at - turn.now).total_seconds() / 86400
    if grant_or_ask(turn, "extend", said.moment, said.rest, {"due_at": said.moment}, days):
        return f"#{ticket.number} 已延期到 {moment_words(said.moment, turn.now, zone)}，居民会收到原因。"
    asked = moment_words(said.moment, turn.now, zone)
    return f"#{ticket.number} 延期已报上一级，同意前仍按原时间办。申请到 {asked}，日子不对请重新发一次。"


COMMAND = Command(verbs=move_of("extend").verbs, form=FORM, run=_run, action="extend")
