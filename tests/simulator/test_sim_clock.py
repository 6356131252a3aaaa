"""The clock that everybody in the demo follows, fast time, and the board of where tickets have been."""

import json
import threading
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import pytest
import requests

from bot.steady_clock import DemoClock
from simulator.clock import Clock
from simulator.pacer import DAY_STEP, ZONE, Pacer, next_morning
from simulator.world import World
from tests.simulator.conftest import StandingClock


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE).timestamp()


def test_the_product_follows_the_worlds_clock(tmp_path: Path) -> None:
    file, real = tmp_path / "clock.json", StandingClock()
    ours = Clock(real, file)
    theirs = DemoClock(file, real)
    for seconds in (600, 3600, 0.5):
        ours.advance(seconds)
        assert theirs().timestamp() == ours.now()
    real.at += 90
    assert theirs().timestamp() == ours.now() == real.at + 4200.5


def test_a_moved_clock_goes_on_in_the_next_run(tmp_path: Path) -> None:
    file, real = tmp_path / "clock.json", StandingClock()
    Clock(real, file).advance(7200)
    real.at += 86_400
    again = Clock(real, file)
    assert again.now() == real.at + 7200
    again.back_to_real()
    assert again.now() == real.at + 7200, "the records of others would lie in the future"
    file.write_text("{", encoding="utf-8")
    assert Clock(real, file).now() == real.at


def test_no_reader_ever_finds_half_a_file(tmp_path: Path) -> None:
    file = tmp_path / "clock.json"
    clock = Clock(StandingClock(), file)
    mover = threading.Thread(target=lambda: [clock.advance(1) for _ in range(300)])
    mover.start()
    while mover.is_alive():
        assert json.loads(file.read_text(encoding="utf-8"))["speed"] == 1
    mover.join()
    assert clock.ahead == 300


def seen_times(seconds: float, watch: bool) -> list[float]:
    """Seconds after the start at which the page was told of the time."""
    clock, done = Clock(StandingClock()), threading.Event()
    began, told = clock.now(), list[float]()

    def tell() -> None:
        told.append(clock.now() - began)
        if told[-1] and pacer.until is None:
            done.set()

    pacer = Pacer(clock, tell, beat=0)
    (pacer.play if watch else pacer.skip)(seconds)
    assert done.wait(10)
    return told


def test_a_whole_day_passes_in_a_minutes_beats_and_stops_by_itself() -> None:
    told = seen_times(86_400, watch=True)
    assert max(told) == 86_400
    assert {later - earlier for earlier, later in pairwise(told)} <= {0, DAY_STEP}
    assert len(set(told)) - 1 == 120


@pytest.mark.parametrize(("seconds", "longest"), [(60, 60), (600, 100), (3600, 600), (86_400, 1500)])
def test_a_skip_passes_through_the_time_between(seconds: float, longest: float) -> None:
    told = seen_times(seconds, watch=False)
    assert max(told) == seconds
    assert max(later - earlier for earlier, later in pairwise(told)) == longest


def test_no_step_is_made_while_a_callback_is_under_way() -> None:
    clock, told = Clock(StandingClock()), threading.Event()
    began = clock.now()
    pacer = Pacer(clock, lambda: told.set() if clock.now() > began else None, beat=0)
    with clock.still():
        pacer.skip(600)
        assert not told.wait(0.2)
        assert clock.now() == began
    assert told.wait(5)


def test_normal_speed_stops_a_day_half_way() -> None:
    clock = Clock(StandingClock())
    began, moved = clock.now(), threading.Event()
    pacer = Pacer(clock, lambda: moved.set() if clock.now() > began else None, beat=60)
    pacer.play(86_400)
    assert moved.wait(5)
    pacer.normal()
    assert clock.now() == began + DAY_STEP and pacer.until is None


@pytest.mark.parametrize(
    ("now", "morning"),
    [
        ("2026-11-24 08:59", "2026-11-24 09:00"),
        ("2026-11-24 09:00", "2026-11-25 09:00"),
        ("2026-11-20 21:00", "2026-11-23 09:00"),
        ("2026-09-18 17:00", "2026-09-20 09:00"),
        ("2026-09-30 12:00", "2026-10-08 09:00"),
    ],
)
def test_the_next_morning_is_one_on_which_people_work(now: str, morning: str) -> None:
    calendar = {f"2026-10-0{day}": "holiday" for day in range(1, 8)} | {"2026-09-20": "workday"}
    assert next_morning(at(now), calendar) == at(morning)


def test_the_page_moves_the_time_of_everything(world: World) -> None:
    clock = world.url + "/sim/clock"
    auntie = world.resident("王阿姨")
    auntie.says("停水")
    began = requests.get(clock, timeout=2).json()
    assert began["now"] == world.clock.now() and began["until"] is None
    moved = requests.post(clock, json={"advance_seconds": 48 * 3600}, timeout=2).json()
    assert moved["now"] == began["now"] + 48 * 3600
    assert auntie.resident.left(world.clock.now()) == 0, "48 hours are over"
    assert requests.post(clock, json={"to_morning": True}, timeout=2).json()["until"] == moved["morning"]
    stopped = requests.post(clock, json={}, timeout=2).json()
    assert stopped["until"] is None
    assert requests.post(clock, json={"advance_seconds": -1}, timeout=2).status_code == 400
    assert requests.post(clock, json={"play_seconds": "nan"}, timeout=2).status_code == 400
    auntie.says("来水了")
    assert world.wechat.message_fields(auntie.resident, "text")["CreateTime"] == int(world.clock.now())


def push(world: World, key: str, text: str) -> None:
    body = {"msgtype": "markdown", "markdown": {"content": text}}
    requests.post(f"{world.url}/cgi-bin/webhook/send?key={key}", json=body, timeout=2)


def test_twenty_a_minute_are_minutes_of_the_shown_time(world: World) -> None:
    for _ in range(21):
        push(world, "key-3", "#7 路灯")
    assert len(world.group("chat-3").cards) == 20
    world.clock.advance(60)
    push(world, "key-3", "#7 路灯")
    assert len(world.group("chat-3").cards) == 21


def test_the_board_shows_how_far_a_ticket_has_climbed(world: World) -> None:
    world.add_group("chat-s", "街道", "key-s", level="street")
    world.add_group("chat-c", "社区", "key-c", level="community")
    world.groups.get("chat-3").level = "grid"  # type: ignore[union-attr]
    push(world, "key-3", "**#7 路灯不亮**\n> 地点：3栋")
    world.clock.advance(1800)
    push(world, "key-c", "**【上报社区】#7 路灯不亮**\n> 没有人签收")
    world.clock.advance(1800)
    push(world, "key-s", "**【紧急】【上报街道】#7 路灯不亮**\n> 没有人签收")
    push(world, "key-c", "**#8 垃圾**")
    push(world, "key-c", "今天没有工单")
    world.group("chat-3").says("陈小明", "#9 是什么")
    board = {track["number"]: track for track in requests.get(world.url + "/sim/board", timeout=2).json()}
    assert set(board) == {7, 8}, "an answer of the bot alone is no ticket"
    assert board[7]["title"] == "路灯不亮" and board[7]["newest"] == "没有人签收"
    stops = [(stop["level"], stop["at"] - board[7]["began_at"], stop["raised"]) for stop in board[7]["stops"]]
    assert stops == [("grid", 0, False), ("community", 1800, True), ("street", 3600, True)]
