"""Quiet hours 免打扰: when nothing goes out that can wait."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.config import QuietHours


def quiet_until(hours: QuietHours, now: datetime, zone: ZoneInfo) -> datetime | None:
    """The end of the quiet hours that `now` lies in; None outside them. Equal start and end: there are none."""
    start, end, local = time.fromisoformat(hours.start), time.fromisoformat(hours.end), now.astimezone(zone)
    clock = local.time()
    quiet = start <= clock < end if start < end else (clock >= start or clock < end) and start != end
    if not quiet:
        return None
    day = local.date() + timedelta(days=1 if clock >= end else 0)
    return datetime.combine(day, end, zone)
