"""A resident's own reminders: set in words, told once, moved out of the night, stopped, never sent days late."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from town import Town

from models.outbox import OutboxMessage
from models.reminder import MOST_OF_A_RESIDENT, REMINDER, Reminder
from scheduler.remind import remind

ZONE = ZoneInfo("Asia/Shanghai")


def pushed(town: Town, name: str) -> list[str]:
    return [item.text for item in town.world.resident(name).screen if item.side == "push" and "提醒您" in item.text]


def at(town: Town, text: str) -> None:
    """The clock shows this local time."""
    town.moment = datetime.fromisoformat(text).replace(tzinfo=ZONE)


def rows(town: Town) -> list[OutboxMessage]:
    with town.database.read() as session:
        return list(
            session.scalars(select(OutboxMessage).where(OutboxMessage.kind == REMINDER).order_by(OutboxMessage.id))
        )


def test_a_daily_reminder_comes_once_a_day(town: Town) -> None:
    aunt = town.resident("王阿姨")
    aunt.says("提醒我 每天早上8点 吃药")

    for clock in ("2026-11-25T07:59", "2026-11-25T08:00", "2026-11-25T08:01", "2026-11-25T20:00"):
        at(town, clock)
        town.tick()
        aunt.says("谢谢")

    assert len(pushed(town, "王阿姨")) == 1
    at(town, "2026-11-26T08:00")
    town.tick()
    assert len(pushed(town, "王阿姨")) == 2
    assert [row.dedupe_key.partition(":")[2] for row in rows(town)] == ["2026-11-25", "2026-11-26"]


def test_what_lies_in_the_night_is_moved_to_its_end_and_said_so(town: Town) -> None:
    aunt = town.resident("王阿姨")

    answer = aunt.says("提醒我 明天 23:30 收衣服")

    assert "改在早上" in answer and "后天 07:00" in answer
    at(town, "2026-11-25T23:30")
    town.tick()
    assert pushed(town, "王阿姨") == []
    at(town, "2026-11-26T07:00")
    town.tick()
    assert len(pushed(town, "王阿姨")) == 1


def test_after_a_stop_only_the_latest_missed_one_comes(town: Town) -> None:
    aunt = town.resident("王阿姨")
    aunt.says("提醒我 每天 9:00 量血压")

    at(town, "2026-12-04T08:00")
    aunt.says("谢谢")
    at(town, "2026-12-04T15:00")
    for _ in range(3):
        town.tick()

    [only] = pushed(town, "王阿姨")
    assert "晚了" in only and "今天 09:00" in only
    with town.database.read() as session:
        reminder = session.scalars(select(Reminder)).one()
        assert reminder.next_at.astimezone(ZONE).isoformat()[:16] == "2026-12-05T09:00"


def test_a_single_one_older_than_a_day_is_left_out_and_done(town: Town) -> None:
    aunt = town.resident("王阿姨")
    aunt.says("提醒我 明天 9:00 开会")

    at(town, "2026-11-27T10:00")
    aunt.says("谢谢")
    town.tick()

    assert pushed(town, "王阿姨") == []
    assert aunt.says("我的提醒").startswith("您还没有提醒")


def test_what_the_window_does_not_let_through_comes_with_the_next_words_of_that_day(town: Town) -> None:
    aunt = town.resident("王阿姨")
    aunt.says("提醒我 12月5日 9:00 交物业费")

    at(town, "2026-12-05T09:00")
    town.tick()
    assert pushed(town, "王阿姨") == []
    assert rows(town)[0].reason == "window_closed"
    at(town, "2026-12-05T18:00")
    aunt.says("我的提醒")
    town.tick()

    assert len(pushed(town, "王阿姨")) == 1


def test_what_could_not_be_delivered_that_day_is_skipped_and_never_sent_later(town: Town) -> None:
    aunt = town.resident("王阿姨")
    aunt.says("提醒我 12月5日 9:00 交物业费")
    at(town, "2026-12-05T09:00")
    town.tick()

    at(town, "2026-12-06T00:01")
    aunt.says("谢谢")
    town.deliver()  # the delivery looks at the day itself, whichever job runs first

    assert pushed(town, "王阿姨") == []
    assert [(row.state, row.reason) for row in rows(town)] == [("skipped", "expired")]


def test_the_day_ends_for_a_held_one_even_when_nobody_writes(town: Town) -> None:
    town.resident("王阿姨").says("提醒我 12月5日 9:00 交物业费")
    at(town, "2026-12-05T09:00")
    town.tick()

    at(town, "2026-12-06T08:00")
    remind(town.office)

    assert [(row.state, row.reason) for row in rows(town)] == [("skipped", "expired")]


def test_a_stopped_one_is_not_sent_even_when_it_waits_already(town: Town) -> None:
    aunt = town.resident("王阿姨")
    aunt.says("提醒我 每天 9:00 开会")
    at(town, "2026-11-25T09:00")
    remind(town.office)

    aunt.says("取消提醒 1")
    town.tick()

    assert pushed(town, "王阿姨") == []
    assert [(row.state, row.reason) for row in rows(town)] == [("skipped", "stopped")]


def test_nobody_who_left_is_reminded_and_nobody_elses_reminders_are_seen_or_stopped(town: Town) -> None:
    aunt, uncle = town.resident("王阿姨"), town.resident("李大爷")
    aunt.says("提醒我 明天 9:00 开会")

    assert "还没有提醒" in uncle.says("我的提醒")
    assert "没有提醒" in uncle.says("取消提醒 1")
    aunt.unfollows()
    at(town, "2026-11-25T09:00")
    town.tick()
    assert rows(town) == []


def test_a_number_never_passes_to_another_reminder(town: Town) -> None:
    aunt = town.resident("王阿姨")
    aunt.says("提醒我 每月5号 交物业费")
    aunt.says("提醒我 每天 8:00 吃药")
    aunt.says("取消提醒 1")

    assert "提醒3" in aunt.says("提醒我 重阳 看奶奶")
    assert "2. 每天 08:00 吃药" in aunt.says("我的提醒")


def test_there_is_an_end_to_how_many_one_person_may_have(town: Town) -> None:
    aunt = town.resident("王阿姨")
    for day in range(1, MOST_OF_A_RESIDENT + 1):
        aunt.says(f"提醒我 每月{day}号 第{day}件事")

    assert f"已经有{MOST_OF_A_RESIDENT}个提醒" in aunt.says("提醒我 每天 8:00 再来一个")


@pytest.mark.parametrize("words", ["物业也不提醒我一声就停水了", "没人提醒我交费"])
def test_a_complaint_about_not_being_reminded_sets_none(town: Town, words: str) -> None:
    town.resident("王阿姨", town.building("紫荆苑3栋")).says(words)

    with town.database.read() as session:
        assert session.scalars(select(Reminder)).all() == []
