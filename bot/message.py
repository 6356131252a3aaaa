"""What passes a door: a message in, an answer out, and what may go wrong on the way.

Text from outside becomes one of these objects in the door's own file and nowhere else.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

Channel = Literal["official_account", "group_bot"]


@dataclass(frozen=True, slots=True)
class Position:
    """位置: a point on the map, in GCJ-02 degrees (protocol.md §1.6)."""

    latitude: float
    longitude: float
    label: str = ""


@dataclass(frozen=True, slots=True)
class Inbound:
    """收到的消息: one message or event, whichever door it came through.

    `dedupe_key` is the same for every delivery of one message and for no other message (contract §9).
    `text` is what was written, said (recognised voice) or, for an event, empty.
    """

    channel: Channel
    dedupe_key: str
    sender: str
    """openid, or WeCom userid."""
    type: str
    """text, image, voice, video, shortvideo, location, link, file, mixed, or event."""
    sent_at: datetime
    platform_id: str | None = None
    """MsgId or msgid; None for events of the official account."""
    text: str = ""
    event: str = ""
    """Lower-cased event name: subscribe, unsubscribe, scan, click, location, …; empty for messages."""
    event_key: str = ""
    """Scene without `qrscene_`, or the menu key."""
    media_id: str = ""
    position: Position | None = None
    chat_id: str = ""
    """WeCom group chat; empty in a single chat and for residents."""
    quote: str = ""
    """Text of the message the sender quoted; empty when nothing was quoted."""
    menu_item: str = ""
    """bizmsgmenuid: the id of a tapped menu-message item."""
    details: dict[str, str] = field(default_factory=dict)
    """What else the event said, as flat text, for the record."""


@dataclass(frozen=True, slots=True)
class Reply:
    """回复: the answer that leaves in the same HTTP response; empty text means silence."""

    text: str = ""

    def __bool__(self) -> bool:
        return bool(self.text)


class Desk(Protocol):
    """接待台: what a door hands its messages to. Every call is one transaction of its own.

    Any method may raise `StorageFailed`: the door answers 503 and nothing is kept.
    """

    def receive(self, inbound: Inbound) -> Reply:
        """Answer one message; a repeat (same dedupe_key) gets the same answer. Never raises on content."""
        ...

    def quarantine(self, channel: Channel, raw: bytes, error: str) -> None:
        """Keep what was signed but could not be read, once per body."""
        ...

    def first_use(self, signature: str, body: bytes) -> bool:
        """False when this signature was already seen with another body: a replay (finding 6, TH02)."""
        ...


class StorageFailed(Exception):
    """The database did not answer in time; the platform may deliver again."""


class Unclear(Exception):
    """听不懂: an answer a question cannot use; its text is the re-ask."""


class DeliveryFailed(Exception):
    """A send that did not succeed, and what the outbox may do about it.

    `permanent`: never try this row again. `unknown`: it may have arrived (timeout, cut answer, HTTP 5xx).
    Neither: it certainly did not arrive and may be tried again, not before `retry_after` seconds.
    `code` is the platform's errcode or a short word (`circuit_open`, `connect`, …). The message never
    contains a token, a secret or a webhook key.
    """

    def __init__(
        self,
        message: str,
        *,
        code: int | str = "",
        permanent: bool = False,
        unknown: bool = False,
        retry_after: float = 0,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.permanent = permanent
        self.unknown = unknown
        self.retry_after = retry_after


class TokenStore(Protocol):
    """凭证: the access token every process shares (one database row).

    `claim_refresh` is true for one caller at most every `every_seconds`, over all processes, so that a bad
    secret costs at most two token calls a minute (reliability.md §8).
    """

    def load(self) -> tuple[str, datetime] | None:
        """Token and the moment it expires (UTC), or None."""
        ...

    def claim_refresh(self, stale: str | None, every_seconds: float) -> bool:
        """True if the caller may fetch now. False: another has just done so, or has just failed."""
        ...

    def save(self, token: str, expires_at: datetime) -> None: ...
