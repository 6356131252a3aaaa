"""A process that dies at any transaction of an announcement: nobody twice, nobody missing, the account exact."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from announcing.ladder_scene import approved, chunks_of, goes, had_mass, house, lives, recipients, row_of, states, texts
from sqlalchemy import delete
from sqlalchemy.orm import Session
from town import Town

from models.announcement import SENT, MassUse
from models.database import Database
from scheduler import announce as job
from scheduler.announce import announce
from simulator.resident_hand import ResidentHand
from tests.delivery.scene import second_courier

LEASE_SECONDS = 31


class Died(BaseException):
    """被杀: the process is gone; nothing of it runs any more."""


class Mortal(Database):
    """会死的库: the same database, seen by a process that dies at its nth writing transaction."""

    def __init__(self, real: Database, last: int, *, committed: bool) -> None:
        self.engine, self.is_sqlite, self._reading = real.engine, real.is_sqlite, real._reading
        self._left, self._committed = last, committed

    @contextmanager
    def write(self) -> Iterator[Session]:
        self._left -= 1
        if self._left < 0:
            raise Died
        with super().write() as session:
            yield session
            if self._left == 0 and not self._committed:
                raise Died
        if self._left == 0:
            raise Died


def killed_at(town: Town, nth: int, *, committed: bool) -> bool:
    """One process works until it dies; False when it was through before."""
    real = town.database
    with second_courier(town) as courier:
        town.office.database = Mortal(real, nth, committed=committed)
        try:
            announce(town.office, courier.account)
            courier.drain()
            announce(town.office, courier.account)
        except Died:
            return True
        finally:
            town.office.database = real
    return False


def another_takes_over(town: Town) -> None:
    town.passes(seconds=LEASE_SECONDS)
    with second_courier(town) as courier:
        for _ in range(4):
            announce(town.office, courier.account)
            courier.drain()
            town.world.mass.tell_results()
            town.passes(minutes=6)


def anew(town: Town, talkers: list[ResidentHand], alone: ResidentHand) -> None:
    """A new month, and open windows again."""
    with town.database.write() as session:
        session.execute(delete(MassUse))
    town.world.mass.used.clear()
    had_mass(town, [alone], 4)
    for hand in talkers:
        hand.says("你好")


@pytest.mark.parametrize("committed", [False, True], ids=["before its commit", "after its commit"])
def test_a_process_killed_at_any_transaction(town: Town, committed: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    code = house(town)
    hands = lives(town, code, *(f"邻居{n}" for n in range(7)))
    talkers, alone = hands[:2], hands[-1]
    monkeypatch.setattr(job, "PAGE", 3)
    died, nth = True, 0
    while died:
        nth += 1
        anew(town, talkers, alone)
        before = [len(texts(hand)) for hand in hands]
        announcement = approved(town, code, begin=False, urgent_reason="第几次都要紧")

        died = killed_at(town, nth, committed=committed)
        another_takes_over(town)

        got = [len(texts(hand)) - had for hand, had in zip(hands, before, strict=True)]
        account = states(town, announcement)
        assert max(got) <= 1, (nth, got)
        assert sum(account.values()) == 7 and account["waiting"] == account["under_way"] == 0, (nth, account)
        reached = {row.resident_id for row in recipients(town, announcement) if row.state in ("sent", "task")}
        assert len(reached) == 7, (nth, account)
        missing = [hand.resident.nickname for hand, count in zip(hands, got, strict=True) if not count]
        assert account["task"] >= len(missing), (nth, missing, account)
        assert row_of(town, announcement).state == SENT, nth
        calls = {chunk.client_id for chunk in chunks_of(town, announcement)}
        assert len(calls) == 1, "one clientmsgid, however often it was repeated"
    assert nth > 10, "it died at every transaction there is"


def test_two_leaders_at_once_make_one_account(town: Town) -> None:
    """A stopped leader wakes: both run the job on the same announcement, page by page."""
    code = house(town)
    hands = lives(town, code, *(f"邻居{n}" for n in range(12)))
    hands[0].says("你好")
    announcement = approved(town, code)

    with second_courier(town) as other, ThreadPoolExecutor(2) as leaders:
        for future in [leaders.submit(announce, town.office, each.account) for each in (town.courier, other)]:
            future.result()
    goes(town, 2)
    town.world.mass.tell_results()
    goes(town)

    assert [len(texts(hand)) for hand in hands] == [1] * 12
    assert states(town, announcement) == {"sent": 12}
