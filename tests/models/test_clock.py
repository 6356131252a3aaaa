"""A clock against one that counts every minute: nobody loses time while the resident thinks, and nobody gains any."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session
from town import TUESDAY

from bot.catalogue import promises_from
from bot.config import Settings
from models import clock as clocks
from models.clock import Clock, Promises
from models.life import apply
from models.working_time import WorkingTime, periods_from
from tests.models.life import CHEN, HOLDS, PROMISES, WANG, belongings, brought_to, filed
from tests.models.slow_clock import MINUTE, SlowClock

SHANGHAI = ZoneInfo("Asia/Shanghai")
WORKING = PROMISES.working
HOURS = (
    ["09:00-12:00", "13:30-17:30"],
    ["07:00-11:30", "12:00-14:00", "15:00-20:00"],
    ["00:00-23:59"],
    ["18:00-22:15"],
)
WEEKS = ((1, 2, 3, 4, 5), (1, 2, 3, 4, 5, 6), (2, 7))
EDGES = [
    datetime(2026, 2, 13, 17, 20), datetime(2026, 2, 27, 16, 0), datetime(2026, 9, 30, 11, 50),
    datetime(2026, 12, 31, 17, 0), datetime(2028, 2, 28, 17, 0), datetime(2027, 12, 31, 23, 59),
]  # fmt: skip
TIMINGS = ("emergency", "small", "slow", "complex")

starts = st.one_of(
    st.sampled_from(EDGES), st.datetimes(datetime(2026, 1, 1), datetime(2028, 12, 31)).map(lambda m: m.replace(second=0, microsecond=0))
)  # fmt: skip
days = st.integers(0, 12)
edits = st.dictionaries(days, st.sampled_from(["holiday", "workday"]), max_size=4)
steps = st.one_of(
    st.tuples(st.sampled_from(["pause", "resume", "stop"]), st.none()),
    st.tuples(st.just("calendar"), edits),
    st.tuples(st.just("extend"), st.integers(1, 3 * 1440)),
)
stories = st.lists(st.tuples(st.integers(0, 2 * 1440), steps), max_size=6)


def promises(working: WorkingTime) -> Promises:
    told = {name: getattr(PROMISES, name) for name in ("response", "emergency", "small", "slow_days", "complex_days")}
    return Promises(working=working, **told)


def working_with(hours: list[str], week: tuple[int, ...], first: date, edited: Mapping[int, str]) -> WorkingTime:
    different = {first + timedelta(days=n): kind for n, kind in edited.items()}
    return WorkingTime(periods_from(hours), week, SHANGHAI, different)


def begun(amount: int, by_wall: bool, working: WorkingTime, now: datetime) -> Clock:
    clock = Clock(
        id=1, kind="overall", state="running", by_wall=by_wall, amount_seconds=amount * 60.0, used_seconds=0.0,
        started_at=now, running_since=now, paused_seconds=0.0, breached_levels=[],
    )  # fmt: skip
    clocks.schedule(clock, promises(working), now)
    return clock


def turn(clock: Clock, slow: SlowClock, action: str, how: Any, first: date) -> None:
    """The same thing happens to both clocks."""
    now = slow.now
    if action == "calendar":
        slow.working = working_with(
            [f"{a:%H:%M}-{b:%H:%M}" for a, b in slow.working.periods], tuple(slow.working.weekdays), first, how
        )
        clocks.follow_calendar(clock, promises(slow.working), now)
    elif action == "pause":
        if slow.state == "running":
            slow.rest("paused")
        clocks.pause(clock, promises(slow.working), now)
    elif action == "stop":
        if slow.state != "stopped":
            slow.rest("stopped")
        clocks.stop(clock, promises(slow.working), now)
    elif action == "resume":
        slow.state = "running"
        clocks.resume(clock, promises(slow.working), now)
    elif slow.state != "stopped":
        until = now + how * MINUTE
        slow.used, slow.stretch = 0, []
        ahead = (now + n * MINUTE for n in range(how))
        slow.amount = sum(slow.counts(minute) for minute in ahead)
        clocks.extend(clock, until, promises(slow.working), now)


@settings(max_examples=120, deadline=None)
@given(starts, st.integers(1, 1500), st.booleans(), st.sampled_from(HOURS), st.sampled_from(WEEKS), stories)
@example(
    EDGES[0],
    120,
    False,
    HOURS[0],
    WEEKS[0],
    [(30, ("pause", None)), (1440, ("calendar", {1: "workday"})), (9, ("resume", None))],
)
@example(
    EDGES[3],
    400,
    False,
    HOURS[1],
    WEEKS[0],
    [(90, ("stop", None)), (2880, ("resume", None)), (5, ("calendar", {4: "holiday"}))],
)
@example(
    EDGES[2], 60, False, HOURS[0], WEEKS[0], [(5, ("extend", 2 * 1440)), (600, ("pause", None)), (99, ("resume", None))]
)
def test_whatever_happens_it_agrees_with_counting_minutes(
    filed_at: datetime, amount: int, by_wall: bool, hours: list[str], week: tuple[int, ...], story: list[Any]
) -> None:
    start = filed_at.replace(tzinfo=SHANGHAI)
    working = working_with(hours, week, start.date(), {})
    clock, slow = begun(amount, by_wall, working, start), SlowClock(working, start, amount, by_wall)

    for gap, (action, how) in story:
        slow.passes(gap)
        turn(clock, slow, action, how, start.date())

        assert clock.state == slow.state
        assert clock.left == slow.left * MINUTE
        if slow.state == "running" and slow.left > 0:
            assert_due(clock, slow)
        assert (clock.next_at is None) == (slow.state != "running")
        # The rest that still lasts is not written down yet.
        assert clock.paused_seconds <= slow.rested * 60
    if slow.state == "running":
        assert clock.paused_seconds == slow.rested * 60


def assert_due(clock: Clock, slow: SlowClock) -> None:
    """Exactly where counting ends, or later with nothing to count in between (an extension until Sunday)."""
    due = slow.reaches(slow.left)
    assert clock.due_at >= due
    gap = int((clock.due_at - due) / MINUTE)
    assert not any(slow.counts(due + n * MINUTE) for n in range(gap))
    assert clock.next_at and clock.next_at <= clock.due_at
    warned = slow.left - slow.amount * (1 - PROMISES.warn_share)
    if warned == int(warned):
        assert clock.next_at == slow.reaches(int(warned))


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(TIMINGS), st.datetimes(datetime(2026, 1, 1), datetime(2029, 1, 20)))
def test_no_promise_falls_due_early(timing: str, filed_at: datetime) -> None:
    start = filed_at.replace(tzinfo=TUESDAY.tzinfo)

    response, overall = PROMISES.due("response", timing, start), PROMISES.due("overall", timing, start)

    if timing == "emergency":
        assert (response - start, overall - start) == (timedelta(minutes=2), timedelta(hours=2))
    else:
        promised = {"small": timedelta(hours=2), "slow": timedelta(hours=14), "complex": timedelta(hours=49)}[timing]
        assert WORKING.between(start, response) == timedelta(minutes=30)
        assert WORKING.between(start, overall) == promised
        assert WORKING.between(start, PROMISES.due("handling", timing, start)) == promised * 0.75


@pytest.mark.parametrize("year", [2027, 2038, 2100])
def test_far_years_have_working_days_too(year: int) -> None:
    start = datetime(year, 3, 1, 2, 0, tzinfo=UTC)

    assert WORKING.between(start, PROMISES.due("overall", "complex", start)) == timedelta(hours=49)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def test_an_extension_until_sunday_lasts_until_sunday() -> None:
    clock = begun(120, False, WORKING, at("2026-11-26 10:00"))

    clocks.extend(clock, at("2026-11-29 18:00"), PROMISES, at("2026-11-26 11:00"))

    assert clock.due_at == at("2026-11-29 18:00")
    assert not clocks.follow_calendar(clock, PROMISES, at("2026-11-27 09:00")), "no other day is worth more"
    assert clock.due_at == at("2026-11-29 18:00")


def test_an_extension_is_warned_of_by_its_own_length() -> None:
    """Seven hours of seven and a half are gone; one day more must not warn at once."""
    clock = begun(450, False, WORKING, at("2026-11-24 09:00"))
    clock.warned_at, clock.breached_levels = at("2026-11-24 16:00"), ["community"]

    clocks.extend(clock, at("2026-11-25 17:30"), PROMISES, at("2026-11-24 17:30"))

    assert clock.warned_at is None and clock.breached_levels == []
    assert clock.next_at == at("2026-11-25 16:06"), "seven hours × 0.8 after the start of the day"


def test_a_broken_promise_stays_broken_at_its_moment_and_goes_on_by_steps() -> None:
    clock = begun(60, False, WORKING, at("2026-11-24 09:00"))
    clock.warned_at, clock.breached_levels = at("2026-11-24 09:48"), ["community"]
    breach = clock.breach

    clocks.pause(clock, PROMISES, at("2026-11-24 10:10"))
    clocks.resume(clock, PROMISES, at("2026-11-26 11:45"))

    assert clock.due_at == at("2026-11-24 10:00") and clock.breach == breach
    assert clock.next_at == at("2026-11-26 13:45"), "a step of thirty minutes, over lunch"
    other = promises(WorkingTime(WORKING.periods, WORKING.weekdays, SHANGHAI, {date(2026, 11, 24): "holiday"}))
    assert not clocks.follow_calendar(clock, other, at("2026-11-26 12:00"))


def test_a_question_is_reminded_of_after_a_third_of_its_time(session: Session) -> None:
    ticket = filed(session)

    clock = clocks.start(session, ticket.number, "supply", "small", PROMISES, TUESDAY)

    assert (clock.next_at, clock.due_at) == (TUESDAY + timedelta(days=1), TUESDAY + timedelta(days=3))


def test_the_overall_clock_runs_from_filing_and_not_from_signing(session: Session) -> None:
    ticket = filed(session)
    due = ticket.due_at

    apply(session, ticket, "accept", CHEN, PROMISES, TUESDAY + timedelta(minutes=20), changes=HOLDS)

    assert ticket.due_at == due == PROMISES.due("overall", "small", TUESDAY)


def test_another_promise_counts_for_clocks_that_start_later(session: Session) -> None:
    """What was told to the resident stays, also over a pause; the next clock of the ticket takes the new one."""
    ticket, now = brought_to(session, "need_info")
    told = PROMISES.due("overall", "small", TUESDAY)
    quicker = promises_from(Settings(promises={"small_hours": 1, "response_minutes": 5}), {})

    apply(session, ticket, "supply", WANG, quicker, now, note="在二单元")
    assert ticket.due_at == WORKING.after(now, WORKING.between(now - timedelta(minutes=10), told))
    apply(session, ticket, "return", CHEN, quicker, now)

    assert ticket.response_due_at == now + timedelta(minutes=5)


def test_words_of_the_resident_restart_no_clock(session: Session) -> None:
    ticket, now = brought_to(session, "accepted")
    before = belongings(session, ticket)["clocks"]

    apply(session, ticket, "note", WANG, PROMISES, now, note="谢谢")

    assert belongings(session, ticket)["clocks"] == before


def test_while_the_resident_is_asked_the_deadline_waits(session: Session) -> None:
    ticket, now = brought_to(session, "need_info")
    left = WORKING.between(now - timedelta(minutes=10), ticket.due_at)

    apply(session, ticket, "supply", WANG, PROMISES, now + timedelta(days=3), note="在二单元")

    assert WORKING.between(now + timedelta(days=3), ticket.due_at) == left


def test_a_reopened_ticket_has_what_was_left_when_it_was_handled(session: Session) -> None:
    """Handled (paused), confirmed (stopped), then 没解决: the wait for an answer cost the office nothing."""
    ticket, now = brought_to(session, "closed")
    handled_at = TUESDAY + timedelta(minutes=20)
    left = WORKING.between(handled_at, PROMISES.due("overall", "small", TUESDAY))

    apply(session, ticket, "reopen", WANG, PROMISES, now + timedelta(days=2))

    assert WORKING.between(now + timedelta(days=2), ticket.due_at) == left
