"""详情: the whole ticket; with the door and unmasked words only in a single chat, and only for who works on it."""

from sqlalchemy import select

from bot.command import Command, GroupTurn
from bot.group_push import markdown_escape
from bot.group_talk import READER
from bot.group_words import place_for_group, words_for_group
from bot.times import moment_words
from models import audit
from models.ticket import TicketEvent
from models.transitions import STATUS_NAMES, move_of


def _run(turn: GroupTurn, _words: str) -> str:
    ticket = turn.ticket
    assert ticket and turn.actor
    zone, names = turn.office.settings.deployment.zone, turn.office.catalogue.staff_names
    private = not turn.inbound.chat_id and turn.actor.role != READER

    def words(text: str, most: int) -> str:
        return markdown_escape(text[:most]) if private else words_for_group(text, names, most)

    place = markdown_escape(f"{ticket.place} {ticket.door}".strip()) if private else place_for_group(ticket, names)
    lines = [
        f"#{ticket.number} {ticket.matter.name}（{STATUS_NAMES[ticket.status]}）",
        f"地点：{place}",
        f"居民说：{words(ticket.text, 500)}",
    ]
    query = (
        select(TicketEvent).where(TicketEvent.ticket_number == ticket.number).order_by(TicketEvent.seq.desc()).limit(6)
    )
    for event in reversed(list(turn.session.scalars(query))):
        name = "立案" if event.action == "file" else move_of(event.action).name
        lines.append(f"{moment_words(event.at, turn.now, zone)} {name} {words(event.note, 60)}".rstrip())
    if private:
        audit.record(turn.session, turn.now, turn.person.key, "ticket.read", f"#{ticket.number}")
    elif turn.inbound.chat_id:
        lines.append(f"门牌和原话请私聊我发：详情 {ticket.number}")
    return "\n".join(lines)


COMMAND = Command(verbs=("详情", "查看"), form="详情 1024", run=_run)
