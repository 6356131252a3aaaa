"""The article 图文 of an announcement with a cover: picture and draft are made step by step, and go on after a crash.

The picture becomes permanent material of the account, once for each picture. A draft disappears from the platform with
the mass message that used it (protocol.md §2.6), so every mass call has its own, made just before the chunk is formed.
Each step is counted before its call: one whose outcome stays unknown is repeated a few times and no more, then the
announcement goes in words alone. A picture holds up no news.
`announcement.article`: draft (ready, not used), tries, pauses, next_at, lost (drafts that vanished), given_up (why in words).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from bot.announcing.article import article_of
from bot.config import Settings
from bot.ladder import chunks
from bot.message import DeliveryFailed
from models.announcement import Announcement, MassChunk
from models.cover import Cover, content_of

PICTURE, DRAFT, WAIT = "picture", "draft", "wait"
MOST_TRIES = 3
"""Of a step whose outcome stays unknown: so many drafts nobody needs there can be at most."""
MOST_LOST = 2
LEASE = timedelta(seconds=60)
"""Longer than a call: whoever finds a step begun and not ended lets it be for so long."""
PAUSES = (timedelta(seconds=5), timedelta(minutes=1), timedelta(minutes=5))
"""Between two tries; seldom, for the same platform carries the news of tickets."""
PATIENCE = timedelta(minutes=30)
"""So long after its time an announcement waits for its picture; an urgent one not at all."""
BAD_MEDIA = 40007


@dataclass(frozen=True)
class Making:
    """图文步骤: the next call: upload the picture, add the draft, or wait."""

    announcement: int
    step: str
    cover: str = ""
    kind: str = ""
    content: bytes = b""
    article: Mapping[str, object] = field(default_factory=dict)


def begin(session: Session, settings: Settings, announcement: Announcement, now: datetime) -> Making | None:
    """The step to take before the next chunk is formed, counted already; None when the chunk may be formed."""
    made = announcement.article
    if not announcement.cover or made.get("draft") or made.get("given_up"):
        return None
    if not chunks.wanted(session, announcement, now):
        return None
    if (waits := made.get("next_at")) and datetime.fromisoformat(waits) > now:
        return Making(announcement.id, WAIT)
    cover, tries = session.get_one(Cover, announcement.cover), made.get("tries", 0)
    content = b"" if cover.media_id else content_of(session, cover.sha256)
    if why := "tries" if tries >= MOST_TRIES else "cover_changed" if content is None else "":
        give_up(announcement, why)
        return None
    announcement.article = {**made, "tries": tries + 1, "next_at": (now + LEASE).isoformat()}
    if cover.media_id:
        article = article_of(announcement, settings, cover.media_id)
        return Making(announcement.id, DRAFT, cover.sha256, article=article)
    return Making(announcement.id, PICTURE, cover.sha256, cover.kind, content or b"")


def made(session: Session, making: Making, media_id: str) -> None:
    """The platform has it: the next step begins afresh."""
    announcement = session.get_one(Announcement, making.announcement, with_for_update=True)
    rest = {key: value for key, value in announcement.article.items() if key not in ("tries", "pauses", "next_at")}
    if making.step == PICTURE:
        session.get_one(Cover, making.cover, with_for_update=True).media_id = media_id
    else:
        rest["draft"] = media_id
    announcement.article = rest


def failed(session: Session, making: Making, failure: DeliveryFailed, now: datetime) -> None:
    """Later, once more; or in words alone when it can never be, or the news cannot wait."""
    announcement = session.get_one(Announcement, making.announcement, with_for_update=True)
    made = announcement.article
    late = announcement.urgent_reason or now > (announcement.send_at or now) + PATIENCE
    if making.step == DRAFT and failure.code == BAD_MEDIA and not late:
        session.get_one(Cover, making.cover, with_for_update=True).media_id = ""  # somebody deleted it over there
        _lost(announcement, failure)
    elif failure.permanent or late:
        give_up(announcement, f"errcode:{failure.code}")
    else:
        tries = made["tries"] if failure.unknown else made["tries"] - 1  # it certainly made nothing
        pauses = made.get("pauses", 0)
        pause = max(PAUSES[min(pauses, len(PAUSES) - 1)], timedelta(seconds=failure.retry_after))
        next_at = (now + pause).isoformat()
        announcement.article = {**made, "tries": tries, "pauses": pauses + 1, "next_at": next_at}


def ready(session: Session, announcement: Announcement, now: datetime) -> bool:
    """May a chunk be formed: no picture, its draft is there, it goes in words, or nobody would get it anyway?"""
    done = not announcement.cover or announcement.article.get("draft") or in_words(announcement)
    return bool(done) or not chunks.wanted(session, announcement, now)


def take(announcement: Announcement, chunk: MassChunk) -> None:
    """The ready draft belongs to this chunk from its first call on, and is repeated with it."""
    if not chunk.counts["calls"] and (draft := announcement.article.get("draft")):
        chunk.counts = {**chunk.counts, "draft": draft}
        announcement.article = {key: value for key, value in announcement.article.items() if key != "draft"}


def draft_of(chunk: MassChunk) -> str:
    """The media id the mass call sends; empty: words."""
    draft: str = chunk.counts.get("draft", "")
    return draft


def refused(session: Session, chunk: MassChunk, failure: DeliveryFailed, now: datetime) -> bool:
    """The mass call certainly made no message. True when that was for want of its draft, and the chunk is dealt with."""
    announcement = session.get_one(Announcement, chunk.announcement_id, with_for_update=True)
    if not (draft := draft_of(chunk)):
        return False
    if failure.code != BAD_MEDIA:
        announcement.article = {**announcement.article, "draft": draft}  # unused, good for the next one
        return False
    if chunk.counts["calls"] > 1:
        chunks.unknown(session, chunk, now)  # a draft goes with its message: the call nobody answered had made it
        return True
    chunks.dissolve(session, chunk, now, now)
    _lost(announcement, failure)
    return True


def _lost(announcement: Announcement, failure: DeliveryFailed) -> None:
    lost = announcement.article.get("lost", 0) + 1
    announcement.article = {"lost": lost}
    if lost >= MOST_LOST:
        give_up(announcement, f"errcode:{failure.code}")


def give_up(announcement: Announcement, why: str) -> None:
    """In words from now on; the reason stays to be shown."""
    announcement.article = {"given_up": why[:100]}


def in_words(announcement: Announcement) -> str:
    """Why the mass message goes without its picture; empty when it does not."""
    why: Any = announcement.article.get("given_up", "")
    return str(why)
