"""The ticket nobody took climbs by itself: grid → community → street → district, each level once, and says so honestly."""

from datetime import timedelta

import pytest
from sqlalchemy import update
from town import COMMUNITY, GRID, STREET, TUESDAY, Town

from models.area import Area
from tests.clocks.scene import (
    CHEN,
    DISTRICT,
    HOLDS,
    WANG,
    cards,
    climbed,
    clock,
    events,
    hours,
    minutes_pass,
    move,
    signed,
    told,
    userids,
    with_district,
)
from tests.delivery.scene import file, writer

ABOVE = (COMMUNITY, STREET, DISTRICT)


def test_what_nobody_signs_reaches_the_district_once_per_level(town: Town) -> None:
    with_district(town)
    wang = writer(town)
    number = file(town, wang)

    minutes_pass(town, TUESDAY + hours(1.9))

    assert climbed(town, number) == [
        ("response", "community", "10:30"), ("response", "street", "11:00"), ("response", "district", "11:30"),
    ]  # fmt: skip
    for area, level in zip(ABOVE, ("社区", "街道", "区县"), strict=True):
        [card] = cards(town, area, number, "上报")
        assert card.startswith(f"**【上报{level}】#{number} ") and "没有人签收" in card
        assert any(f"<@{userid}>" in card for userid in userids(town, area))
    [follow] = cards(town, GRID, number, "首接负责")
    assert "已上报" in follow
    assert told(wang, number, "还没有人接单") == 1
    ticket = town.stored(number)
    assert (ticket.level, ticket.raised_code, ticket.turn_code) == ("district", DISTRICT, GRID)


def test_at_eighty_per_cent_the_grid_is_warned_by_name(town: Town) -> None:
    number = file(town, writer(town))

    minutes_pass(town, TUESDAY + timedelta(minutes=23))
    assert cards(town, GRID, number, "超时") == []
    minutes_pass(town, TUESDAY + timedelta(minutes=25))

    [warning] = cards(town, GRID, number, "超时")
    assert "10:30" in warning and f"接单 {number}" in warning
    assert any(f"<@{userid}>" in warning for userid in userids(town, GRID))
    assert climbed(town, number) == []


def test_a_broken_overall_promise_is_said_once_however_high_it_climbs(town: Town) -> None:
    """The holder speaks, so nothing is taken back; the promise of 12:00 breaks all the same, and goes on after lunch."""
    with_district(town)
    wang = writer(town)
    number = signed(town, wang)
    move(town, number, CHEN, "reply", "等零件")

    minutes_pass(town, TUESDAY + hours(6))

    assert climbed(town, number) == [
        ("handling", "community", "11:30"), ("overall", "community", "12:00"), ("handling", "street", "12:00"),
        ("overall", "street", "14:00"), ("handling", "district", "14:00"), ("overall", "district", "14:30"),
    ]  # fmt: skip
    assert told(wang, number, "没能按说好的时间办好") == 1
    assert told(wang, number, "对不起") == 1, "the office's own measure is nothing to the resident"
    [warning] = cards(town, GRID, number, "离办结时限不远")
    assert ("12:00" in warning and "<@ChenXiaoYan>" in warning) or "<@" in warning


def test_an_emergency_climbs_after_two_minutes_and_then_every_five_by_the_wall_clock(town: Town) -> None:
    with_district(town)
    town.passes(hours=13)  # 23:00
    number = file(town, writer(town), matter="fire")

    minutes_pass(town, town.moment + timedelta(minutes=30))

    assert climbed(town, number) == [
        ("response", "community", "23:02"), ("response", "street", "23:07"), ("response", "district", "23:12"),
    ]  # fmt: skip
    for area in ABOVE:
        [card] = cards(town, area, number, "上报")
        assert "【紧急】" in card and any(f"<@{userid}>" in card for userid in userids(town, area))


@pytest.mark.parametrize(("action", "changes"), [("need_info", {}), ("defer", {"deferred_until": TUESDAY + hours(70)})])
def test_a_ticket_that_waits_does_not_climb(town: Town, action: str, changes: dict[str, object]) -> None:
    number = signed(town, writer(town))
    move(town, number, CHEN, action, "等一等", **changes)

    minutes_pass(town, TUESDAY + hours(23), step=10)

    assert climbed(town, number) == [] and cards(town, COMMUNITY, number, "上报") == []
    assert {clock(town, number, kind).state for kind in ("handling", "overall")} == {"paused"}


def test_after_the_wait_the_rest_of_the_time_is_left(town: Town) -> None:
    """Signed at 10:00, asked at 10:30, answered at 15:00: an hour and a half is left of two, till 16:30."""
    number = signed(town, writer(town))
    town.passes(minutes=30)
    move(town, number, CHEN, "need_info", "几单元")
    town.passes(hours=4.5)
    move(town, number, WANG, "supply", "二单元")
    move(town, number, CHEN, "reply", "知道了")

    minutes_pass(town, TUESDAY + hours(7))

    assert next(at for cause, _, at in climbed(town, number) if cause == "overall") == "16:30"


def test_a_deferred_ticket_wakes_up_on_its_day(town: Town) -> None:
    wang = writer(town)
    number = signed(town, wang)
    move(town, number, CHEN, "defer", "等配件", deferred_until=TUESDAY + hours(24))

    minutes_pass(town, TUESDAY + hours(24), step=30)

    assert town.stored(number).status == "accepted" and town.stored(number).deferred_until is None
    assert cards(town, GRID, number, "恢复办理") and told(wang, number, "重新办理了") == 1


def test_a_ticket_filed_at_the_street_wakes_the_district(town: Town) -> None:
    with_district(town)
    number = file(town, writer(town), area=STREET)

    minutes_pass(town, TUESDAY + hours(1.9))

    assert climbed(town, number) == [("response", "district", "10:30")]


def test_with_nobody_above_the_top_itself_is_woken(town: Town) -> None:
    with town.database.write() as session:
        session.execute(update(Area).where(Area.code == STREET).values(parent_code=None))
    wang = writer(town)
    number = file(town, wang, area=STREET)

    minutes_pass(town, TUESDAY + hours(1.9))

    assert climbed(town, number) == [("response", "street", "10:30")]
    assert len(cards(town, STREET, number, "上报")) == 1 and told(wang, number, "还没有人接单") == 1
    assert clock(town, number, "response").next_at is None


def test_a_chain_that_ends_early_is_climbed_to_its_end(town: Town) -> None:
    with town.database.write() as session:
        session.execute(update(Area).where(Area.code == COMMUNITY).values(parent_code=None))
    number = file(town, writer(town))

    minutes_pass(town, TUESDAY + hours(1.9))

    assert climbed(town, number) == [("response", "community", "10:30")]


def test_a_departments_ticket_climbs_over_its_grid(town: Town) -> None:
    number = file(town, writer(town), matter="power_outage")

    minutes_pass(town, TUESDAY + hours(1.4))

    assert climbed(town, number) == [("response", "community", "10:30"), ("response", "street", "11:00")]
    assert len(cards(town, "gs", number, "首接负责")) == 1, "the department stays responsible"
    assert len(cards(town, "gs", number, "超时")) == 1 and cards(town, GRID, number, "超时") == []
    assert town.stored(number).department_code == "gs"


def test_the_community_may_sign_what_was_raised_to_it(town: Town) -> None:
    wang = writer(town)
    number = file(town, wang)
    minutes_pass(town, TUESDAY + timedelta(minutes=35))

    answer = town.group(COMMUNITY).says(town.staff()["赵主任"], f"接单 {number}")

    assert "接单" in answer
    ticket = town.stored(number)
    assert (ticket.holder_key, ticket.turn_code, ticket.level) == ("zhao", COMMUNITY, "community")
    minutes_pass(town, TUESDAY + hours(1.4))
    assert climbed(town, number) == [("response", "community", "10:30")], "signed: the street is not woken"


def test_the_grid_may_still_sign_what_was_raised(town: Town) -> None:
    number = file(town, writer(town))
    minutes_pass(town, TUESDAY + timedelta(minutes=65))

    move(town, number, CHEN, "accept", **HOLDS)

    ticket = town.stored(number)
    assert (ticket.turn_code, ticket.level, ticket.raised_code) == (GRID, "grid", STREET)
    minutes_pass(town, TUESDAY + hours(1.4))
    assert [level for _, level, _ in climbed(town, number)] == ["community", "street"]


def test_a_ticket_of_the_community_climbs_to_the_street(town: Town) -> None:
    """Returned to the community: nobody has to wake those who have it."""
    number = file(town, writer(town))
    move(town, number, CHEN, "return", "不归我们", turn_code=COMMUNITY, level="community")

    minutes_pass(town, TUESDAY + hours(1.4))

    assert climbed(town, number) == [("response", "street", "10:30"), ("response", "district", "11:00")]


def test_extended_and_broken_again_it_climbs_again(town: Town) -> None:
    wang = writer(town)
    number = signed(town, wang)
    move(town, number, CHEN, "reply", "等零件")
    minutes_pass(town, TUESDAY + hours(2))
    assert ("overall", "community", "12:00") in climbed(town, number)

    move(town, number, CHEN, "extend", "零件下午到", due_at=TUESDAY + hours(6))
    town.passes(minutes=5)
    before = len(climbed(town, number))
    minutes_pass(town, TUESDAY + hours(5.9))
    assert len(climbed(town, number)) == before, "nothing climbs before the new date"
    minutes_pass(town, TUESDAY + hours(6.1))

    assert climbed(town, number)[before:] == [("overall", "community", "16:00"), ("handling", "community", "16:00")]
    assert told(wang, number, "没能按说好的时间办好") == 2, "two promises, two honest words"


def test_a_confidential_matter_of_a_department_is_not_told_to_the_levels_above(town: Town) -> None:
    number = file(town, writer(town), matter="staff_conduct")

    minutes_pass(town, TUESDAY + timedelta(minutes=40))

    [card] = cards(town, COMMUNITY, number, "上报")
    assert "内容保密" in card and "楼道灯" not in card.split("居民说")[1]


def test_what_is_closed_never_climbs(town: Town) -> None:
    number = file(town, writer(town))
    move(town, number, WANG, "withdraw")

    minutes_pass(town, TUESDAY + hours(8), step=10)

    assert climbed(town, number) == [] and events(town, number, "warn") == []
