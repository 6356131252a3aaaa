"""Who signed and is never heard of, who is asked and never answers, who is told and never says whether it is done."""

from datetime import timedelta

from town import COMMUNITY, GRID, STREET, TUESDAY, Town

from scheduler.due import keep_clocks
from tests.clocks.scene import CHEN, HOLDS, WANG, cards, climbed, events, hours, minutes_pass, move, signed, told
from tests.delivery.scene import file, writer


def test_from_a_silent_holder_it_is_taken_back(town: Town) -> None:
    """An hour and a half of two are gone without a word: the level above finds somebody else, and the resident knows."""
    wang = writer(town)
    number = signed(town, wang)

    minutes_pass(town, TUESDAY + hours(1.6))

    ticket = town.stored(number)
    assert (ticket.status, ticket.holder_key, ticket.turn_code, ticket.level) == (
        "pending",
        None,
        COMMUNITY,
        "community",
    )
    assert len(events(town, number, "take_back")) == 1 and told(wang, number, "换人接着办") == 1
    assert climbed(town, number) == [("handling", "community", "11:30")]
    [news] = cards(town, GRID, number, "没有回音")
    assert "请继续跟进" in news and len(cards(town, COMMUNITY, number, "承诺")) == 1


def test_what_was_taken_back_and_stays_unsigned_climbs_on(town: Town) -> None:
    number = signed(town, writer(town))

    minutes_pass(town, TUESDAY + hours(5))

    assert climbed(town, number) == [
        ("handling", "community", "11:30"), ("overall", "street", "12:00"), ("response", "street", "12:00"),
        ("overall", "district", "14:00"), ("response", "district", "14:00"),
    ]  # fmt: skip


def test_whoever_says_a_word_keeps_it(town: Town) -> None:
    number = signed(town, writer(town))
    town.passes(minutes=40)
    move(town, number, CHEN, "reply", "下午去")

    minutes_pass(town, TUESDAY + hours(1.9))

    assert town.stored(number).holder_key == "chen" and events(town, number, "take_back") == []


def test_a_department_keeps_what_is_its_own_but_the_level_above_is_woken(town: Town) -> None:
    number = file(town, writer(town), matter="power_outage")
    move(town, number, CHEN, "accept", **HOLDS)

    minutes_pass(town, TUESDAY + hours(1.6))

    ticket = town.stored(number)
    assert (ticket.status, ticket.department_code, ticket.turn_code) == ("pending", "gs", GRID)
    assert climbed(town, number) == [("handling", "community", "11:30")]
    assert len(cards(town, COMMUNITY, number, "【上报社区】")) == 1
    assert len(cards(town, "gs", number, "接单后没有回音")) == 1


def test_a_question_is_repeated_once_and_then_the_ticket_ends_as_explained(town: Town) -> None:
    wang = writer(town)
    number = signed(town, wang)
    move(town, number, CHEN, "need_info", "几单元")

    minutes_pass(town, TUESDAY + timedelta(days=1), step=60)
    assert told(wang, number, "还等您回话") == 1
    minutes_pass(town, TUESDAY + timedelta(days=3) - hours(1), step=60)
    assert town.stored(number).status == "need_info" and climbed(town, number) == []
    minutes_pass(town, TUESDAY + timedelta(days=3), step=60)

    ticket = town.stored(number)
    assert (ticket.status, ticket.outcome) == ("closed", "explained")
    assert [row["note"] for row in events(town, number, "warn")] == ["supply"], "one reminder"
    minutes_pass(town, TUESDAY + timedelta(days=9), step=240)
    assert len(events(town, number, "close")) == 1


def test_nobody_is_closed_unreminded_after_a_long_sleep(town: Town) -> None:
    """Three days and a half down: the reminder first, and a day to answer it."""
    number = signed(town, writer(town))
    move(town, number, CHEN, "need_info", "几单元")
    town.passes(days=3.5)

    town.tick()
    assert town.stored(number).status == "need_info" and len(events(town, number, "warn")) == 1
    minutes_pass(town, town.moment + timedelta(hours=23), step=60)
    assert town.stored(number).status == "need_info"
    minutes_pass(town, town.moment + timedelta(hours=2), step=60)

    assert town.stored(number).outcome == "explained"


def test_an_answer_ends_the_waiting(town: Town) -> None:
    wang = writer(town)
    number = signed(town, wang)
    move(town, number, CHEN, "need_info", "几单元")
    town.passes(hours=20)
    move(town, number, WANG, "supply", "二单元")

    minutes_pass(town, TUESDAY + timedelta(days=4), step=60)

    assert told(wang, number, "还等您回话") == 0
    assert events(town, number, "close") == []


def test_a_reminder_that_comes_too_late_is_not_sent(town: Town) -> None:
    """The resident answers between the tick and the delivery."""
    wang = writer(town)
    number = signed(town, wang)
    move(town, number, CHEN, "need_info", "几单元")
    town.deliver()
    town.passes(days=1)
    keep_clocks(town.office)
    move(town, number, WANG, "supply", "二单元")
    town.deliver()

    assert told(wang, number, "还等您回话") == 0
    [row] = [row for row in town.rows("outbox") if row["ticket"] == number and row["kind"] == "warn"]
    assert (row["state"], row["reason"]) == ("skipped", "overtaken")


def test_what_was_handled_closes_by_silence(town: Town) -> None:
    number = signed(town, writer(town))
    move(town, number, CHEN, "handle", "修好了")

    minutes_pass(town, TUESDAY + timedelta(days=6, hours=23), step=60)
    assert town.stored(number).status == "handled"
    minutes_pass(town, TUESDAY + timedelta(days=7), step=60)

    assert (town.stored(number).status, town.stored(number).outcome) == ("closed", "unconfirmed")
    assert climbed(town, number) == [] and cards(town, STREET, number) == []
