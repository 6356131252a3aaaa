"""Somebody else holds the database: a short while is waited for, a long one is said at once, and nothing half done stays."""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from blackbox.conftest import Deploy
from blackbox.little_street import building
from blackbox.running import Product, measured
from blackbox.talking import Heard, Resident, post
from sqlalchemy import create_engine, text

KINDS = ["sqlite", "postgres"]


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
    with engine.begin() as connection:
        names = connection.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).scalars()
        connection.execute(text(f"LOCK TABLE {', '.join(names)} IN ACCESS EXCLUSIVE MODE"))
        locked.set()
        time.sleep(seconds)
    engine.dispose()


@pytest.mark.parametrize("kind", KINDS)
def test_a_lock_of_three_seconds_is_waited_for_one_of_eight_is_not(kind: str, deploy: Deploy) -> None:
    product = deploy(kind, SERVER__WORKERS="2")
    web, resident = product.web(), Resident()
    resident.scan(web, building(1))
    with _locked(product, 3):
        waited = resident.say(web, "楼道灯不亮了")
    assert waited.status == 200 and len(waited.numbers) == 1 and waited.seconds < 4.5

    crowd = [Resident() for _ in range(24)]
    envelopes = [person.text("我住梧桐里1号楼，井盖没了") for person in crowd]
    heard: dict[int, Heard] = {}

    def deliver(n: int) -> None:
        heard[n] = post(web, envelopes[n], crowd[n], timeout=20)

    with _locked(product, 8):
        threads = [threading.Thread(target=deliver, args=(n,)) for n in range(len(crowd))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
    slowest = max(answer.seconds for answer in heard.values())
    measured(
        f"{kind}: 3 s lock answered in {waited.seconds:.2f} s; 24 at once under a longer one: slowest {slowest:.2f} s"
    )
    assert {answer.status for answer in heard.values()} == {503}
    again = [post(web, envelope, person) for envelope, person in zip(envelopes, crowd, strict=True)]
    assert [len(answer.numbers) for answer in again] == [1] * len(crowd)
    messages, tickets = product.exports("messages", "tickets")
    assert len(tickets) == 1 + len(crowd) and len(messages) == 2 + len(crowd)
    assert slowest < 4.2
