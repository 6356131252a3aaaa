"""One outbox row with everything its words may need."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from bot.group_words import words_for_group
from bot.times import moment_words
from models.outbox import OutboxMessage
from models.roster import duties_of
from models.ticket import Ticket, TicketEvent, event_of

MOST_NOTE = 400
"""Characters of a worker's words in a notice."""


@dataclass
class Notice:
    """通知: one outbox row with the ticket and the move it tells of."""

    session: Session
    row: OutboxMessage
    ticket: Ticket
    event: TicketEvent
    now: datetime
    zone: ZoneInfo
    bot_name: str
    staff_names: tuple[str, ...]
    reopen_hours: float

    @property
    def head(self) -> str:
        return f"#{self.ticket.number} {self.ticket.matter.name}"

    @property
    def worker(self) -> str:
        """陈网格员, from the posting that made the move."""
        postings = duties_of(self.session, self.event.actor, self.event.at, self.zone)
        own = [p for p in postings if p.area_code == self.event.area_code] or postings
        return own[0].title if own else "办理人员"

    @property
    def note(self) -> str:
        """The worker's words, short enough that the question behind them is never cut off."""
        return self.event.note if len(self.event.note) <= MOST_NOTE else self.event.note[: MOST_NOTE - 1] + "…"

    @property
    def holder(self) -> str:
        """李网格员, whoever holds the ticket now."""
        return f"{self.ticket.holder.surname}网格员" if self.ticket.holder else "值班人员"

    @property
    def deferred_until(self) -> str:
        """The day this move put it off to, even when the ticket has gone on since."""
        stored = self.event.changes.get("deferred_until")
        moment = datetime.fromisoformat(stored) if stored else self.ticket.deferred_until
        return day_in_full(moment.astimezone(self.zone), self.now) if moment else "另定的日子"

    @property
    def promise(self) -> str:
        """The promised time as a card shows it, past or not (contract §8)."""
        due = self.ticket.due_at
        return f"{self.time(due)} 前办好{'，已超时' if due <= self.now else ''}"

    @property
    def done_by(self) -> str:
        """The promise as it can be said now: one that is over is no promise any more."""
        due = self.ticket.due_at
        return "原定的时间已过，会抓紧办" if due <= self.now else f"{self.time(due)} 前办好"

    def time(self, moment: datetime) -> str:
        return moment_words(moment, self.now, self.zone)

    def words(self, text: str) -> str:
        """A resident's words, masked, short and harmless, as a card shows them."""
        return words_for_group(text, self.staff_names)


def day_in_full(day: datetime, now: datetime) -> str:
    """12月10日, with its year when that is another: a local day as it is echoed."""
    return f"{day:%-m月%-d日}" if day.year == now.astimezone(day.tzinfo).year else f"{day:%Y年%-m月%-d日}"


def notice_of(session: Session, row: OutboxMessage, **facts) -> Notice:  # type: ignore[no-untyped-def]
    """Gather what a row speaks of. Raises LookupError when ticket or event are gone: a poisoned row."""
    ticket = session.get(Ticket, row.ticket_number) if row.ticket_number else None
    event = event_of(session, row.ticket_number or 0, row.event_seq or 0)
    if not ticket or not event:
        raise LookupError("ticket or event of this row does not exist")
    return Notice(session, row, ticket, event, **facts)
