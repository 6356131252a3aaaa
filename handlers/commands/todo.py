"""待办: what waits for me, the most urgent first."""

from bot.command import Command, GroupTurn
from bot.group_talk import open_numbers
from bot.times import moment_words
from models.transitions import STATUS_NAMES


def _run(turn: GroupTurn, _words: str) -> str:
    tickets = open_numbers(turn)
    if not tickets:
        return "没有待办，辛苦了。"
    zone = turn.office.settings.deployment.zone
    lines = [
        f"#{t.number} {t.title} {STATUS_NAMES[t.status]}，{'已超时' if t.due_at < turn.now else moment_words(t.due_at, turn.now, zone) + ' 前'}"
        for t in tickets
    ]
    return "\n".join([f"待办{len(tickets)}件：", *lines])


COMMAND = Command(verbs=("待办", "我的待办"), form="待办", run=_run, about_ticket=False)
