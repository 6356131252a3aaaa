"""The announcement with its cover: as an article 图文 for a mass message, and as a card 卡片 for a customer-service message.

Neither says less than the words alone: what does not fit stays words.
"""

import html
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.config import Settings
from bot.notices.of_announcements import title_of
from models.announcement import Announcement
from models.cover import Cover

MOST_TITLE, MOST_DIGEST = 32, 120
"""Characters the platform takes of an article's title and of its summary."""
CARD_BYTES = 512
COVER_PATH = "/cover/"
_RECEIPT = "收到请在公众号里回复1（已阅）。"
_WAY_OUT = "不想再收公告，请在公众号里回复“退订”。"


@dataclass(frozen=True, slots=True)
class Card:
    """图文卡片: title, words, where a tap leads, and the address of the picture."""

    title: str
    description: str
    url: str
    picture: str


def article_of(announcement: Announcement, settings: Settings, thumb: str) -> dict[str, object]:
    """What `/cgi-bin/draft/add` takes: the whole text, however long, below its full title when that was cut."""
    title, hint = title_of(announcement), ["详情请点“阅读原文”。"] if announcement.link else []
    lines = [*announcement.body.split("\n"), *hint, *_facts(announcement, settings)]
    short = title if len(title) <= MOST_TITLE else f"{title[: MOST_TITLE - 1]}…"
    lines = lines if short == title else [title, *lines]
    content = "".join(f"<p>{html.escape(line, quote=False)}</p>" for line in lines if line.strip())
    digest = " ".join(announcement.body.split())
    return {
        "article_type": "news", "title": short, "author": settings.deployment.name[:16], "content": content,
        "digest": digest if len(digest) <= MOST_DIGEST else f"{digest[: MOST_DIGEST - 1]}…",
        "content_source_url": announcement.link, "thumb_media_id": thumb,
        "need_open_comment": 0, "only_fans_can_comment": 0,
    }  # fmt: skip


def _facts(announcement: Announcement, settings: Settings) -> list[str]:
    until = announcement.valid_until.astimezone(settings.deployment.zone) if announcement.valid_until else None
    valid = [f"有效期到{until:%-m月%-d日 %H:%M}。"] if until else []
    return [*valid, *([_RECEIPT] if announcement.wants_receipt else []), _WAY_OUT]


def card_of(session: Session, announcement: Announcement, settings: Settings) -> Card | None:
    """The card of a customer-service message; None when it goes in words only (`why_no_card`)."""
    if not announcement.cover or why_no_card(announcement, settings):
        return None
    query = select(Cover.token, Cover.kind).where(Cover.sha256 == announcement.cover)
    if not (cover := session.execute(query).first()):
        return None
    picture = f"{settings.deployment.public_url.rstrip('/')}{COVER_PATH}{cover.token}.{cover.kind.partition('/')[2]}"
    return Card(title_of(announcement), _description(announcement, settings), announcement.link, picture)


def why_no_card(announcement: Announcement, settings: Settings) -> str:
    """Why the cover does not go with a customer-service message; empty when it does."""
    if not announcement.link:
        return "no_link"
    if not settings.deployment.public_url.startswith("https://"):
        return "no_public_url"
    return "" if len(_description(announcement, settings).encode()) <= CARD_BYTES else "too_long"


def _description(announcement: Announcement, settings: Settings) -> str:
    return "\n".join([announcement.body, *_facts(announcement, settings)])
