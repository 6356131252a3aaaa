"""Recurrence 重复: how a reminder recurs: a rule, its next days, and its words. Pure.

A day that a month does not have (31, 30 in February, 三十 of a short lunar month, 2/29) is that month's last day. Lunar
dates are those of the regular month, never of a leap month.
"""

from calendar import monthrange
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.lunar import FESTIVALS, LAST_YEAR, festival, lunar_date

Works = Callable[[date], bool]
"""Is this a working day? Holidays and make-up days (调休) are known there."""

ONCE, DAY, WEEK, MONTH, YEAR, WORKDAY, FIRST, LAST, LUNAR, FESTIVAL = (
    "once", "day", "week", "month", "year", "workday", "first_workday", "last_workday", "lunar", "festival",
)  # fmt: skip
KINDS = (ONCE, DAY, WEEK, MONTH, YEAR, WORKDAY, FIRST, LAST, LUNAR, FESTIVAL)
NINE = time(9)
MOST_OFFSET = 60


@dataclass(frozen=True)
class Recurrence:
    """重复规则: on which days, and at what local time."""

    every: str
    at: time = NINE
    on: date | None = None
    """The day of `once`."""
    weekdays: tuple[int, ...] = ()
    """1 = Monday … 7."""
    month: int = 0
    day: int = 0
    """Of a month, a year or a lunar year."""
    name: str = ""
    """Of a festival."""
    offset: int = 0
    """Days after a lunar date or festival; before it when negative."""

    def __post_init__(self) -> None:
        if not self._sound():
            raise ValueError(f"no such rule: {self}")

    def _sound(self) -> bool:
        if self.every == WEEK:
            return bool(self.weekdays) and set(self.weekdays) <= set(range(1, 8))
        if self.every in (YEAR, LUNAR) and not 1 <= self.month <= 12:
            return False
        longest = {MONTH: 31, YEAR: monthrange(2024, self.month or 1)[1], LUNAR: 30}.get(self.every)
        if longest and not 1 <= self.day <= longest:
            return False
        named = self.every != FESTIVAL or self.name in FESTIVALS
        return (
            named and self.every in KINDS and abs(self.offset) <= MOST_OFFSET and (self.every != ONCE or bool(self.on))
        )

    @property
    def recurs(self) -> bool:
        return self.every != ONCE

    @classmethod
    def from_facts(cls, facts: Mapping[str, Any]) -> "Recurrence":
        """As `facts` wrote it. Raises ValueError or KeyError for what is no rule."""
        on = date.fromisoformat(facts["on"]) if facts.get("on") else None
        plain = {name: facts[name] for name in ("month", "day", "name", "offset") if name in facts}
        weekdays = tuple(facts.get("weekdays", ()))
        return cls(facts["every"], time.fromisoformat(facts["at"]), on, weekdays, **plain)

    def facts(self) -> dict[str, Any]:
        """Plain JSON, without what says nothing."""
        on = self.on.isoformat() if self.on else ""
        optional = {"on": on, "weekdays": list(self.weekdays), "month": self.month, "day": self.day, "name": self.name}
        said = {name: value for name, value in {**optional, "offset": self.offset}.items() if value}
        return {"every": self.every, "at": f"{self.at:%H:%M}", **said}


def days_of(rule: Recurrence, start: date, works: Works) -> Iterator[date]:
    """The rule's days from `start` on, in order; the calendar of lunar dates ends with 2100."""
    yield from (day for day in _DAYS[rule.every](rule, start, works) if day >= start)


def moments_after(rule: Recurrence, after: datetime, zone: ZoneInfo, works: Works) -> Iterator[datetime]:
    """The rule's moments later than `after`, in order."""
    for day in days_of(rule, after.astimezone(zone).date(), works):
        moment = datetime.combine(day, rule.at, zone)
        if moment > after:
            yield moment


def _once(rule: Recurrence, _start: date, _works: Works) -> Iterator[date]:
    assert rule.on
    yield rule.on


def _every_day(rule: Recurrence, start: date, works: Works) -> Iterator[date]:
    """Days one after the other, as long as they are few enough to look at each."""
    day, idle = start, 0
    while day.year <= LAST_YEAR and idle < 400:
        wanted = rule.every == DAY or (day.isoweekday() in rule.weekdays if rule.every == WEEK else works(day))
        idle = 0 if wanted else idle + 1
        if wanted:
            yield day
        day += timedelta(days=1)


def _months(start: date) -> Iterator[tuple[int, int]]:
    for count in range(start.year * 12 + start.month - 1, (LAST_YEAR + 1) * 12):
        yield count // 12, count % 12 + 1


def in_month(year: int, month: int, day: int) -> date:
    """The day of the month, or the month's last."""
    return date(year, month, min(day, monthrange(year, month)[1]))


def _every_month(rule: Recurrence, start: date, _works: Works) -> Iterator[date]:
    return (in_month(year, month, rule.day) for year, month in _months(start))


def _every_year(rule: Recurrence, start: date, _works: Works) -> Iterator[date]:
    return (in_month(year, rule.month, rule.day) for year in range(start.year, LAST_YEAR + 1))


def _edge_of_month(rule: Recurrence, start: date, works: Works) -> Iterator[date]:
    """The first or last working day of every month that has one."""
    for year, month in _months(start):
        days = [date(year, month, day) for day in range(1, monthrange(year, month)[1] + 1)]
        ordered = days if rule.every == FIRST else reversed(days)
        if found := next(filter(works, ordered), None):
            yield found


def _lunar(rule: Recurrence, start: date, _works: Works) -> Iterator[date]:
    """A lunar year begins in January or February: its last months belong to the next solar year."""
    for year in range(start.year - 2, LAST_YEAR):
        base = festival(rule.name, year) if rule.every == FESTIVAL else lunar_date(year, rule.month, rule.day)
        yield base + timedelta(days=rule.offset)


_DAYS: dict[str, Callable[[Recurrence, date, Works], Iterator[date]]] = {
    ONCE: _once, DAY: _every_day, WEEK: _every_day, WORKDAY: _every_day, MONTH: _every_month, YEAR: _every_year,
    FIRST: _edge_of_month, LAST: _edge_of_month, LUNAR: _lunar, FESTIVAL: _lunar,
}  # fmt: skip
