"""The office: what one process holds for its whole life, and the desk the doors hand their messages to."""

import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TypeVar

import structlog
from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from bot import phrases
from bot.catalogue import Catalogue, load_catalogue, unreadable_rules
from bot.command import Command
from bot.config import Settings
from bot.message import Channel, Inbound, Reply, StorageFailed
from bot.respond import respond
from bot.service import Service
from models.clock import Promises
from models.database import Database
from models.importing import BadImport, Problem
from models.matter import catalogue_revision
from models.message import first_use, take_in

log = structlog.get_logger()

T = TypeVar("T")

STORAGE_REST_SECONDS = 1.0


def utc_now() -> datetime:
    return datetime.now(UTC)


class Office:
    """办公室: settings, database, what can be asked for, and the catalogue of the moment. See `Desk`."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        services: Sequence[Service],
        commands: Sequence[Command],
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self.settings, self.database, self.now = settings, database, now
        self.services: Mapping[str, Service] = {service.code: service for service in services}
        self.commands = tuple(commands)
        self._catalogue: Catalogue | None = None
        self._closed_until = 0.0

    @property
    def catalogue(self) -> Catalogue:
        if self._catalogue is None:
            with self.database.read() as session:
                self._catalogue = load_catalogue(session, self.settings)
        return self._catalogue

    @property
    def promises(self) -> Promises:
        return self.catalogue.promises

    def refresh(self) -> None:
        """Read the catalogue again if somebody imported or edited facts since."""
        with self.database.read() as session:
            if self._catalogue is None or catalogue_revision(session) != self._catalogue.revision:
                self._catalogue = load_catalogue(session, self.settings)

    def would_understand(self, session: Session) -> None:
        """Read the rules of an uncommitted import. Raises BadImport with every one nobody can follow."""
        bad = [
            Problem("matters.csv", 0, "keywords", f"{code}: {wrong}") for code, _, wrong in unreadable_rules(session)
        ]
        if bad:
            raise BadImport(bad)

    def receive(self, inbound: Inbound) -> Reply:
        try:
            return self._in_transaction(lambda session: self._answer(session, inbound))
        except StorageFailed:
            raise
        except Exception:
            log.exception("respond.failed", message=inbound.dedupe_key)
            return self._keep_for_later(inbound)

    def _answer(self, session: Session, inbound: Inbound) -> Reply:
        if self._catalogue is None or catalogue_revision(session) != self._catalogue.revision:
            self._catalogue = load_catalogue(session, self.settings)
        return respond(self, session, inbound, self.now())

    def quarantine(self, channel: Channel, raw: bytes, error: str) -> None:
        self._in_transaction(lambda session: self._quarantine(session, channel, raw, error))

    def first_use(self, signature: str, body: bytes) -> bool:
        digest = hashlib.sha256(body).hexdigest()
        return self._in_transaction(lambda session: first_use(session, signature, digest, self.now()))

    def _in_transaction(self, act: Callable[[Session], T]) -> T:
        """One transaction. After a wait in vain the next ones fail at once for a moment: a queue of callbacks, each
        waiting for the lock in turn, would outlast the platform's five seconds."""
        if time.monotonic() < self._closed_until:
            raise StorageFailed
        try:
            with self.database.write() as session:
                return act(session)
        except (OperationalError, InterfaceError, PoolTimeout) as error:
            self._closed_until = time.monotonic() + STORAGE_REST_SECONDS
            log.error("storage.failed", error=type(error).__name__)
            raise StorageFailed from error

    def _quarantine(self, session: Session, channel: Channel, raw: bytes, error: str) -> None:
        now = self.now()
        key = f"{channel}:raw:{hashlib.sha256(raw).hexdigest()}"
        text = raw.decode("utf-8", "replace").replace("\x00", "\ufffd")
        values = {"channel": channel, "type": "unreadable", "text": text, "facts": {"error": error[:200]}}
        take_in(
            session, {"dedupe_key": key, "created_at": now, "received_at": now, "decision": "quarantined", **values}
        )

    def _keep_for_later(self, inbound: Inbound) -> Reply:
        """Our own bug: nothing of the turn was kept, so keep at least the message, and say so kindly."""

        def keep(session: Session) -> None:
            now = self.now()
            values = {
                "sender": inbound.sender,
                "text": inbound.text,
                "platform_id": inbound.platform_id,
                "chat_id": inbound.chat_id,
            }
            facts = {"error": "respond.failed", "event": inbound.event, "event_key": inbound.event_key}
            row = {"channel": inbound.channel, "type": inbound.type, "created_at": inbound.sent_at, "received_at": now}
            take_in(session, {"dedupe_key": inbound.dedupe_key, **row, **values, "facts": facts,
                              "decision": "quarantined", "reply_text": phrases.APOLOGY})  # fmt: skip

        try:
            self._in_transaction(keep)
        except SQLAlchemyError as error:
            raise StorageFailed from error
        return Reply(phrases.APOLOGY)
