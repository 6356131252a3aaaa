"""待办: what waits for me, one's own first, then by the deadline."""

from bot.command import Command, GroupTurn
from bot.group_talk import waiting_tickets
from bot.group_words import place_for_group
from bot.times import moment_words
from models.ticket import Ticket
from models.transitions import STATUS_NAMES

MOST_LINES = 20


def _run(turn: GroupTurn, _words: str) -> str:
    tickets = waiting_tickets(turn)
    if not tickets:
        return "没有待办，辛苦了。"
    head = f"待办{len(tickets)}件{f'，先列{MOST_LINES}件' if len(tickets) > MOST_LINES else ''}："
    return "\n".join([head, *(_line(turn, ticket) for ticket in tickets[:MOST_LINES])])


def _line(turn: GroupTurn, ticket: Ticket) -> str:
    place = place_for_group(ticket, turn.office.catalogue.staff_names)
    due = f"{moment_words(ticket.due_at, turn.now, turn.office.settings.deployment.zone)} 前"
    late = "已超时" if ticket.due_at < turn.now else due
    return f"#{ticket.number} {ticket.matter.name}·{place} {STATUS_NAMES[ticket.status]}，{late}"


COMMAND = Command(verbs=("待办", "我的待办"), form="待办", run=_run, about_ticket=False)
