"""When a reminder is due next: its rule, working days of this place, and the quiet hours."""

from datetime import datetime, timedelta

from bot.ladder.quiet import quiet_until
from bot.office import Office
from bot.recurrence import Recurrence, moments_after
from bot.recurrence_words import rule_words
from bot.times import moment_words
from models.reminder import Reminder

GRACE = timedelta(hours=24)
"""A reminder later than this is none any more."""
NOT_ALWAYS = "微信有限制：您超过48小时没发消息，提醒可能发不出去。隔一两天回一句“我的提醒”，就能收到。"


def next_times(office: Office, rule: Recurrence, after: datetime, count: int) -> list[datetime]:
    """The next moments later than `after`; one in the quiet hours is moved to their end."""
    zone, found = office.settings.deployment.zone, list[datetime]()
    for moment in moments_after(rule, after, zone, office.promises.working.works):
        moved = quiet_until(office.settings.quiet_hours, moment, zone) or moment
        if moved not in found:
            found.append(moved)
        if len(found) == count:
            break
    return found


def next_time(office: Office, rule: Recurrence, after: datetime) -> datetime | None:
    return next(iter(next_times(office, rule, after, 1)), None)


def due_time(office: Office, reminder: Reminder, now: datetime) -> datetime | None:
    """The latest moment that has come and is not too long ago; earlier ones that were missed are left out."""
    rule, due = Recurrence.from_facts(reminder.rule), reminder.next_at
    if due and now - due > GRACE:
        due = next_time(office, rule, now - GRACE)
    if not due or due > now:
        return None
    while (following := next_time(office, rule, due)) and following <= now:
        due = following
    return due


def line_of_reminder(office: Office, reminder: Reminder, now: datetime) -> str:
    """每月5日 09:00 交物业费，下次 12月5日 09:00."""
    upcoming = reminder.next_at
    then = f"，下次 {moment_words(upcoming, now, office.settings.deployment.zone)}" if upcoming else ""
    return f"{rule_words(Recurrence.from_facts(reminder.rule))} {reminder.text}{then}"
