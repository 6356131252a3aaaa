"""A time a worker names is remembered for both sides, replaced by a newer one, and dropped when it is over."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from town import GRID, Town

from bot.appointments import time_agreed

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 24, 10, tzinfo=ZONE)


@pytest.mark.parametrize("words, expected", [
    ("明天下午三点上门", "2026-11-25T15:00"),
    ("您好，下午三点过来看看", "2026-11-24T15:00"),
    ("后天3点上门", "2026-11-26T15:00"),
    ("周五上午10:30到您家", "2026-11-27T10:30"),
    ("11月28日9点半上门维修", "2026-11-28T09:30"),
])  # fmt: skip
def test_a_time_to_come_is_heard(words: str, expected: str) -> None:
    found = time_agreed(words, NOW, ZONE)

    assert found and found.isoformat()[:16] == expected


@pytest.mark.parametrize("words", [
    "明天下午五点前修好", "昨天下午三点去过了", "明天上门", "已经联系物业，上午9点来过", "灯泡已换", "请拨打12345", "明年3月1日9点上门", "",
])  # fmt: skip
def test_a_deadline_the_past_and_a_day_without_an_hour_are_no_appointment(words: str) -> None:
    assert time_agreed(words, NOW, ZONE) is None


def agreed(town: Town, words: str = "明天下午三点上门") -> tuple[int, str]:
    """A ticket of 王阿姨, taken by 小陈, who says when somebody comes."""
    town.resident("王阿姨", town.building("紫荆苑3栋")).says("楼道灯又不亮了")
    number, worker = town.ticket()["number"], town.staff()["小陈"]
    town.group(GRID).says(worker, f"接单 {number}")
    town.group(GRID).says(worker, f"回复 {number} {words}")
    town.tick()
    return number, worker


def told(town: Town) -> list[str]:
    screen = town.world.resident("王阿姨").screen
    return [item.text for item in screen if item.side == "push" and "约好" in item.text]


def cards(town: Town) -> list[str]:
    return [text for text in town.cards(GRID) if "约好的时间" in text]


def at(town: Town, text: str) -> None:
    town.moment = datetime.fromisoformat(text).replace(tzinfo=ZONE)
    town.tick()


def test_both_sides_hear_of_it_in_time(town: Town) -> None:
    number, _ = agreed(town)

    at(town, "2026-11-24T19:00")
    assert [f"#{number}" in text and "陈网格员约好明天 15:00上门" in text for text in told(town)] == [True]
    at(town, "2026-11-25T13:00")
    assert len(told(town)) == 2 and cards(town) == []
    at(town, "2026-11-25T14:00")
    at(town, "2026-11-25T14:30")
    assert len(told(town)) == 2
    assert len(cards(town)) == 1 and "和居民约好今天 15:00" in cards(town)[0]


def test_a_newer_time_takes_the_place_of_the_older(town: Town) -> None:
    number, worker = agreed(town)
    town.group(GRID).says(worker, f"回复 {number} 改到后天上午10点上门")

    at(town, "2026-11-24T19:00")
    at(town, "2026-11-25T14:00")
    assert told(town) == [] and cards(town) == []
    at(town, "2026-11-25T19:00")
    at(town, "2026-11-26T09:00")
    assert ["明天 10:00" in told(town)[0], "今天 10:00" in told(town)[1]] == [True, True]
    assert len(cards(town)) == 1


def test_nobody_is_reminded_of_what_is_done(town: Town) -> None:
    number, worker = agreed(town)
    town.group(GRID).says(worker, f"办结 {number} 灯泡已换")

    at(town, "2026-11-24T19:00")
    at(town, "2026-11-25T14:00")

    assert told(town) == [] and cards(town) == []


def test_nothing_is_said_of_it_in_the_night_nor_after_it(town: Town) -> None:
    agreed(town, "明天早上8点上门")

    at(town, "2026-11-25T06:00")
    assert len(told(town)) == 0  # the evening before was missed while nothing ran, and six is too early
    at(town, "2026-11-25T08:30")
    assert told(town) == [] and len(cards(town)) == 0


def test_words_without_a_time_leave_the_appointment_as_it_is(town: Town) -> None:
    number, worker = agreed(town)
    town.group(GRID).says(worker, f"回复 {number} 请把楼道里的杂物挪一下")

    at(town, "2026-11-24T19:00")

    assert len(told(town)) == 1
