"""First look 试看: the author sees the words as they stand, sent the way they will be sent, before anybody approves them.

Staff have no openid (a person of the roster is linked to no follower), so the way to an author is the group of the area
they answer for. Only what the platform said it delivered counts; editing voids it, for it is bound to the fingerprint.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.announcement import Announcement
from models.area import Group, group_of_area
from models.database import Refused
from models.outbox import OutboxMessage

NONE, ON_THE_WAY, SEEN, LOST, NO_WAY = "none", "on_the_way", "seen", "lost", "no_way"
MOST_REASON = 200
URGENT = "urgent"


@dataclass(frozen=True)
class Look:
    """试看: whether the author has had the words as they stand: none yet, on_the_way, seen, lost, or no_way to them."""

    state: str
    group: str = ""
    """The name of the group it goes to."""


def look_mark(announcement: Announcement, fingerprint: str) -> str:
    """How the keys of all looks at these very words begin."""
    return f"a{announcement.id}:preview:{fingerprint[:16]}:"


def group_of_author(session: Session, areas: Sequence[str]) -> Group | None:
    """The group that can be pushed to, of the areas by which the author speaks, or above them."""
    return next((group for area in areas if (group := group_of_area(session, area))), None)


def look_at(session: Session, announcement: Announcement, fingerprint: str, areas: Sequence[str]) -> Look:
    """How far the look at the words of this fingerprint has come. `areas`: by which the author may speak."""
    group = group_of_author(session, areas)
    state = _state(session, announcement, fingerprint)
    if state == SEEN or group:
        return Look(state, group.name or group.chat_id if group else "")
    return Look(NO_WAY)


def _state(session: Session, announcement: Announcement, fingerprint: str) -> str:
    if not announcement.look_key.startswith(look_mark(announcement, fingerprint)):
        return NONE
    query = select(OutboxMessage.state, OutboxMessage.next_try_at)
    row = session.execute(query.where(OutboxMessage.dedupe_key == announcement.look_key)).first()
    if not row:
        return LOST
    if row.state == "sent":
        return SEEN
    return ON_THE_WAY if row.state == "sending" or row.next_try_at else LOST


def require_look(announcement: Announcement, look: Look, reason: str) -> str:
    """Empty when the author has seen it, else why it is released unseen. Raises Refused with the next step."""
    reason = reason.strip()
    if look.state == SEEN:
        return ""
    if announcement.urgent_reason:
        return reason or URGENT
    if look.state in (NO_WAY, LOST) and reason:
        if len(reason) > MOST_REASON:
            raise Refused(f"没有试看的原因最多{MOST_REASON}字。")
        return reason
    raise Refused(next_step(announcement, look))


def next_step(announcement: Announcement, look: Look) -> str:
    """What has to be done before it can be approved; empty when nothing has."""
    return _NEXT_STEP.get(look.state, "").format(number=announcement.id, group=look.group)


_NEXT_STEP = {
    NONE: "起草人还没有看过现在这份内容。请先试发：flask announce preview {number} --send-to-me，“{group}”收到后再批准。",
    ON_THE_WAY: "试发还在路上（由 flask work 送到“{group}”），送到后再批准。",
    LOST: "试发没有确认送到“{group}”。请再试发一次：flask announce preview {number} --send-to-me；"
    "确实收不到，写明原因批准：flask announce approve {number} --unseen-reason 原因。",
    NO_WAY: "起草人的辖区和上级都没有可用的群，收不到试发。请先给群配好 webhook（groups.csv 的 webhook_key，再 flask import）"
    "然后试发；来不及就写明原因批准：flask announce approve {number} --unseen-reason 原因。",
}  # fmt: skip
