"""Promises of seconds, real processes: what nobody takes climbs to the district, each level once, whoever keeps the clocks."""

import csv
import random
import signal
import time
from collections import Counter
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import pytest
from blackbox.conftest import Deploy
from blackbox.little_street import COMMUNITIES, STREET, building, chat, grid, key, leader
from blackbox.platform_ledger import Ledger
from blackbox.running import BOTH, LONG, ONE_OF_BOTH, TICK, Product, Row, Running, Web, measured, until
from blackbox.talking import Resident, Worker

DISTRICT = "990199"
LEVELS = ("community", "street", "district")
STEP = 2.0
SHORT = {
    "PROMISES__RESPONSE_MINUTES": str(STEP / 60),
    "PROMISES__STEP_MINUTES": str(STEP / 60),
    "PROMISES__EMERGENCY_MINUTES": str(STEP / 60),
    "PROMISES__EMERGENCY_STEP_MINUTES": str(STEP / 60),
    "WORKING_TIME__PERIODS": '["00:00-23:59"]',
    "WORKING_TIME__WEEKDAYS": "[1, 2, 3, 4, 5, 6, 7]",
}
long_only = pytest.mark.skipif(not LONG, reason="BLACKBOX_LONG=1 runs it")


def _with_district(product: Product) -> None:
    """A level above the street."""
    folder = product.folder / "district"
    folder.mkdir()
    _table(folder / "areas.csv", "code,name,level,parent_code", [
        (DISTRICT, "试金区", "district", ""), (STREET, "试金街道", "street", DISTRICT),
    ])  # fmt: skip
    group = (chat(DISTRICT), DISTRICT, key(DISTRICT), "区群")
    _table(folder / "groups.csv", "chat_id,area_code,webhook_key,name", [group])
    done = product.flask("import", str(folder))
    assert done.returncode == 0, done.stdout + done.stderr


def _table(path: Path, header: str, rows: list[tuple[str, ...]]) -> None:
    with open(path, "w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header.split(","), *rows])


def _filed(web: Web, n: int, words: str = "楼道灯不亮了") -> int:
    resident = Resident()
    resident.scan(web, building(n))
    heard = resident.say(web, words)
    assert len(heard.numbers) == 1, heard
    return heard.numbers[0]


def _steps(product: Product) -> list[Row]:
    return [row for row in product.export("escalations") if row["cause"] == "response"]


def _raised(platform: Ledger, number: int) -> list[str]:
    """The groups that got the card of a level that is woken."""
    return [call.key for call in platform.delivered() if call.names(number) and "【上报" in call.first_line]


def _line(n: int) -> list[str]:
    return [key(COMMUNITIES[(n - 1) // 2]), key(STREET), key(DISTRICT)]


def _each_once(product: Product, platform: Ledger, tickets: dict[int, int], *, cards_twice: int = 0) -> None:
    """Every ticket (number → grid) woke each level once, in order, none early; every card came once and in order, but
    for those whose worker was gone between claiming, sending and writing it down."""
    all_steps, filed = product.exports("escalations", "tickets")
    steps = [row for row in all_steps if row["cause"] == "response"]
    assert Counter((row["ticket"], row["level"]) for row in steps) == {
        (number, level): 1 for number in tickets for level in LEVELS
    }
    filed_at = {row["number"]: datetime.fromisoformat(row["created_at"]) for row in filed}
    for number, n in tickets.items():
        times = [datetime.fromisoformat(row["at"]) for row in steps if row["ticket"] == number]
        waits = [(later - sooner).total_seconds() for sooner, later in pairwise([filed_at[number], *times])]
        assert min(waits) >= STEP - 0.01, waits
        woken = list(dict.fromkeys(_raised(platform, number)))
        assert woken == _line(n) or (cards_twice and sorted(woken) == sorted(_line(n)))
    assert sum(len(_raised(platform, number)) for number in tickets) <= 3 * len(tickets) + cards_twice


@pytest.mark.parametrize("kind", BOTH)
def test_what_nobody_takes_reaches_the_district_and_what_waits_does_not(
    kind: str, deploy: Deploy, platform: Ledger
) -> None:
    """Two that keep the clocks; six tickets nobody takes, one that waits for its resident, one that is signed."""
    product = deploy(kind, **SHORT)
    _with_district(product)
    web = product.web()
    asked, taken = _filed(web, 1, "井盖没了"), _filed(web, 2, "井盖没了")
    holders = {asked: Worker(leader(1), chat(grid(1))), taken: Worker(leader(2), chat(grid(2)))}
    for number, holder in holders.items():
        assert f"#{number}" in holder.write(web, f"接单 {number}").text
    assert f"#{asked}" in holders[asked].write(web, f"补充 {asked} 几单元").text
    product.work(), product.work()
    tickets = {_filed(web, n, "着火了" if n % 2 else "楼道灯不亮了"): n for n in range(1, 7)}
    until(lambda: all(_raised(platform, t)[-1:] == [key(DISTRICT)] for t in tickets), 4 * STEP + 20, "the district")
    time.sleep(STEP + TICK)
    _each_once(product, platform, tickets)
    assert _raised(platform, asked) == [] and _raised(platform, taken) == []
    clocks = {(row["ticket"], row["kind"]): row["state"] for row in product.export("clocks")}
    assert (clocks[asked, "handling"], clocks[asked, "overall"]) == ("paused", "paused")
    assert (clocks[taken, "response"], clocks[taken, "overall"]) == ("stopped", "running")


@pytest.mark.parametrize("kind", ONE_OF_BOTH)
def test_a_leader_that_is_stopped_or_killed_is_replaced_and_repeats_nothing(
    kind: str, deploy: Deploy, platform: Ledger
) -> None:
    """The first one leads (it made a step alone) and freezes, its successor is killed, a third goes on; the first
    one wakes up."""
    product = deploy(kind, **SHORT)
    _with_district(product)
    web, first = product.web(), product.work()
    tickets = {_filed(web, 1): 1}
    until(lambda: _raised(platform, min(tickets)), STEP + 20, "the first one keeps the clocks")
    second = product.work()
    for leader_now, how, n in ((first, product.freeze, 3), (second, Running.kill, 5)):
        how(leader_now)
        gone, number = time.monotonic(), _filed(web, n)
        tickets[number] = n
        if leader_now is second:
            product.work()
        until(lambda number=number: _raised(platform, number), 60, "another one keeps them")
        measured(f"{how.__name__}, {kind}: replaced within {time.monotonic() - gone:.1f} s")
    until(
        lambda: all(set(_line(n)) == set(_raised(platform, t)) for t, n in tickets.items()), 4 * STEP + 20, "on and on"
    )
    first.signal(signal.SIGCONT)
    time.sleep(2 * STEP)
    _each_once(product, platform, tickets, cards_twice=2)


@long_only
@pytest.mark.parametrize("kind", BOTH)
def test_clocks_are_kept_through_many_deaths(kind: str, deploy: Deploy, platform: Ledger) -> None:
    """Killed at any moment of a step, again and again: each step once, none lost."""
    product, seed = deploy(kind, **SHORT), random.randrange(10**6)
    dice = random.Random(seed)
    _with_district(product)
    web = product.web()
    tickets = {_filed(web, n, words): n for n in range(1, 7) for words in ("楼道灯不亮了", "井盖没了")}
    for _ in range(6):
        worker = product.work()
        time.sleep(dice.uniform(1.5, 4))
        worker.kill()
    product.work()
    until(lambda: len(_steps(product)) >= 3 * len(tickets), 60, f"seed {seed}")
    time.sleep(STEP)
    counted = Counter((row["ticket"], row["level"]) for row in _steps(product))
    assert set(counted.values()) == {1} and len(counted) == 3 * len(tickets), seed


@long_only
@pytest.mark.parametrize("kind", BOTH)
def test_after_a_long_night_one_level_is_woken_and_the_next_a_step_later(
    kind: str, deploy: Deploy, platform: Ledger
) -> None:
    """Everything was down for many steps: no burst of levels."""
    product = deploy(kind, **SHORT)
    _with_district(product)
    web = product.web()
    tickets = {_filed(web, n): n for n in range(1, 7)}
    time.sleep(5 * STEP)
    product.work()
    until(lambda: len(_steps(product)) >= 3 * len(tickets), 60, "the district")
    until(lambda: all(_raised(platform, t)[-1:] == [key(DISTRICT)] for t in tickets), 10, "the last card")
    _each_once(product, platform, tickets)
