"""Working time against a slow reference that walks minute by minute; and the examples an office would check by hand."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from models.working_time import WorkingTime, periods_from
from simulator.street import DAYS_OFF, MAKE_UP_DAYS

SHANGHAI = ZoneInfo("Asia/Shanghai")
PERIODS = periods_from(["09:00-12:00", "13:30-17:30"])
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
OFFICE = WorkingTime(PERIODS, (1, 2, 3, 4, 5), SHANGHAI)

days = st.one_of(
    st.dates(date(2026, 1, 1), date(2026, 12, 31)),
    st.sampled_from([date(2026, 2, 13), date(2026, 2, 28), date(2026, 9, 30), date(2026, 12, 31), date(2028, 2, 29)]),
)
moments = st.builds(datetime.combine, days, st.times().map(lambda t: t.replace(second=0, microsecond=0)))
exact_moments = st.builds(datetime.combine, days, st.times()).map(lambda m: m.replace(tzinfo=SHANGHAI))
minutes = st.integers(1, 3 * 420)
edited = st.dictionaries(days, st.sampled_from(["holiday", "workday"]), max_size=6)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def office(different: Mapping[date, str]) -> WorkingTime:
    return WorkingTime(PERIODS, (1, 2, 3, 4, 5), SHANGHAI, different)


def worked(working: WorkingTime, minute: datetime) -> bool:
    return working.works(minute.date()) and any(start <= minute.time() < end for start, end in PERIODS)


def slowly_after(working: WorkingTime, moment: datetime, left: int) -> datetime:
    while left:
        left -= worked(working, moment)
        moment += MINUTE
    return moment


def slowly_between(working: WorkingTime, moment: datetime, end: datetime) -> int:
    count = 0
    while moment < end:
        count += worked(working, moment)
        moment += MINUTE
    return count


def test_the_year_2026_is_worked_as_the_state_council_says() -> None:
    off = [(date.fromisoformat(first), date.fromisoformat(last)) for first, last in DAYS_OFF.values()]
    made_up = {date.fromisoformat(day) for given_days in MAKE_UP_DAYS.values() for day in given_days}

    for day in (date(2026, 1, 1) + timedelta(days=n) for n in range(365)):
        free = any(first <= day <= last for first, last in off)
        assert OFFICE.works(day) == (day in made_up or (day.weekday() < 5 and not free)), day


def test_the_imported_calendar_wins_over_the_public_one() -> None:
    changed = office({date(2026, 10, 1): "workday", date(2026, 9, 20): "holiday"})

    assert changed.works(date(2026, 10, 1)) and not changed.works(date(2026, 9, 20))
    assert not OFFICE.works(date(2026, 10, 1)) and OFFICE.works(date(2026, 9, 20))


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2026-11-24 10:00", 1, "2026-11-24 11:00"),
        ("2026-11-24 11:30", 1, "2026-11-24 14:00"),  # over lunch
        ("2026-11-24 12:30", 0.5, "2026-11-24 14:00"),  # filed at lunch
        ("2026-11-24 11:00", 1, "2026-11-24 12:00"),  # ends with the morning, not after lunch
        ("2026-11-24 17:00", 2, "2026-11-25 10:30"),
        ("2026-11-24 03:00", 0.5, "2026-11-24 09:30"),
        ("2026-11-27 17:00", 1, "2026-11-30 09:30"),  # Friday to Monday
        ("2026-02-14 17:00", 1, "2026-02-24 09:30"),  # a worked Saturday, then Spring Festival
        ("2026-09-30 17:00", 14, "2026-10-09 17:00"),  # National Day
        ("2026-10-09 17:00", 1, "2026-10-10 09:30"),  # the Saturday worked for it
        ("2026-12-31 17:00", 1, "2027-01-04 09:30"),  # New Year's Day and a weekend
        ("2028-02-28 17:00", 8, "2028-03-01 09:30"),  # all of 29 February
    ],
)
def test_an_office_would_say_the_same(start: str, hours: float, end: str) -> None:
    amount = timedelta(hours=hours)

    assert OFFICE.after(at(start), amount) == at(end)
    assert OFFICE.between(at(start), at(end)) == amount


@settings(max_examples=60, deadline=None)
@given(moments, minutes, edited)
@example(datetime(2026, 9, 30, 17, 30), 1, {})
@example(datetime(2026, 2, 14, 17, 29), 2, {date(2026, 2, 24): "holiday"})
def test_after_agrees_with_counting_minutes(start: datetime, amount: int, different: dict[date, str]) -> None:
    working = office(different)

    found = working.after(start.replace(tzinfo=SHANGHAI), amount * MINUTE)

    assert found == slowly_after(working, start, amount).replace(tzinfo=SHANGHAI)


@settings(max_examples=60, deadline=None)
@given(moments, st.integers(0, 20 * 24 * 60), edited)
def test_between_agrees_with_counting_minutes(start: datetime, length: int, different: dict[date, str]) -> None:
    working, end = office(different), start + length * MINUTE

    found = working.between(start.replace(tzinfo=SHANGHAI), end.replace(tzinfo=SHANGHAI))

    assert found == slowly_between(working, start, end) * MINUTE


@settings(max_examples=100, deadline=None)
@given(exact_moments, st.timedeltas(timedelta(microseconds=1), timedelta(days=2)))
def test_a_deadline_is_never_early_and_never_late(start: datetime, amount: timedelta) -> None:
    due = OFFICE.after(start, amount)

    assert due - start >= amount
    assert OFFICE.between(start, due) == amount
    assert OFFICE.between(start, due - timedelta(microseconds=1)) < amount


@settings(max_examples=60, deadline=None)
@given(exact_moments, st.timedeltas(MINUTE, DAY), st.timedeltas(MINUTE, DAY))
def test_two_stretches_are_one_long_one(start: datetime, first: timedelta, second: timedelta) -> None:
    assert OFFICE.after(OFFICE.after(start, first), second) == OFFICE.after(start, first + second)


@given(exact_moments, st.timedeltas(timedelta(0), timedelta(days=30)))
@settings(max_examples=40, deadline=None)
def test_nothing_lies_between_a_moment_and_an_earlier_one(moment: datetime, length: timedelta) -> None:
    assert OFFICE.between(moment, moment - length) == timedelta(0)


def test_moments_in_utc_are_understood_and_given_back_in_utc() -> None:
    due = OFFICE.after(datetime(2026, 11, 24, 9, 0, tzinfo=UTC), timedelta(hours=1))

    assert due == datetime(2026, 11, 25, 1, 30, tzinfo=UTC) and due.tzinfo is UTC
    assert OFFICE.local_day(datetime(2026, 11, 23, 23, 0, tzinfo=UTC)) == date(2026, 11, 24)


def test_an_office_that_never_works_is_an_error_and_no_endless_loop() -> None:
    with pytest.raises(ValueError, match="no working time"):
        WorkingTime([(time(9), time(12))], (), SHANGHAI, {}).after(at("2029-01-01 10:00"), MINUTE)


def test_periods_may_be_written_in_any_order_and_never_overlap() -> None:
    assert periods_from(["13:30-17:30", "09:00-12:00"]) == PERIODS
    for wrong in (["12:00-09:00"], ["09:00-12:00", "11:00-13:00"], ["22:00-06:00"], ["09:00-09:00"]):
        with pytest.raises(ValueError, match="periods must"):
            periods_from(wrong)


SHIFTS = WorkingTime(periods_from(["15:00-20:00", "07:00-11:30", "12:00-14:00"]), (1, 2, 3, 4, 5, 6), SHANGHAI)


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2026-11-24 06:00", 5, "2026-11-24 12:30"),
        ("2026-11-24 11:45", 2, "2026-11-24 14:00"),
        ("2026-11-24 19:00", 2, "2026-11-25 08:00"),
        ("2026-11-28 19:30", 1, "2026-11-30 07:30"),  # Saturday is worked, Sunday is not
    ],
)
def test_split_shifts_are_counted_one_after_the_other(start: str, hours: float, end: str) -> None:
    assert SHIFTS.after(at(start), timedelta(hours=hours)) == at(end)
    assert SHIFTS.between(at(start), at(end)) == timedelta(hours=hours)


def test_another_calendar_has_another_fingerprint() -> None:
    same = WorkingTime(list(PERIODS), [5, 4, 3, 2, 1], SHANGHAI, {})
    others = [office({date(2026, 10, 1): "workday"}), SHIFTS, WorkingTime(PERIODS, (1, 2, 3, 4), SHANGHAI)]

    assert same.fingerprint == OFFICE.fingerprint
    assert len({OFFICE.fingerprint, *(other.fingerprint for other in others)}) == 4
