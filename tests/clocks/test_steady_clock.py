"""The wall clock jumps by hours, days, decades: the process goes on in its own time until the jump has lasted."""

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from town import TUESDAY, Town

from bot.config import ConfigError, Settings
from bot.steady_clock import DEMO_CLOCK, DemoClock, SteadyClock, clock_for
from scheduler.due import keep_clocks
from scheduler.timetable import Every
from tests.clocks.scene import climbed, hours, with_district
from tests.delivery.scene import file, writer

PATIENCE = timedelta(minutes=30)
DECADES = [datetime(2038, 1, 20, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)]
JUMPS = [hours(2), hours(-2), timedelta(days=1), timedelta(days=-3), *(moment - TUESDAY for moment in DECADES)]


class Machine:
    """机器: a wall clock somebody may turn, and one that only goes on."""

    def __init__(self) -> None:
        self.wall, self.steady = TUESDAY.timestamp(), 1000.0
        self.now = SteadyClock(PATIENCE, lambda: self.wall, lambda: self.steady)

    def passes(self, **span: float) -> None:
        seconds = timedelta(**span).total_seconds()
        self.wall, self.steady = self.wall + seconds, self.steady + seconds

    def is_turned(self, by: timedelta) -> None:
        self.wall += by.total_seconds()


def after(**span: float) -> datetime:
    return TUESDAY + timedelta(**span)


@pytest.mark.parametrize("jump", JUMPS)
def test_a_jump_is_believed_only_when_it_has_lasted(jump: timedelta) -> None:
    machine = Machine()
    machine.passes(minutes=5)
    machine.is_turned(jump)

    for minute in range(5, 35):
        assert machine.now() == after(minutes=minute)
        machine.passes(minutes=1)

    assert machine.now() == after(minutes=35) + jump


@pytest.mark.parametrize("jump", JUMPS)
def test_a_jump_that_is_taken_back_was_nothing(jump: timedelta) -> None:
    machine = Machine()
    machine.is_turned(jump)
    assert machine.now() == TUESDAY
    machine.passes(minutes=29)
    machine.is_turned(-jump)
    assert machine.now() == after(minutes=29)
    machine.passes(minutes=1)
    machine.is_turned(jump)
    machine.passes(minutes=29)

    assert machine.now() == after(minutes=59), "the second jump waits its own time"


def test_a_clock_that_jumps_about_is_not_believed_at_all() -> None:
    machine = Machine()
    for minute in range(90):
        assert machine.now() == after(minutes=minute)
        machine.passes(minutes=1)
        machine.is_turned(hours(1 if minute % 2 else -1.5))


def test_small_corrections_are_followed_at_once() -> None:
    machine = Machine()
    machine.is_turned(timedelta(seconds=1.9))
    assert machine.now() == after(seconds=1.9)
    machine.passes(hours=1)
    machine.is_turned(timedelta(seconds=-1.5))
    assert machine.now() == after(hours=1, seconds=0.4)


def test_a_machine_that_sleeps_wakes_up_at_the_right_time() -> None:
    """The steady clock counts sleep; both go on together."""
    machine = Machine()
    machine.passes(hours=9)
    assert machine.now() == after(hours=9)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 1700), st.floats(-9e5, 9e5)), max_size=8))
def test_within_its_patience_time_goes_on_evenly(turns: list[tuple[int, float]]) -> None:
    """Whatever the wall clock says, no jump shows before half an hour, and time never runs back by more than a slew."""
    machine, real, last = Machine(), 0, TUESDAY
    for seconds, by in turns:
        machine.is_turned(timedelta(seconds=by))
        shown = machine.now()
        if real < PATIENCE.total_seconds():
            assert abs((shown - TUESDAY).total_seconds() - real) <= 2 * len(turns) + 0.001
            assert shown >= last - timedelta(seconds=2)
        last = shown
        machine.passes(seconds=seconds)
        real += seconds


def test_the_clocks_of_tickets_do_not_feel_a_jump(town: Town) -> None:
    with_district(town)
    machine = Machine()
    town.office.now = machine.now
    number = file(town, writer(town))

    for jump in (*JUMPS, -hours(20)):
        machine.is_turned(jump)
        keep_clocks(town.office)
        machine.is_turned(-jump)
    assert climbed(town, number) == [], "nothing early"
    for minute in range(120):
        machine.is_turned(JUMPS[minute % 4] if minute % 2 else -JUMPS[(minute + 1) % 4])
        machine.passes(minutes=1)
        keep_clocks(town.office)

    steps = [(cause, level) for cause, level, _ in climbed(town, number) if cause == "response"]
    assert steps == [("response", "community"), ("response", "street"), ("response", "district")], "work goes on, once"


@pytest.mark.parametrize("jump", JUMPS)
def test_the_timetable_lists_no_missed_runs_after_a_jump(jump: timedelta) -> None:
    """One run is due, however long ago the last one seems; a list of all the missed ones would fill the memory."""
    every, last = Every(5), TUESDAY
    now = last + abs(jump)

    assert every.get_next_fire_time(last, now) == now + timedelta(seconds=5)


def demo(path: Path, real: float, shown: float, speed: float) -> None:
    path.write_text(json.dumps({"real": real, "shown": shown, "speed": speed}), encoding="utf-8")
    os.utime(path, ns=(int(real * 1e9), int(real * 1e9)))


def test_the_demo_shows_a_day_in_a_minute(tmp_path: Path) -> None:
    path, wall = tmp_path / "clock.json", [5000.0]
    demo(path, 5000.0, TUESDAY.timestamp(), 1440.0)
    now = DemoClock(path, lambda: wall[0])
    assert now() == TUESDAY
    wall[0] += 60
    assert now() == after(days=1)

    demo(path, 5060.0, after(days=1).timestamp(), 1.0)
    wall[0] += 60
    assert now() == after(days=1, minutes=1)


def test_a_demo_file_that_is_just_being_written_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "clock.json"
    demo(path, 5000.0, TUESDAY.timestamp(), 1.0)
    now = DemoClock(path, lambda: 5001.0)
    now()

    path.write_text('{"real": 50', encoding="utf-8")

    assert now() == after(seconds=1)


def test_the_demo_clock_is_refused_on_a_real_platform(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "clock.json"
    demo(path, 0.0, 0.0, 1.0)
    monkeypatch.setenv(DEMO_CLOCK, str(path))

    for url in ("https://api.weixin.qq.com", "http://127.0.0.1.example.com", "http://10.0.0.1:9000"):
        with pytest.raises(ConfigError, match="demo only"):
            clock_for(Settings(official_account={"api_base_url": url}))
    for url in ("http://127.0.0.1:9000", "http://localhost:9000", "http://[::1]:9000"):
        assert isinstance(clock_for(Settings(official_account={"api_base_url": url})), DemoClock)
    path.unlink()
    with pytest.raises(ConfigError, match="cannot be read"):
        clock_for(Settings(official_account={"api_base_url": "http://127.0.0.1:9000"}))


def test_without_it_the_steady_clock_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(DEMO_CLOCK, raising=False)
    before = datetime.now(UTC)

    now = clock_for(Settings())

    assert isinstance(now, SteadyClock)
    assert abs((now() - before).total_seconds()) < 60
