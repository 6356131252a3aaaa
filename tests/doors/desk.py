"""A desk that only remembers: what a door handed over, and nothing else."""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime

from bot.config import Settings
from bot.message import Channel, Inbound, Reply, StorageFailed

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
OA_TOKEN, OA_KEY, APP_ID = "QDG6eK", "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C", "wx5823bf96d3bd56c7"


def now() -> datetime:
    return NOW


class NotebookDesk:
    """接待簿: answers with `answer`, the same for every repeat, and keeps what it was given."""

    def __init__(self, answer: Callable[[Inbound], str] = lambda inbound: "收到") -> None:
        self.answer = answer
        self.messages: dict[str, Inbound] = {}
        self.quarantined: list[tuple[Channel, bytes, str]] = []
        self.storage_works = True
        self._seen: dict[str, str] = {}

    def receive(self, inbound: Inbound) -> Reply:
        self._need_storage()
        self.messages.setdefault(inbound.dedupe_key, inbound)
        return Reply(self.answer(inbound))

    def quarantine(self, channel: Channel, raw: bytes, error: str) -> None:
        self._need_storage()
        self.quarantined.append((channel, raw, error))

    def first_use(self, signature: str, body: bytes) -> bool:
        self._need_storage()
        digest = hashlib.sha256(body).hexdigest()
        return self._seen.setdefault(signature, digest) == digest

    @property
    def only(self) -> Inbound:
        (inbound,) = self.messages.values()
        return inbound

    @property
    def untouched(self) -> bool:
        return not self.messages and not self.quarantined and not self._seen

    def _need_storage(self) -> None:
        if not self.storage_works:
            raise StorageFailed


def settings(**sections: dict[str, object]) -> Settings:
    account: dict[str, object] = {"app_id": APP_ID, "token": OA_TOKEN, "aes_key": OA_KEY, "app_secret": "CANARY-SECRET"}
    bot: dict[str, object] = {"name": "云格", "token": "bot-token", "aes_key": OA_KEY}
    merged = {"official_account": account, "group_bot": bot}
    for name, section in sections.items():
        merged[name] = merged.get(name, {}) | section
    return Settings.model_validate(merged)
