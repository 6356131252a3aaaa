"""The vocabulary of group commands: one thing grid workers can say, one small file each in handlers/commands."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from bot import appointments
from bot.message import Inbound
from models.climbing import climb_if_repeated
from models.conversation import conversation_of
from models.life import apply
from models.message import Message
from models.person import Person, Posting
from models.ticket import Actor, Ticket, TicketEvent, join

if TYPE_CHECKING:
    from bot.office import Office


@dataclass
class GroupTurn:
    """群里的一句话: who said what in which chat, and the ticket it is about once that is known."""

    office: "Office"
    session: Session
    now: datetime
    inbound: Inbound
    message: Message
    person: Person
    postings: Sequence[Posting]
    ticket: Ticket | None = None
    actor: Actor | None = None
    verb: str = ""

    def move(self, action: str, *, note: str = "", changes: dict[str, Any] | None = None) -> TicketEvent:
        """The worker makes a move on the ticket. Raises Refused."""
        assert self.ticket and self.actor
        event = apply(
            self.session, self.ticket, action, self.actor, self.office.promises, self.now, note=note, changes=changes
        )
        join(self.session, self.message.id, self.ticket.number)
        appointments.hear(self.session, self.office.settings, self.ticket, action, note, self.now)
        limit = self.office.settings.promises.return_limit
        climb_if_repeated(self.session, self.ticket, action, limit, self.office.promises, self.now)
        return event

    def expects_answer(self) -> None:
        """The resident's next words belong to this ticket, and go back to the group."""
        assert self.ticket
        conversation_of(self.session, self.ticket.resident_id).talking_ticket = self.ticket.number

    def take_if_nobody_has(self) -> None:
        """Whoever answers first holds the ticket (domain §5)."""
        assert self.ticket
        if self.ticket.status == "pending":
            self.move("accept", changes={"holder_key": self.person.key})


@dataclass(frozen=True)
class Command:
    """命令: its verbs, the exact form to show, and what it does; returns the line the group reads."""

    verbs: tuple[str, ...]
    form: str
    run: Callable[[GroupTurn, str], str]
    """Gets the words after verb and number. Raises Refused to say no."""
    action: str = ""
    """The move it makes; empty for commands that change no ticket."""
    loose: bool = False
    """Also understood in the middle of a short sentence (1024 这个我来)."""
    about_ticket: bool = True
    quoted_as: str = ""
    """The mark of a card (【督办】): words that quote it without a verb are this command, not a message to the resident."""
    bare: bool = False
    """Takes no words: anything but a short remark is not this command."""
