"""挂账: it cannot be solved now; the resident reads why and until when, and on that day it wakes up by itself."""

from bot.approval import day_and_reason, grant_or_ask
from bot.command import Command, GroupTurn
from bot.notices.notice import day_in_full
from models.transitions import move_of

FORM = "挂账 1024 12-15 等上级批资金"


def _run(turn: GroupTurn, words: str) -> str:
    ticket = turn.ticket
    assert ticket
    said = day_and_reason(turn, words, FORM)
    day = said.moment.astimezone(turn.office.settings.deployment.zone)
    turn.take_if_nobody_has()
    days = turn.office.settings.promises.deferral_days
    if grant_or_ask(turn, "defer", said.moment, said.rest, {"deferred_until": said.moment}, days):
        return (
            f"#{ticket.number} 已挂账，{day_in_full(day, turn.now)}自动恢复办理；居民会收到原因。"
            f"提前能办请发：恢复 {ticket.number}"
        )
    return f"#{ticket.number} 挂账已报上一级：到{day_in_full(day, turn.now)}，{said.rest}。同意前照常办理。日子不对请重新发一次。"


COMMAND = Command(verbs=move_of("defer").verbs, form=FORM, run=_run, action="defer")
