"""One turn of a talk with a resident: everything a service may need, gathered once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from bot.message import Inbound, Reply
from bot.service import Service, next_question
from bot.understanding import Decision, Understood
from models.climbing import climb_if_repeated
from models.conversation import Conversation
from models.life import apply
from models.message import Message
from models.resident import Resident
from models.ticket import Actor, Ticket, TicketEvent, join, ticket_for_update

if TYPE_CHECKING:
    from bot.office import Office


@dataclass
class Turn:
    """一轮对话: a resident's message, who they are, and where the talk stands."""

    office: "Office"
    session: Session
    now: datetime
    inbound: Inbound
    message: Message
    resident: Resident
    talk: Conversation
    understood: Understood
    decision: Decision
    tickets: list[int] = field(default_factory=list)
    """Numbers this message opened or joined."""

    @property
    def text(self) -> str:
        return self.inbound.text.strip()

    @property
    def today(self) -> date:
        """The local day: postings count by it."""
        return self.now.astimezone(self.office.settings.deployment.zone).date()

    @property
    def answers(self) -> dict[str, Any]:
        return self.talk.answers

    @property
    def actor(self) -> Actor:
        return Actor("resident", "resident", str(self.resident.id))

    def begin(self, service: Service, answers: Mapping[str, Any] | None = None) -> Reply:
        """Open a service with what is already known, and ask or fulfil."""
        self.talk.open(service.code, dict(answers or {}), self.now)
        self.talk.misses = 0
        return self.go_on(service)

    def go_on(self, service: Service) -> Reply:
        """Ask the first open question, or fulfil the form."""
        self.message.reply_kind = service.code
        if question := next_question(service, self.talk.answers):
            return Reply(question.prompt(self))
        answers = self.talk.answers
        self.talk.close()
        self.talk.answers = answers
        reply = service.fulfil(self)
        if not self.talk.service:
            self.talk.answers = {}
        return reply

    def answer(self, **values: Any) -> None:
        self.talk.answers = {**self.talk.answers, **values}

    def opened(self, ticket: Ticket) -> None:
        """This message completed a ticket."""
        self._belongs(ticket.number, "ticket")

    def joined(self, ticket: Ticket) -> None:
        """This message was added to a ticket."""
        self._belongs(ticket.number, "joined")

    def _belongs(self, number: int, decision: str) -> None:
        join(self.session, self.message.id, number)
        self.message.decision = decision
        self.tickets.append(number)
        self.talk.touched(number, self.now)

    def move(
        self, ticket: Ticket, action: str, *, note: str = "", changes: Mapping[str, Any] | None = None
    ) -> TicketEvent:
        """The resident makes a move on a ticket of theirs, as it is now. Raises Refused."""
        ticket_for_update(self.session, ticket.number)
        event = apply(
            self.session, ticket, action, self.actor, self.office.promises, self.now, note=note, changes=changes
        )
        limit = self.office.settings.promises.return_limit
        climb_if_repeated(self.session, ticket, action, limit, self.office.promises, self.now)
        return event
