"""A holiday announced today moves what is due tomorrow: for running clocks at once, for paused ones when they run on."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from town import TUESDAY, Town

from models.importing import import_tables
from models.matter import Revision
from models.ticket import TicketEvent
from scheduler import calendar_change
from scheduler.calendar_change import follow_calendar
from scheduler.due import keep_clocks
from tests.clocks.scene import CHEN, WANG, clock, events, hours, move, signed
from tests.delivery.scene import file, writer
from tests.models.life import rebuilt

TOMORROW = date(2026, 11, 25)
RESPONSE_DUE = TUESDAY + timedelta(minutes=30)


def announce(town: Town, **days: str) -> None:
    """calendar.csv with these days, imported; every process hears of it at its next turn."""
    rows = [{"date": day, "kind": kind, "note": "通知"} for day, kind in days.items()]
    with town.database.write() as session:
        import_tables(session, {"calendar": rows})
    town.office.refresh()


def deadline(town: Town, number: int) -> Any:
    return town.stored(number).due_at


@pytest.fixture
def calm_town(town: Town) -> Town:
    """The calendar of the beginning is applied."""
    follow_calendar(town.office)
    return town


def test_a_new_holiday_moves_the_deadline_by_a_day(calm_town: Town) -> None:
    number = file(calm_town, writer(calm_town), matter="illegal_parking")
    before = deadline(calm_town, number)
    assert before == TUESDAY + hours(48)

    announce(calm_town, **{str(TOMORROW): "holiday"})
    follow_calendar(calm_town.office)

    assert deadline(calm_town, number) == before + hours(24)
    assert clock(calm_town, number, "overall").due_at == before + hours(24)
    assert calm_town.stored(number).response_due_at == RESPONSE_DUE, "today is as it was"
    [event] = events(calm_town, number, "reschedule")
    assert event["actor_kind"] == "system"
    with calm_town.database.read() as session:
        told = session.scalars(select(TicketEvent).where(TicketEvent.ticket_number == number).order_by(TicketEvent.seq))
        rows = [{"changes": e.changes, "ticket_number": e.ticket_number, "to": e.to, "seq": e.seq} for e in told]
    assert rebuilt(rows)["due_at"] == deadline(calm_town, number), "the history alone tells it"


def test_a_make_up_day_brings_it_nearer(calm_town: Town) -> None:
    calm_town.passes(days=3)  # Friday
    number = file(calm_town, writer(calm_town), matter="illegal_parking")
    before = deadline(calm_town, number)

    announce(calm_town, **{"2026-11-28": "workday"})
    follow_calendar(calm_town.office)

    assert deadline(calm_town, number) == before - hours(24)


def test_nothing_is_done_while_the_calendar_is_the_same(calm_town: Town) -> None:
    number = file(calm_town, writer(calm_town), matter="illegal_parking")

    announce(calm_town, **{"2027-05-01": "holiday"})
    assert follow_calendar(calm_town.office) == 0, "another calendar, but the same deadlines"
    assert follow_calendar(calm_town.office) == 0

    assert events(calm_town, number, "reschedule") == []


def test_a_paused_clock_follows_when_it_runs_on(calm_town: Town) -> None:
    number = signed(calm_town, writer(calm_town), matter="illegal_parking")
    move(calm_town, number, CHEN, "need_info", "车牌号")
    before = deadline(calm_town, number)

    announce(calm_town, **{str(TOMORROW): "holiday"})
    assert follow_calendar(calm_town.office) == 0
    assert deadline(calm_town, number) == before
    calm_town.passes(minutes=10)
    move(calm_town, number, WANG, "supply", "川A")

    assert deadline(calm_town, number) == before + hours(24) + timedelta(minutes=10)


def test_emergencies_know_no_holidays(calm_town: Town) -> None:
    number = file(calm_town, writer(calm_town), matter="fire")
    before = deadline(calm_town, number)

    announce(calm_town, **{"2026-11-24": "holiday"})
    follow_calendar(calm_town.office)

    assert deadline(calm_town, number) == before


def test_what_is_broken_already_stays_broken_and_what_was_not_is_saved(calm_town: Town) -> None:
    late, good = file(calm_town, writer(calm_town)), file(calm_town, writer(calm_town), matter="illegal_parking")
    calm_town.passes(minutes=31)
    keep_clocks(calm_town.office)
    broken_at = clock(calm_town, late, "response").due_at

    announce(calm_town, **{"2026-11-24": "holiday"})
    follow_calendar(calm_town.office)

    assert clock(calm_town, late, "response").due_at == broken_at
    assert deadline(calm_town, good) == TUESDAY.replace(hour=9, minute=30) + timedelta(days=2), (
        "two whole days from tomorrow"
    )


def test_other_office_hours_count_too(build_town: Any, database_url: str) -> None:
    first = build_town()
    follow_calendar(first.office)
    number = file(first, writer(first), matter="illegal_parking")
    second = build_town(working_time={"periods": ["09:00-12:00"]})
    second.office._catalogue = None

    follow_calendar(second.office)

    assert deadline(second, number) == TUESDAY + timedelta(days=6, hours=2), (
        "two hours today, three a day until Monday noon"
    )


def test_whoever_takes_over_goes_on_where_it_stopped(calm_town: Town) -> None:
    wang = writer(calm_town)
    numbers = [file(calm_town, wang, matter="illegal_parking") for _ in range(5)]
    announce(calm_town, **{str(TOMORROW): "holiday"})
    page, calendar_change.PAGE = calendar_change.PAGE, 4
    try:
        calendar_change._page(calm_town.office)  # and here the process dies
        while calendar_change._page(calm_town.office):
            pass
        reached = [events(calm_town, number, "reschedule") for number in numbers]
        assert all(len(found) <= 1 for found in reached)

        follow_calendar(calm_town.office)
    finally:
        calendar_change.PAGE = page

    assert [len(events(calm_town, number, "reschedule")) for number in numbers] == [1] * 5
    with calm_town.database.read() as session:
        assert session.get_one(Revision, "calendar_applied").number == calm_town.office.promises.working.fingerprint
