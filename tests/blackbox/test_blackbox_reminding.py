"""Workers die while reminders fall due: everybody is reminded, hardly anybody twice, and nobody is forgotten."""

import os
import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, time, timedelta
from time import sleep

import pytest
from blackbox.conftest import Deploy
from blackbox.platform_ledger import Answer, Ledger
from blackbox.running import ONE_OF_BOTH, Product, measured, until
from sqlalchemy import insert, select

from bot.recurrence import DAY, Recurrence
from models.database import Database
from models.outbox import OutboxMessage
from models.reminder import ACTIVE, REMINDER, RESIDENT, Reminder
from models.resident import Resident as Row

KILLS = int(os.environ.get("BLACKBOX_KILLS", "3"))
NUMBER, SPREAD = 60, timedelta(seconds=15)
SEEDS = random.SystemRandom()


def noon_now() -> dict[str, str]:
    """A time zone where it is about noon: neither the quiet hours nor midnight come near."""
    offset = 12 - datetime.now(UTC).hour
    return {"DEPLOYMENT__TIMEZONE": f"Etc/GMT{-offset:+d}"}  # these names count the other way round


@contextmanager
def opened(product: Product) -> Iterator[Database]:
    database = Database(product.database)
    yield database
    database.close()


def settle(product: Product) -> dict[str, str]:
    """Residents who wrote lately, each with a daily reminder that falls due within the next seconds: openid → words."""
    now = datetime.now(UTC)
    words = {f"oBlackbox{n:019d}": f"吃药{n:02d}" for n in range(NUMBER)}
    rows = [
        {"openid": openid, "created_at": now, "followed": True, "bulletins": True, "privacy_notice": "1", "moment_left": 0,
         "message_left": 5, "message_until": now + timedelta(hours=40)}
        for openid in words
    ]  # fmt: skip
    rule = Recurrence(DAY, time(12)).facts()
    with opened(product) as database, database.write() as session:
        session.execute(insert(Row), rows)
        found = session.execute(select(Row.openid, Row.id).where(Row.openid.in_(words)).order_by(Row.id))
        reminders = [
            {"kind": RESIDENT, "resident_id": one, "audience": {}, "text": words[openid], "rule": rule, "state": ACTIVE,
             "next_at": now + n * SPREAD / NUMBER, "created_by": "", "created_at": now}
            for n, (openid, one) in enumerate(found)
        ]  # fmt: skip
        session.execute(insert(Reminder), reminders)
    return words


def states(product: Product) -> Counter[str]:
    with opened(product) as database, database.read() as session:
        return Counter(session.scalars(select(OutboxMessage.state).where(OutboxMessage.kind == REMINDER)))


@pytest.mark.parametrize("kind", ONE_OF_BOTH)
def test_workers_are_killed_while_reminders_fall_due(kind: str, deploy: Deploy, platform: Ledger) -> None:
    product, seed = deploy(kind, **noon_now()), SEEDS.randrange(10**6)
    dice, words = random.Random(seed), settle(product)
    platform.script = lambda call: Answer(before=0.1, after=0.1) if call.path.endswith("custom/send") else None
    for _ in range(KILLS):
        seen, worker = len(platform.of("custom/send")), product.work()
        until(lambda seen=seen: len(platform.of("custom/send")) > seen, 30, f"the worker reminds, seed {seed}")
        sleep(dice.uniform(0, 0.6))
        worker.kill()
    platform.script = lambda call: None

    product.work()
    until(lambda: all(platform.said_to(openid) for openid in words), 40, f"everybody is reminded, seed {seed}")
    until(lambda: not states(product).keys() & {"waiting", "sending"}, 20, f"no row is left behind, seed {seed}")

    got = {openid: [call.text for call in platform.said_to(openid)] for openid in words}
    times = Counter(len(texts) for texts in got.values())
    measured(f"seed {seed}: {NUMBER} reminders, {KILLS} kills, times reminded {dict(times)}, {dict(states(product))}")
    assert all(words[openid] in text for openid, texts in got.items() for text in texts), seed
    assert set(times) <= {1, 2, 3} and sum(n * count for n, count in times.items()) <= NUMBER + 16 * KILLS, (
        seed,
        times,
    )
    assert sum(states(product).values()) == NUMBER and set(states(product)) <= {"sent", "unknown"}, seed
    with opened(product) as database, database.read() as session:
        planned = list(session.scalars(select(Reminder.next_at)))
    tomorrow = datetime.now(UTC) + timedelta(hours=12)
    assert all(moment and moment > tomorrow for moment in planned), (seed, "each is planned again, for the next day")
