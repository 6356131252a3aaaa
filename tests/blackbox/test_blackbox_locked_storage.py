"""Somebody else holds the database: a short while is waited for, a long one is said at once, and nothing half done stays."""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
from blackbox.conftest import Deploy
from blackbox.little_street import building
from blackbox.running import LONG, ONE_OF_BOTH, Product, Web, measured
from blackbox.talking import Envelope, Heard, Resident, post
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

CROWDS = [12, 24] if LONG else [12]
"""Within the threads of one `flask web` (2 x 8), and beyond them."""


@contextmanager
def _locked(product: Product, seconds: float) -> Iterator[None]:
    locked = threading.Event()
    hold = _hold_sqlite if product.database.startswith("sqlite") else _hold_postgres
    thread = threading.Thread(target=hold, args=(product.database, seconds, locked))
    thread.start()
    assert locked.wait(10)
    yield
    thread.join(30)


def _hold_sqlite(url: str, seconds: float, locked: threading.Event) -> None:
    connection = sqlite3.connect(url.removeprefix("sqlite:///"), timeout=5, isolation_level=None)
    connection.execute("BEGIN EXCLUSIVE")
    locked.set()
    time.sleep(seconds)
    connection.execute("ROLLBACK")
    connection.close()


def _hold_postgres(url: str, seconds: float, locked: threading.Event) -> None:
    engine = create_engine(url)
    while not locked.is_set():
        # A process that is still starting reads tables in its own order: one of us may be the victim of a deadlock.
        with suppress(OperationalError), engine.begin() as connection:
            names = connection.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).scalars()
            connection.execute(text(f"LOCK TABLE {', '.join(names)} IN ACCESS EXCLUSIVE MODE"))
            locked.set()
            time.sleep(seconds)
    engine.dispose()


def _all_at_once(web: Web, envelopes: list[Envelope], people: list[Resident]) -> list[Heard]:
    heard: dict[int, Heard] = {}

    def deliver(n: int) -> None:
        heard[n] = post(web, envelopes[n], people[n], timeout=20)

    threads = [threading.Thread(target=deliver, args=(n,)) for n in range(len(people))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return list(heard.values())


@pytest.mark.parametrize("people", CROWDS)
@pytest.mark.parametrize("kind", ONE_OF_BOTH)
def test_a_lock_of_three_seconds_is_waited_for_one_of_eight_is_not(kind: str, people: int, deploy: Deploy) -> None:
    product = deploy(kind, SERVER__WORKERS="2", DUPLICATES__DAYS="0")
    web, resident = product.web(), Resident()
    resident.scan(web, building(1))
    with _locked(product, 3):
        waited = resident.say(web, "楼道灯不亮了")
    assert waited.status == 200 and len(waited.numbers) == 1 and waited.seconds < 4.5

    crowd = [Resident() for _ in range(people)]
    envelopes = [person.text("我住梧桐里1号楼，井盖没了") for person in crowd]
    with _locked(product, 8):
        heard = _all_at_once(web, envelopes, crowd)
    slowest = max(answer.seconds for answer in heard)
    measured(f"{kind}: a 3 s lock: {waited.seconds:.2f} s; {people} at once under 8 s: slowest {slowest:.2f} s")
    assert [answer.status for answer in heard] == [503] * people
    again = [post(web, envelope, person) for envelope, person in zip(envelopes, crowd, strict=True)]
    assert [len(answer.numbers) for answer in again] == [1] * people
    messages, tickets = product.exports("messages", "tickets")
    assert (len(tickets), len(messages)) == (1 + people, 2 + people)
    assert slowest < 4.2
