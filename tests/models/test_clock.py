"""A paused clock keeps what was left: nobody loses time while the resident thinks, and nobody gains any."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session
from town import TUESDAY

from models import clock as clocks
from models.clock import Clock
from models.life import apply
from tests.models.life import CHEN, HOLDS, PROMISES, WANG, belongings, brought_to, filed

WORKING = PROMISES.working
gaps = st.timedeltas(timedelta(0), timedelta(days=4))
TIMINGS = ("emergency", "small", "slow", "complex")


def running(due: datetime) -> Clock:
    return Clock(kind="overall", state="running", started_at=TUESDAY, paused_seconds=0, due_at=due)


@settings(max_examples=80, deadline=None)
@given(st.sampled_from(TIMINGS[1:]), st.lists(st.tuples(gaps, gaps), min_size=1, max_size=3))
def test_what_was_left_at_a_pause_is_left_after_it(timing: str, pauses: list[tuple[timedelta, timedelta]]) -> None:
    clock, now = running(PROMISES.overall_due(timing, TUESDAY)), TUESDAY
    for runs, rests in pauses:
        paused_at, resumed_at = now + runs, now + runs + rests
        before = clock.due_at

        clocks.pause(clock, paused_at)
        clocks.resume(clock, timing, PROMISES, resumed_at)

        assert clock.state == "running" and clock.due_at >= before
        if paused_at < before:
            assert WORKING.between(resumed_at, clock.due_at) == WORKING.between(paused_at, before)
        else:
            assert clock.due_at - resumed_at == before - paused_at
        now = resumed_at
    assert clock.paused_seconds == pytest.approx(sum(rests.total_seconds() for _, rests in pauses))


@given(gaps, gaps)
def test_an_emergency_is_paused_by_the_wall_clock(runs: timedelta, rests: timedelta) -> None:
    clock = running(PROMISES.overall_due("emergency", TUESDAY))
    due = clock.due_at

    clocks.pause(clock, TUESDAY + runs)
    clocks.resume(clock, "emergency", PROMISES, TUESDAY + runs + rests)

    assert clock.due_at == due + rests


@settings(max_examples=60, deadline=None)
@given(gaps, gaps, gaps)
def test_a_reopened_clock_has_what_was_left_when_it_was_paused(
    runs: timedelta, waits: timedelta, closed: timedelta
) -> None:
    """Handled (paused), confirmed (stopped), then 没解决: the wait for an answer cost the office nothing."""
    clock = running(PROMISES.overall_due("slow", TUESDAY))
    due, paused_at = clock.due_at, TUESDAY + runs

    clocks.pause(clock, paused_at)
    clocks.stop(clock, paused_at + waits)
    clocks.resume(clock, "slow", PROMISES, paused_at + waits + closed)

    if paused_at < due:
        assert WORKING.between(paused_at + waits + closed, clock.due_at) == WORKING.between(paused_at, due)
    assert clock.paused_seconds == pytest.approx((waits + closed).total_seconds())


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(TIMINGS), st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 20)))
def test_no_promise_falls_due_early(timing: str, filed_at: datetime) -> None:
    start = filed_at.replace(tzinfo=TUESDAY.tzinfo)

    response, overall = PROMISES.response_due(timing, start), PROMISES.overall_due(timing, start)

    if timing == "emergency":
        assert (response - start, overall - start) == (timedelta(minutes=2), timedelta(hours=2))
    else:
        promised = {"small": timedelta(hours=2), "slow": timedelta(hours=14), "complex": timedelta(hours=49)}[timing]
        assert WORKING.between(start, response) == timedelta(minutes=30)
        assert WORKING.between(start, overall) == promised


def test_the_overall_clock_runs_from_filing_and_not_from_signing(session: Session) -> None:
    ticket = filed(session)
    due = ticket.due_at

    apply(session, ticket, "accept", CHEN, PROMISES, TUESDAY + timedelta(minutes=20), changes=HOLDS)

    assert ticket.due_at == due == PROMISES.overall_due("small", TUESDAY)


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
