"""A resident may be written to five times after each message; the fifth is kept, and nothing is lost meanwhile."""

from town import GRID, Town

from tests.delivery.scene import TO_RESIDENT, calls, file_quietly, note, outbox, row, writer


def told_one_by_one(town: Town, number: int, words: list[str]) -> list[int]:
    rows = []
    for each in words:
        rows.append(note(town, number, each))
        town.deliver()
        town.passes(minutes=3)
    return rows


def test_four_go_out_and_the_rest_waits_for_the_resident(town: Town) -> None:
    wang = writer(town)
    number = file_quietly(town, wang)

    told = told_one_by_one(town, number, [f"第{n}句" for n in range(1, 8)])

    assert [row(town, each)["state"] for each in told] == ["sent"] * 4 + ["waiting"] * 3
    assert {row(town, each)["reason"] for each in told[4:]} == {"budget_used"}
    assert {row(town, each)["next_try_at"] for each in told[4:]} == {None}
    assert len(calls(town, TO_RESIDENT)) == 4 and wang.resident.left(town.moment.timestamp()) == 1
    assert sum("电话或上门" in card for card in town.cards(GRID)) == 3


def test_what_was_held_goes_out_in_one_message_when_the_resident_writes(town: Town) -> None:
    wang = writer(town)
    number = file_quietly(town, wang)
    told = told_one_by_one(town, number, [f"第{n}句" for n in range(1, 8)])

    wang.says("好的")
    town.deliver()

    assert {row(town, each)["state"] for each in told} == {"sent"}
    assert [f"第{n}句" in wang.seen[-1] for n in range(4, 8)] == [False, True, True, True]
    assert len(calls(town, TO_RESIDENT)) == 5


def test_several_notices_are_one_message(town: Town) -> None:
    wang = writer(town)
    first, second = file_quietly(town, wang), file_quietly(town, wang)

    told = [note(town, first, "一"), note(town, second, "二"), note(town, first, "三")]
    town.deliver()

    assert [row(town, each)["state"] for each in told] == ["sent"] * 3
    assert len(calls(town, TO_RESIDENT)) == 1
    assert f"#{first} 陈网格员：一" in wang.seen[-1] and f"#{second} 陈网格员：二" in wang.seen[-1]


def test_long_notices_are_not_cut_to_fit_one_message(town: Town) -> None:
    wang = writer(town)
    number = file_quietly(town, wang)

    told = [note(town, number, mark + "字" * 300 + mark) for mark in "甲乙丙丁"]
    town.deliver()

    assert [row(town, each)["state"] for each in told] == ["sent"] * 4
    assert len(calls(town, TO_RESIDENT)) == 2
    assert all(sum(text.count(mark) for text in wang.seen) == 2 for mark in "甲乙丙丁")


def test_after_48_hours_nothing_is_tried_at_all(town: Town) -> None:
    wang = writer(town)
    number = file_quietly(town, wang)
    town.passes(hours=48)

    told = note(town, number, "下午三点上门")
    town.deliver()

    assert (row(town, told)["state"], row(town, told)["reason"]) == ("waiting", "window_closed")
    assert calls(town, TO_RESIDENT) == [] and "电话或上门" in town.cards(GRID)[-1]


def test_a_held_notice_asks_for_one_call_however_often_it_is_held(town: Town) -> None:
    wang = writer(town)
    number = file_quietly(town, wang)
    wang.windows_expire()  # the platform is stricter than our own count

    told = note(town, number, "下午三点上门")
    town.deliver()
    wang.says("在吗")
    wang.windows_expire()
    town.deliver()

    assert (row(town, told)["state"], row(town, told)["reason"]) == ("waiting", "errcode:45015")
    assert len(outbox(town, kind="call", ticket=number)) == 1
    assert len(calls(town, TO_RESIDENT)) == 2, "once for each message of the resident"


def test_a_scan_lets_three_go_out_within_a_minute_only(town: Town) -> None:
    wang = town.resident("王阿姨", home=town.building("紫荆苑3栋"))
    number = file_quietly(town, wang)

    in_time = note(town, number, "一")
    town.deliver()
    town.passes(seconds=61)
    late = note(town, number, "二")
    town.deliver()

    assert (row(town, in_time)["state"], row(town, late)["state"]) == ("sent", "waiting")
    assert row(town, late)["reason"] == "window_closed"


def test_nothing_is_sent_to_somebody_who_left(town: Town) -> None:
    wang = writer(town)
    number = file_quietly(town, wang)
    before = note(town, number, "一")

    wang.unfollows()
    note(town, number, "二")
    town.deliver()

    assert (row(town, before)["state"], row(town, before)["reason"]) == ("skipped", "unfollowed")
    [after] = [each for each in outbox(town, ticket=number, channel="official_account") if each["id"] > before]
    assert (after["state"], after["reason"]) == ("skipped", "unfollowed")
    assert calls(town, TO_RESIDENT) == []
    assert "请电话或上门告知" in town.cards(GRID)[-1] and "二" in town.cards(GRID)[-1]


def test_a_platform_that_is_busy_for_long_eats_no_budget(town: Town) -> None:
    wang = writer(town)
    number = file_quietly(town, wang)
    town.world.fault(TO_RESIDENT, "errcode", code=45011, times=6)

    told = note(town, number, "下午三点上门")
    for _ in range(10):
        town.deliver()
        town.passes(minutes=10)

    assert row(town, told)["state"] == "sent" and "下午三点上门" in wang.seen[-1]
