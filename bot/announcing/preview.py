"""Preview 预览: how many would get it, by which way, who would not and why, and what it takes of this month's mass quota."""

import uuid
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot.announcing.article import why_no_card
from bot.config import Settings
from bot.ladder.before_send import put_off
from bot.ladder.choose import MASS, MASS_A_MONTH, MASS_MOST, choose
from bot.ladder.facts import month_of, planned
from bot.notices.of_announcements import to_resident
from models.announcement import Announcement
from models.audience import Audience, areas_of, left_out, recipients_of
from models.cover import Cover
from models.database import Refused
from models.first_look import NO_WAY, ON_THE_WAY, SEEN, Look, group_of_author, look_mark, next_step
from models.outbox import OutboxMessage, promise
from models.person import Person
from models.release import ReleaseRules, answerable, fingerprint_of, look_of

STAFF_NOTE = "staff_note"
"""Kind of an outbox row to a group of staff whose words stand in its facts."""


@dataclass
class Preview:
    """预览: what would happen if it were sent at this moment; nothing is changed by looking."""

    announcement: int
    fingerprint: str
    text: str
    rest: str
    """What does not fit into one message and is told to those who answer 1."""
    recipients: int = 0
    channels: Counter[str] = field(default_factory=Counter)
    passed_over: Counter[str] = field(default_factory=Counter)
    """“channel:reason” of every rung that was passed over on the way to the one taken."""
    unreachable: Counter[str] = field(default_factory=Counter)
    left_out: dict[str, int] = field(default_factory=dict)
    month: str = ""
    mass_used: Counter[int] = field(default_factory=Counter)
    """Recipients of the mass message by how many they have had this month already."""
    cover: str = ""
    """Kind of its picture; empty without one."""
    no_card: str = ""
    """Why the picture does not go with customer-service messages."""
    look: Look = field(default_factory=lambda: Look(NO_WAY))
    """Whether the author was sent these words."""

    @property
    def mass_calls(self) -> int:
        return -(-self.channels[MASS] // MASS_MOST)

    @property
    def mass_last(self) -> int:
        """For how many this is the last mass message of the month."""
        return self.mass_used[MASS_A_MONTH - 1]


def rules_from(settings: Settings, *, by_hand: bool = False) -> ReleaseRules:
    """`by_hand`: a person approves, who has to wait until the author was sent the words for a look."""
    chosen = settings.announcements
    return ReleaseRules(settings.deployment.zone, timedelta(minutes=chosen.delay_minutes), chosen.daily_cap, by_hand)


def preview(session: Session, settings: Settings, announcement: Announcement, now: datetime) -> Preview:
    """Asks the ladder about every recipient, one page of them in memory at a time."""
    zone = settings.deployment.zone
    text, rest = to_resident(announcement, zone)
    found = Preview(announcement.id, fingerprint_of(announcement), text, rest, month=month_of(now, zone))
    if announcement.cover:
        found.cover = session.get_one(Cover, announcement.cover).kind
        found.no_card = why_no_card(announcement, settings)
    found.left_out = left_out(session, announcement)
    with suppress(Refused):  # an author who has left their post has no say, and no group
        found.look = look_of(session, rules_from(settings), announcement, now)
    presses = bool(announcement.urgent_reason) or announcement.wants_receipt
    for _resident, reach in planned(session, settings, recipients_of(announcement), now):
        choice = choose(reach, presses=presses)
        found.recipients += 1
        found.passed_over.update(f"{channel}:{reason}" for channel, reason in choice.skipped)
        if choice.channel:
            found.channels[choice.channel] += 1
        else:
            found.unreachable[choice.reason] += 1
        if choice.channel == MASS:
            found.mass_used[reach.mass_used] += 1
    return found


def send_to_author(session: Session, settings: Settings, announcement: Announcement, now: datetime) -> Look:
    """The text as residents would read it, to the group of the author's own area. Raises Refused.

    Staff have no openid, so what they see is the text, not the message. One that is on its way is not sent again. The
    announcement's row is held by the caller.
    """
    look = look_of(session, rules_from(settings), announcement, now)
    if look.state == NO_WAY:
        raise Refused(next_step(announcement, look))
    if look.state == ON_THE_WAY:
        return look
    text, rest = to_resident(announcement, settings.deployment.zone)
    words = (
        f"【试发】公告 {announcement.id}，请起草人{announcement.author_key}看，还没有批准：\n{text}"
        + (f"\n（回复1后的后文）{rest}" if rest else "")
        + ("\n（带封面图：群发是图文，有链接的客服消息是卡片）" if announcement.cover else "")
    )
    key = f"{look_mark(announcement, fingerprint_of(announcement))}{uuid.uuid4().hex[:12]}"
    _tell_staff(session, settings, announcement, key, words, now)
    if look.state != SEEN:
        announcement.look_key = key
    session.flush()
    return look_of(session, rules_from(settings), announcement, now)


def tell_of_approval(
    session: Session, settings: Settings, announcement: Announcement, frozen: int, now: datetime
) -> None:
    """The author's group learns at once what leaves soon, and how to stop it (TH42: a stolen account is noticed)."""
    approver = session.get(Person, announcement.approver_key) if announcement.approver_key else None
    words = (
        f"公告 {announcement.id} “{announcement.title}”已由{approver.name if approver else '另一位同事'}批准，"
        f"{begins_words(announcement, settings)} 起发给{frozen}人。\n"
        f"不对就撤回：flask announce withdraw {announcement.id} --as 您的key"
    )
    key = f"a{announcement.id}:approved:{announcement.fingerprint[:16]}:{now.timestamp():.0f}"
    try:
        _tell_staff(session, settings, announcement, key, words, now)
    except Refused:
        return  # no group to tell; the audit trail has it


def begins_words(announcement: Announcement, settings: Settings) -> str:
    """The moment sending begins, in local words; never within the quiet hours."""
    if not announcement.send_at:
        return ""
    begins = put_off(announcement, settings, announcement.send_at) or announcement.send_at
    return f"{begins.astimezone(settings.deployment.zone):%-m月%-d日 %H:%M}"


def _tell_staff(
    session: Session, settings: Settings, announcement: Announcement, key: str, words: str, now: datetime
) -> OutboxMessage:
    areas = areas_of(session, Audience.from_facts(announcement.audience))
    own = answerable(session, announcement.author_key, areas, rules_from(settings).day(now))
    group = group_of_author(session, own)
    if not group:
        raise Refused("起草人的辖区和上级都没有可用的群。")
    facts = {"text": words, "announcement": announcement.id}
    return promise(session, now, key=key, kind=STAFF_NOTE, channel="group_push", target=group.chat_id, facts=facts)
