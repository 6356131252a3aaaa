"""The freeze: ten thousand recipients are written down in one stroke, all of them or nobody, even under kill -9."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Barrier

import pytest
from announcing.crowd import APPROVER, AUTHOR, RULES, approved, buildings_of, crowd, drafted, hire, settle, wording
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session
from town import TUESDAY

from bot.announcing.progress import progress
from models.announcement import APPROVED, DRAFT, Announcement, Recipient
from models.audience import Audience
from models.database import Database, Refused
from models.release import approve, edit, fingerprint_of, still_as_approved
from models.withdrawal import withdraw

ROOT = Path(__file__).parents[2]
MANY = 10_000

APPROVES = """
import sys
from announcing.crowd import APPROVER, RULES
from models.database import Database
from models.release import approve
from town import TUESDAY

url, number = sys.argv[1:]
with Database(url).write() as session:
    approve(session, TUESDAY, RULES, APPROVER, int(number))
    print("frozen", flush=True)
    sys.stdin.readline()
print("committed", flush=True)
sys.stdin.readline()
"""
"""Approves, says so before and after the commit, and waits both times."""


@pytest.fixture
def database(database_url: str):
    database = Database(database_url)
    yield database
    database.close()


def prepared(database: Database) -> int:
    """A draft to ten thousand followers of one building."""
    with database.write() as session:
        hire(session)
        code = buildings_of(session)[0]
        crowd(session, MANY, code)
        return drafted(session, Audience(buildings=(code,))).id


def stored(database: Database, number: int) -> tuple[str, int]:
    """The announcement's state and how many recipients it has."""
    with database.read() as session:
        row = session.get_one(Announcement, number)
        return row.state, progress(session, row).recipients


def approving(database_url: str, number: int) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "tests")))}
    command = [sys.executable, "-c", APPROVES, database_url, str(number)]
    return subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment
    )


def kill(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGKILL)
    process.communicate()


def test_killed_before_the_commit_nothing_is_frozen_and_the_approval_can_be_repeated(
    database: Database, database_url: str
) -> None:
    number = prepared(database)
    process = approving(database_url, number)
    assert process.stdout and process.stdout.readline() == "frozen\n"
    kill(process)

    assert stored(database, number) == (DRAFT, 0)

    with database.write() as session:
        assert approve(session, TUESDAY, RULES, APPROVER, number)
    state, recipients = stored(database, number)
    assert state == APPROVED and recipients >= MANY


def test_killed_after_the_commit_everybody_is_frozen(database: Database, database_url: str) -> None:
    number = prepared(database)
    process = approving(database_url, number)
    assert process.stdin and process.stdout and process.stdout.readline() == "frozen\n"
    process.stdin.write("\n")
    process.stdin.flush()
    assert process.stdout.readline() == "committed\n"
    kill(process)

    state, recipients = stored(database, number)
    assert state == APPROVED and recipients >= MANY
    with database.write() as session:
        assert approve(session, TUESDAY, RULES, APPROVER, number) is None
        assert still_as_approved(session.get_one(Announcement, number))
    assert stored(database, number) == (APPROVED, recipients)


def test_the_number_of_statements_does_not_grow_with_the_recipients(database: Database) -> None:
    number = prepared(database)
    with database.write() as session:
        code = buildings_of(session)[1]
        settle(session, "alone", code)
        small = drafted(session, Audience(buildings=(code,))).id
    counts = {}
    for which in (small, number):
        counts[which] = 0

        def count(*_: object, which: int = which) -> None:
            counts[which] += 1

        event.listen(database.engine, "before_cursor_execute", count)
        with database.write() as session:
            approve(session, TUESDAY, RULES, APPROVER, which)
        event.remove(database.engine, "before_cursor_execute", count)

    assert counts[number] <= counts[small] < 60


def test_withdrawing_ten_thousand_leaves_an_exact_account(database: Database) -> None:
    number = prepared(database)
    with database.write() as session:
        approve(session, TUESDAY, RULES, APPROVER, number)
        first = session.scalars(select(Recipient.id).where(Recipient.announcement_id == number).order_by(Recipient.id))
        for recipient in list(first)[:3]:
            session.get_one(Recipient, recipient).state = "sent"
        session.flush()
        total = session.scalar(select(func.count()).select_from(Recipient).where(Recipient.announcement_id == number))
        withdraw(session, TUESDAY, RULES, AUTHOR, number)

    with database.read() as session:
        found = progress(session, session.get_one(Announcement, number))
    assert found.states == {"sent": 3, "skipped": total - 3} and found.gone == 3


def test_two_announcements_to_the_same_people_keep_their_own_lists(session: Session) -> None:
    code = buildings_of(session)[0]
    crowd(session, 50, code)
    one, two = (approved(session, Audience(buildings=(code,))) for _ in range(2))

    counts = session.execute(select(Recipient.announcement_id, func.count()).group_by(Recipient.announcement_id))
    assert {number: count for number, count in counts if number in (one.id, two.id)} == {one.id: 50, two.id: 50}


def at_once(database: Database, *acts: Callable[[Session], object]) -> list[object]:
    """Each in a transaction and thread of its own, let go together; what each returned or was refused with."""
    gate = Barrier(len(acts))

    def run(act: Callable[[Session], object]) -> object:
        gate.wait()
        try:
            with database.write() as session:
                return act(session)
        except Refused as refused:
            return str(refused)

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def test_of_two_who_approve_at_once_one_is_the_first(database: Database) -> None:
    number = prepared(database)

    found = at_once(
        database,
        lambda session: approve(session, TUESDAY, RULES, APPROVER, number),
        lambda session: approve(session, TUESDAY, RULES, "street", number),
    )

    assert sum(one is not None for one in found) == 1
    state, recipients = stored(database, number)
    assert state == APPROVED and recipients >= MANY


def test_the_cap_holds_for_two_who_approve_at_once(database: Database) -> None:
    with database.write() as session:
        hire(session)
        settle(session, "alone", buildings_of(session)[0])
        one, two = drafted(session).id, drafted(session).id
    once = replace(RULES, daily_cap=1)

    found = at_once(
        database,
        lambda session: approve(session, TUESDAY, once, APPROVER, one),
        lambda session: approve(session, TUESDAY, once, "street", two),
    )

    assert sorted(stored(database, number)[0] for number in (one, two)) == [APPROVED, DRAFT]
    assert sum("每日上限" in one for one in found if isinstance(one, str)) == 1


def test_an_edit_and_an_approval_at_once_never_release_words_nobody_approved(database: Database) -> None:
    with database.write() as session:
        hire(session)
        settle(session, "alone", buildings_of(session)[0])
        row = drafted(session)
        number, seen = row.id, fingerprint_of(row)

    at_once(
        database,
        lambda session: approve(session, TUESDAY, RULES, APPROVER, number, seen),
        lambda session: edit(session, TUESDAY, RULES, AUTHOR, number, wording(body="点开领钱。")),
    )

    assert stored(database, number) == (DRAFT, 0), "whoever came first, the edit voids or the code no longer fits"
