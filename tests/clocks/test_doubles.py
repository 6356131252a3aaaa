"""Down for hours, doubled, poisoned: every step is made once, one level at a time, and nobody else is delayed."""

import threading
from datetime import timedelta

from sqlalchemy import event, text, update
from town import COMMUNITY, GRID, TUESDAY, Town

from models.clock import Clock
from models.database import IDLE_WRITER_SECONDS, LOCK_WAIT_SECONDS
from models.matter import Matter
from models.ticket import Ticket
from scheduler.due import PAGE, keep_clocks
from tests.clocks.scene import cards, climbed, clock, events, hours, minutes_pass, nobody_is_due, told, with_district
from tests.delivery.scene import file, writer


def test_after_three_hours_down_one_level_is_woken_and_the_next_a_step_later(town: Town) -> None:
    with_district(town)
    wang = writer(town)
    numbers = [file(town, wang, matter="fire") for _ in range(3)]
    town.passes(hours=3)

    for _ in range(5):
        town.tick()

    for number in numbers:
        causes = climbed(town, number)
        assert causes == [("response", "community", "13:00"), ("overall", "community", "13:00")]
    minutes_pass(town, TUESDAY + hours(3.5))
    assert [(level, at) for cause, level, at in climbed(town, numbers[0]) if cause == "response"] == [
        ("community", "13:00"), ("street", "13:05"), ("district", "13:10"),
    ]  # fmt: skip
    assert events(town, numbers[0], "warn") == [], "too late for warnings"
    assert told(wang, numbers[0], "还没有人接单") == 1


def test_two_that_keep_the_clocks_at_once_make_no_step_twice(town: Town) -> None:
    wang = writer(town)
    numbers = [file(town, wang) for _ in range(2 * PAGE + 7)]
    town.passes(minutes=31)
    together = threading.Barrier(2)
    failed: list[BaseException] = []

    def keep() -> None:
        together.wait()
        try:
            for _ in range(3):
                keep_clocks(town.office)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=keep) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    keep_clocks(town.office)

    assert failed == []
    steps = [row for row in town.rows("escalations") if row["ticket"] in numbers]
    assert len(steps) == len(numbers) == len({row["ticket"] for row in steps})
    moves = [row for row in town.rows("events") if row["ticket"] in numbers and row["action"] == "escalate"]
    assert len(moves) == len(numbers)
    promised = [row for row in town.rows("outbox") if row["ticket"] in numbers and row["kind"] == "escalate"]
    assert len(promised) == 2 * len(numbers), "one card above, one word for the resident"


def test_a_long_queue_is_worked_off_in_one_go(town: Town) -> None:
    """Several clocks of one ticket on one page are no reason to stop early."""
    nobody_is_due(town)
    wang = writer(town)
    numbers = [file(town, wang, matter="fire") for _ in range(PAGE)]
    town.passes(hours=3)

    assert keep_clocks(town.office) == 2 * PAGE
    assert keep_clocks(town.office) == 0
    assert all(len(climbed(town, number)) == 2 for number in numbers[:3])


def test_a_poisoned_clock_delays_no_other(town: Town) -> None:
    wang = writer(town)
    bad, good = file(town, wang), file(town, wang)
    with town.database.write() as session:
        session.execute(
            update(Clock).where(Clock.ticket_number == bad, Clock.kind == "response").values(kind="nonsense")
        )
    town.passes(minutes=31)

    town.tick()

    assert climbed(town, good) == [("response", "community", "10:31")]
    with town.database.read() as session:
        poisoned = session.query(Clock).filter_by(ticket_number=bad, kind="nonsense").one()
        assert poisoned.next_at == TUESDAY + timedelta(minutes=32)
    assert climbed(town, bad) == []


def test_a_clock_that_fails_half_way_leaves_nothing_behind(town: Town) -> None:
    """The step is made in its own savepoint: no event without its card."""
    number = file(town, writer(town))
    town.passes(minutes=31)

    def refuse(_mapper: object, _connection: object, row: Ticket) -> None:
        if row.number == number and row.raised_code:
            raise RuntimeError("nobody can write this")

    event.listen(Ticket, "before_update", refuse)
    try:
        town.tick()
    finally:
        event.remove(Ticket, "before_update", refuse)
    assert climbed(town, number) == [] and events(town, number, "escalate") == []
    assert cards(town, COMMUNITY, number) == []
    town.passes(minutes=1)
    town.tick()

    assert climbed(town, number) == [("response", "community", "10:32")]


def test_a_matter_made_urgent_meanwhile_does_not_hurry_what_was_promised(town: Town) -> None:
    number = file(town, writer(town))
    with town.database.write() as session:
        session.execute(update(Matter).where(Matter.code == "street_light").values(timing="emergency"))

    minutes_pass(town, TUESDAY + timedelta(minutes=20))

    assert climbed(town, number) == [] and cards(town, GRID, number, "超时") == []
    assert clock(town, number, "response").due_at == TUESDAY + timedelta(minutes=30)


def test_a_writer_that_falls_silent_loses_its_locks_and_a_reader_may_take_its_time(town: Town) -> None:
    """A stopped process must not hold up the others (PostgreSQL; SQLite's lock ends with its lease on the file)."""
    if town.database.is_sqlite:
        with town.database.read() as session:
            assert session.scalar(text("PRAGMA busy_timeout")) == int(LOCK_WAIT_SECONDS * 1000)
        return
    asked = text("SHOW idle_in_transaction_session_timeout")
    with town.database.write() as session:
        assert session.scalar(asked) == f"{IDLE_WRITER_SECONDS}s"
    with town.database.read() as session:
        assert session.scalar(asked) == "0"
    with town.database.write() as session:
        assert session.scalar(asked) == f"{IDLE_WRITER_SECONDS}s", "only for that one look"
