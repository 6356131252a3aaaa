"""Notices: (what happened, who reads it) → the words. The outbox row holds the facts, the words are made here.

Residents read who says what and what to do next. Groups read a card whose first line has `#NUMBER` and the matter;
nothing a resident wrote can mention anybody, and no phone, door, full name or openid gets through (contract §8).
"""

from bot.notices.digest import digest
from bot.notices.notice import Notice, notice_of
from bot.notices.to_follower import TO_FOLLOWER
from bot.notices.to_group import TO_GROUP
from bot.notices.to_resident import TO_RESIDENT
from bot.notices.together import together

__all__ = [
    "TO_FOLLOWER",
    "TO_GROUP",
    "TO_RESIDENT",
    "Notice",
    "digest",
    "notice_of",
    "overtaken",
    "together",
    "words_of",
]

OVERTAKEN = {"handle": "handled", "need_info": "need_info", "warn": "need_info"}
"""A question makes sense only while the ticket still waits for its answer."""


def overtaken(notice: Notice) -> bool:
    """Held or delayed until the resident had answered already: asking again would only confuse."""
    waits = OVERTAKEN.get(notice.row.kind) if notice.row.channel == "official_account" else None
    return waits is not None and notice.ticket.status != waits


def words_of(notice: Notice) -> str:
    """The text of one row. Raises KeyError for a kind nobody wrote words for: a poisoned row."""
    if notice.row.channel != "official_account":
        return TO_GROUP[notice.row.kind](notice)
    table = TO_FOLLOWER if notice.row.facts.get("follower") else TO_RESIDENT
    return table[notice.row.kind](notice)
