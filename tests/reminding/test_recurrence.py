"""Rules and their next dates, against slow references, for the years 2024 to 2035."""

from calendar import monthrange
from datetime import date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import recurrence
from bot.lunar import FESTIVALS
from bot.recurrence import Recurrence, days_of, moments_after
from bot.recurrence_words import rule_said, rule_words
from models.working_time import WorkingTime, periods_from

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 24, 10, tzinfo=ZONE)
WORKING = WorkingTime(periods_from(["09:00-17:30"]), (1, 2, 3, 4, 5), ZONE)
FIRST, LAST = date(2024, 1, 1), date(2035, 12, 31)

days = st.dates(FIRST, LAST)
times = st.builds(time, st.integers(0, 23), st.integers(0, 59))
offsets = st.integers(-60, 60)
rules = st.one_of(
    st.builds(lambda at, on: Recurrence(recurrence.ONCE, at, on), times, st.dates(date(2026, 11, 25), LAST)),
    st.builds(Recurrence, st.sampled_from([recurrence.DAY, recurrence.WORKDAY, recurrence.FIRST, recurrence.LAST]), times),
    st.builds(
        lambda at, chosen: Recurrence(recurrence.WEEK, at, weekdays=tuple(sorted(chosen))),
        times, st.sets(st.integers(1, 7), min_size=1),
    ),
    st.builds(lambda at, day: Recurrence(recurrence.MONTH, at, day=day), times, st.integers(1, 31)),
    st.builds(lambda at, on: Recurrence(recurrence.YEAR, at, month=on.month, day=on.day), times,
              st.dates(date(2024, 1, 1), date(2024, 12, 31))),
    st.builds(lambda at, month, day, offset: Recurrence(recurrence.LUNAR, at, month=month, day=day, offset=offset),
              times, st.integers(1, 12), st.integers(1, 30), offsets),
    st.builds(lambda at, name, offset: Recurrence(recurrence.FESTIVAL, at, name=name, offset=offset),
              times, st.sampled_from(FESTIVALS), offsets),
)  # fmt: skip


def on(rule: Recurrence, start: date, count: int) -> list[date]:
    return list(islice(days_of(rule, start, WORKING.works), count))


@given(rules)
def test_what_is_written_is_understood_as_the_same_rule(rule: Recurrence) -> None:
    said = rule_said(f"{rule_words(rule)} 交物业费", NOW, ZONE)

    assert said and (said.rule, said.rest) == (rule, "交物业费")


@given(rules)
def test_a_rule_survives_being_stored(rule: Recurrence) -> None:
    assert Recurrence.from_facts(rule.facts()) == rule


@given(rules, days)
def test_days_come_in_order_and_none_is_left_out_by_beginning_later(rule: Recurrence, start: date) -> None:
    early = on(rule, start - timedelta(days=400), 900)
    later = on(rule, start, 5)

    assert early == sorted(set(early))
    assert later == [day for day in early if day >= start][: len(later)]
    assert all(day >= start for day in later)


@given(rules, days, times)
def test_the_next_moment_is_later_than_now_and_the_nearest(rule: Recurrence, day: date, clock: time) -> None:
    now = datetime.combine(day, clock, ZONE)
    found = next(moments_after(rule, now, ZONE, WORKING.works), None)

    if found is None:
        assert rule.every == recurrence.ONCE
        return
    assert found > now and found.time() == rule.at
    before = on(rule, day, 1)[0]
    assert found.date() in (before, *on(rule, before + timedelta(days=1), 1))


@given(st.integers(1, 31), days)
def test_a_monthly_day_is_in_every_month_once_or_at_its_end(day: int, start: date) -> None:
    rule = Recurrence(recurrence.MONTH, day=day)
    first = start.replace(day=1)

    found = on(rule, first, 24)

    assert [(d.year, d.month) for d in found] == [
        ((first.year * 12 + first.month - 1 + n) // 12, (first.month - 1 + n) % 12 + 1) for n in range(24)
    ]
    assert all(d.day == min(day, monthrange(d.year, d.month)[1]) for d in found)


def test_the_twenty_ninth_of_february_is_its_last_day_in_common_years() -> None:
    found = on(Recurrence(recurrence.YEAR, month=2, day=29), FIRST, 5)

    assert [f"{day:%Y-%m-%d}" for day in found] == [
        "2024-02-29",
        "2025-02-28",
        "2026-02-28",
        "2027-02-28",
        "2028-02-29",
    ]


@settings(max_examples=30)
@given(days)
def test_working_days_are_those_of_the_calendar(start: date) -> None:
    slow = [start + timedelta(days=n) for n in range(120)]
    worked = [day for day in slow if WORKING.works(day)]

    assert on(Recurrence(recurrence.WORKDAY), start, len(worked)) == worked


@pytest.mark.parametrize("kind, last", [(recurrence.FIRST, False), (recurrence.LAST, True)])
def test_the_edges_of_every_month_are_working_days_with_none_beyond(kind: str, last: bool) -> None:
    for found in on(Recurrence(kind), FIRST, 144):
        month = [date(found.year, found.month, n) for n in range(1, monthrange(found.year, found.month)[1] + 1)]
        assert found == [day for day in month if WORKING.works(day)][-1 if last else 0]


def test_holidays_and_days_made_up_for_count() -> None:
    """National Day 2026: off from 1 to 7 October; Saturday the 10th is worked."""
    found = on(Recurrence(recurrence.WORKDAY), date(2026, 9, 30), 5)

    assert [f"{day:%m-%d}" for day in found] == ["09-30", "10-08", "10-09", "10-10", "10-12"]
    assert on(Recurrence(recurrence.FIRST), date(2026, 10, 1), 1) == [date(2026, 10, 8)]


PUBLISHED = {
    "春节": "2024-02-10 2025-01-29 2026-02-17 2027-02-06 2028-01-26 2029-02-13 2030-02-03 2031-01-23 2032-02-11 2033-01-31"
    " 2034-02-19 2035-02-08",
    "端午": "2024-06-10 2025-05-31 2026-06-19 2027-06-09 2028-05-28 2029-06-16 2030-06-05",
    "中秋": "2024-09-17 2025-10-06 2026-09-25 2027-09-15 2028-10-03 2029-09-22 2030-09-12",
    "重阳": "2024-10-11 2025-10-29 2026-10-18 2027-10-08 2028-10-26",
    "元宵": "2024-02-24 2025-02-12 2026-03-03 2027-02-20",
    "清明": "2024-04-04 2025-04-04 2026-04-05 2027-04-05 2028-04-04",
    "除夕": "2024-02-09 2025-01-28 2026-02-16 2027-02-05 2028-01-25",
    "腊八": "2024-01-18 2025-01-07 2026-01-26 2027-01-15 2028-01-04",
}
"""As the almanac prints them."""


@pytest.mark.parametrize("name", PUBLISHED)
def test_festivals_fall_on_the_days_of_the_almanac(name: str) -> None:
    expected = PUBLISHED[name].split()

    found = on(Recurrence(recurrence.FESTIVAL, name=name), FIRST, len(expected))

    assert [day.isoformat() for day in found] == expected


def test_a_leap_month_brings_no_second_reminder() -> None:
    """2025 has two sixth months: the regular one begins on 25 June."""
    assert on(Recurrence(recurrence.LUNAR, month=6, day=1), date(2025, 1, 1), 2) == [
        date(2025, 6, 25),
        date(2026, 7, 14),
    ]


def test_the_thirtieth_of_a_short_lunar_month_is_its_last_day() -> None:
    """腊月 of the year that ends on 16 February 2026 has 29 days."""
    assert on(Recurrence(recurrence.LUNAR, month=12, day=30), date(2026, 1, 1), 1) == [date(2026, 2, 16)]


def test_days_before_a_festival_may_lie_in_the_year_before() -> None:
    rule = Recurrence(recurrence.FESTIVAL, name="春节", offset=-30)

    assert on(rule, date(2030, 12, 1), 1) == [date(2030, 12, 24)]


@pytest.mark.parametrize("said, words, rest", [
    ("每月5号 交物业费", "每月5日 09:00", "交物业费"),
    ("每个月十五号 还款", "每月15日 09:00", "还款"),
    ("每月底 抄表", "每月最后一天 09:00", "抄表"),
    ("每天早上8点吃药", "每天 08:00", "吃药"),
    ("每天晚上 吃药", "每天 19:00", "吃药"),
    ("每周一三五晚上7点 跳舞", "每周一、三、五 19:00", "跳舞"),
    ("每周一、周三 18:30 上课", "每周一、三 18:30", "上课"),
    ("每周六2点 打扫", "每周六 14:00", "打扫"),
    ("每个工作日 8点半 打卡", "每个工作日 08:30", "打卡"),
    ("每月第一个工作日 交报表", "每月第一个工作日 09:00", "交报表"),
    ("春节前三天 走访老人", "每年春节前3天 09:00", "走访老人"),
    ("重阳节 给奶奶打电话", "每年重阳 09:00", "给奶奶打电话"),
    ("每年农历八月十五 吃月饼", "每年农历八月十五 09:00", "吃月饼"),
    ("每年腊月二十三 祭灶", "每年农历腊月廿三 09:00", "祭灶"),
    ("每年3月8日 体检", "每年3月8日 09:00", "体检"),
    ("明天3点 开会", "2026年11月25日 15:00", "开会"),
    ("下午三点 开会", "2026年11月24日 15:00", "开会"),
    ("早上8点 买菜", "2026年11月25日 08:00", "买菜"),
    ("一个半小时后 关火", "2026年11月24日 11:30", "关火"),
    ("下周三 买春节年货", "2026年12月2日 09:00", "买春节年货"),
    ("12月5日 交医保", "2026年12月5日 09:00", "交医保"),
])  # fmt: skip
def test_people_say_it_in_their_own_way(said: str, words: str, rest: str) -> None:
    found = rule_said(said, NOW, ZONE)

    assert found and (rule_words(found.rule), found.rest) == (words, rest)


@pytest.mark.parametrize(
    "said", ["交物业费", "每两周 浇花", "隔天 浇花", "每月32号 记账", "高温前 走访", "每周八 开会", ""]
)
def test_what_names_no_rule_is_asked_again_instead_of_guessed(said: str) -> None:
    assert rule_said(said, NOW, ZONE) is None


@given(st.text(max_size=40))
def test_no_text_breaks_the_reading(text: str) -> None:
    said = rule_said(text, NOW, ZONE)

    assert said is None or Recurrence.from_facts(said.rule.facts()) == said.rule


def test_a_rule_never_ends_before_its_calendar_does() -> None:
    late = datetime(2035, 12, 31, 23, 59, tzinfo=ZONE)

    for kind in (recurrence.DAY, recurrence.WORKDAY, recurrence.FIRST, recurrence.LAST):
        assert len(list(islice(moments_after(Recurrence(kind), late, ZONE, WORKING.works), 3))) == 3
