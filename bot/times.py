"""Moments in words a resident reads: 今天 15:30, 明天 09:00, 11月24日 18:00."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo


def moment_words(moment: datetime, now: datetime, zone: ZoneInfo) -> str:
    """Local time, with the day in words when it is near."""
    local, today = moment.astimezone(zone), now.astimezone(zone).date()
    near = {today: "今天", today + timedelta(days=1): "明天", today + timedelta(days=2): "后天"}
    day = near.get(local.date(), f"{local.month}月{local.day}日")
    return f"{day} {local:%H:%M}"
