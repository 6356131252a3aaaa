"""Working time 工作时间: when office minutes pass, with Chinese holidays and make-up days (调休).

All arithmetic is over whole local days of the deployment's time zone; a working day is the sum of its periods.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cached_property, lru_cache
from importlib.metadata import version
from zlib import crc32
from zoneinfo import ZoneInfo

import holidays
from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from models.database import Record


class CalendarDay(Record):
    """日历: one day that differs from the rule, as the yearly notice of the State Council says."""

    __tablename__ = "calendar"
    day: Mapped[date] = mapped_column("date", primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    """holiday or workday."""
    note: Mapped[str] = mapped_column(String(100), default="")


@lru_cache(maxsize=16)
def _public(year: int) -> tuple[frozenset[date], frozenset[date]]:
    """Statutory days off of a year, and its weekend days that are worked instead."""
    china = holidays.country_holidays("CN", years=year)
    return frozenset(china), frozenset(getattr(china, "weekend_workdays", ()))


@dataclass(frozen=True)
class WorkingTime:
    """工作时间: periods of a working day, weekdays (1 = Monday), the zone, and the days that differ."""

    periods: Sequence[tuple[time, time]]
    weekdays: Sequence[int]
    zone: ZoneInfo
    different: Mapping[date, str] = field(default_factory=dict)

    @cached_property
    def fingerprint(self) -> int:
        """Other hours, other days, or a newer list of holidays: another number (31 bits)."""
        days = sorted((day.isoformat(), kind) for day, kind in self.different.items())
        hours = [(start.isoformat(), end.isoformat()) for start, end in self.periods]
        said = (hours, sorted(self.weekdays), self.zone.key, days, version("holidays"))
        return crc32(repr(said).encode()) & 0x7FFFFFFF

    def local_day(self, moment: datetime) -> date:
        """The day it is in the deployment's zone: postings and holidays go by it."""
        return moment.astimezone(self.zone).date()

    def works(self, day: date) -> bool:
        if day in self.different:
            return self.different[day] == "workday"
        off, made_up = _public(day.year)
        return day in made_up or (day not in off and day.isoweekday() in self.weekdays)

    @property
    def day_length(self) -> timedelta:
        return sum((_on(date.min, end) - _on(date.min, start) for start, end in self.periods), timedelta())

    def spans(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        """The working spans of one local day."""
        if self.works(day):
            for start, end in self.periods:
                yield _on(day, start, self.zone), _on(day, end, self.zone)

    def after(self, start: datetime, amount: timedelta) -> datetime:
        """The moment at which `amount` of working time has passed since `start`."""
        local, left = start.astimezone(self.zone), amount
        day = local.date()
        for _ in range(4000):
            for opens, closes in self.spans(day):
                begin = max(opens, local)
                if begin < closes:
                    if left <= closes - begin:
                        return (begin + left).astimezone(start.tzinfo)
                    left -= closes - begin
            day += timedelta(days=1)
        raise ValueError("no working time in the next eleven years: check [working_time] and the calendar")

    def between(self, start: datetime, end: datetime) -> timedelta:
        """How much working time lies between two moments; zero when `end` is not later."""
        first, last = start.astimezone(self.zone), end.astimezone(self.zone)
        total, day = timedelta(), first.date()
        while day <= last.date():
            for opens, closes in self.spans(day):
                total += max(min(closes, last) - max(opens, first), timedelta())
            day += timedelta(days=1)
        return total


def _on(day: date, moment: time, zone: ZoneInfo | None = None) -> datetime:
    return datetime.combine(day, moment, zone)


def periods_from(texts: Sequence[str]) -> list[tuple[time, time]]:
    """`["09:00-12:00"]` as pairs of times, in order. Raises ValueError for one that ends before it begins, or overlaps."""
    halves = (text.partition("-") for text in texts)
    periods = sorted((time.fromisoformat(start), time.fromisoformat(end)) for start, _, end in halves)
    moments = [moment for period in periods for moment in period]
    if any(start >= end for start, end in periods) or moments != sorted(moments):
        raise ValueError("periods must end after they begin, on the same day, and not overlap")
    return periods
