"""Appointments 约定: a time a worker names to the resident, and the reminders of both sides that follow from it."""

import re
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from bot.config import Settings
from bot.ladder.quiet import quiet_until
from bot.recurrence import ONCE, Recurrence
from bot.when import When, when_said
from models.reminder import APPOINTMENT, add_reminder, drop_appointments
from models.ticket import Ticket

SPEAKING = ("accept", "reply")
"""Moves whose words go to the resident and may name a time."""
MOST_AHEAD = timedelta(days=30)
EVENING = time(19)
RESIDENT_BEFORE, GROUP_BEFORE = timedelta(hours=2), timedelta(hours=1)
_COMES = re.compile(r"上门|过来|过去|[来到去见约看修换装]")
_PAST = re.compile(r"昨天|前天|刚才|上次|已经|去过|来过|到过")
_HOUR = re.compile(r"(?:上午|早上|中午|下午|傍晚|晚上)?\s*[0-9一二两三四五六七八九十]{1,3}(?:[点时]|[:：]\d\d)")
_BEFORE = re.compile(r"(?:[点时]|半|刻|分|[:：]\d\d)(?:钟)?(?:之|以)?前")


def time_agreed(words: str, now: datetime, zone: ZoneInfo) -> datetime | None:
    """明天下午三点上门 → that moment; None for a deadline (五点前), for the past, or when nobody comes."""
    if not _COMES.search(words) or _PAST.search(words) or _BEFORE.search(words):
        return None
    said = when_said(words, now, zone)
    if said is None and (hour := _HOUR.search(words)):
        said = when_said(f"今天{words[hour.start() :]}", now, zone)
    if said is None or not said.has_hour:
        return None
    moment = _by_day(said, words)
    return moment if now < moment <= now + MOST_AHEAD else None


def _by_day(said: When, words: str) -> datetime:
    """Nobody visits at three in the night: 三点 is the afternoon."""
    early = said.moment.hour < 7 and not re.search(r"凌晨|清早|早上|上午|[:：]", words)
    return said.moment + timedelta(hours=12) if early and said.moment.hour else said.moment


def hear(
    session: Session, settings: Settings, ticket: Ticket, action: str, words: str, now: datetime
) -> datetime | None:
    """Keep the time a worker has just named, instead of any they named before."""
    at = time_agreed(words, now, settings.deployment.zone) if action in SPEAKING else None
    if at is None:
        return None
    drop_appointments(session, ticket.number)
    moments = list(_moments(settings, at, now))
    for index, (side, moment) in enumerate(moments):
        until = next((other for name, other in moments[index + 1 :] if name == side), at)
        audience = {"side": side, "at": at.isoformat(), "until": until.isoformat()}
        rule = Recurrence(ONCE, moment.time().replace(second=0, microsecond=0), moment.date())
        add_reminder(
            session, now, kind=APPOINTMENT, text=f"#{ticket.number}", rule=rule.facts(), next_at=moment, by="",
            resident_id=ticket.resident_id, ticket=ticket.number, audience=audience,
        )  # fmt: skip
    return at


def _moments(settings: Settings, at: datetime, now: datetime) -> Iterator[tuple[str, datetime]]:
    """The evening before and two hours before for the resident, one hour before for the group; none in quiet hours."""
    zone = settings.deployment.zone
    local = at.astimezone(zone)
    evening = datetime.combine(local.date() - timedelta(days=1), EVENING, zone)
    wanted = (("resident", evening), ("resident", local - RESIDENT_BEFORE), ("group", local - GROUP_BEFORE))
    for side, moment in wanted:
        if moment > now and not quiet_until(settings.quiet_hours, moment, zone):
            yield side, moment
