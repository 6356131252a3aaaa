"""详情: the whole ticket; with the door and unmasked words only in a single chat."""

from sqlalchemy import select

from bot.command import Command, GroupTurn
from bot.times import moment_words
from models import audit
from models.masking import mask_words
from models.ticket import TicketEvent
from models.transitions import STATUS_NAMES, move_of


def _run(turn: GroupTurn, _words: str) -> str:
    ticket = turn.ticket
    assert ticket
    zone, private = turn.office.settings.deployment.zone, not turn.inbound.chat_id
    text = ticket.text if private else mask_words(ticket.text, turn.office.catalogue.staff_names)
    place = f"{ticket.place} {ticket.door}".strip() if private else ticket.place
    lines = [
        f"#{ticket.number} {ticket.matter.name}（{STATUS_NAMES[ticket.status]}）",
        f"地点：{place}",
        f"居民说：{text[:500]}",
    ]
    query = (
        select(TicketEvent).where(TicketEvent.ticket_number == ticket.number).order_by(TicketEvent.seq.desc()).limit(6)
    )
    for event in reversed(list(turn.session.scalars(query))):
        name = "立案" if event.action == "file" else move_of(event.action).name
        note = event.note if private else mask_words(event.note, turn.office.catalogue.staff_names)
        lines.append(f"{moment_words(event.at, turn.now, zone)} {name} {note[:60]}".rstrip())
    if private:
        audit.record(turn.session, turn.now, turn.person.key, "ticket.read", f"#{ticket.number}")
    else:
        lines.append("门牌和原话请私聊我发：详情 " + str(ticket.number))
    return "\n".join(lines)


COMMAND = Command(verbs=("详情", "查看"), form="详情 1024", run=_run)
