"""One leader, whoever dies and whatever the clocks say."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session
from town import TUESDAY

from models.database import Database
from models.lease import hold

LENGTH = timedelta(seconds=30)


def test_only_one_leads(session: Session) -> None:
    assert hold(session, "leader", "first", TUESDAY, LENGTH)
    assert not hold(session, "leader", "second", TUESDAY + timedelta(seconds=29), LENGTH)


def test_the_leader_renews_as_often_as_it_likes(session: Session) -> None:
    for seconds in range(0, 120, 10):
        assert hold(session, "leader", "first", TUESDAY + timedelta(seconds=seconds), LENGTH)
        assert not hold(session, "leader", "second", TUESDAY + timedelta(seconds=seconds + 5), LENGTH)


def test_a_silent_leader_is_followed_by_another_and_stays_out(session: Session) -> None:
    hold(session, "leader", "first", TUESDAY, LENGTH)

    assert hold(session, "leader", "second", TUESDAY + LENGTH, LENGTH)
    assert not hold(session, "leader", "first", TUESDAY + LENGTH, LENGTH)


def test_leases_of_other_names_are_other_leases(session: Session) -> None:
    assert hold(session, "leader", "first", TUESDAY, LENGTH)
    assert hold(session, "weekly bulletin", "second", TUESDAY, LENGTH)


@pytest.mark.parametrize("wrong", [timedelta(days=1), timedelta(days=365 * 12)])
def test_a_clock_gone_far_wrong_does_not_lock_the_lease_for_ever(session: Session, wrong: timedelta) -> None:
    hold(session, "leader", "from the future", TUESDAY + wrong, LENGTH)

    assert hold(session, "leader", "second", TUESDAY, LENGTH)
    assert not hold(session, "leader", "third", TUESDAY, LENGTH)


def test_a_clock_a_little_ahead_is_waited_for(session: Session) -> None:
    hold(session, "leader", "ahead", TUESDAY + timedelta(seconds=20), LENGTH)

    assert not hold(session, "leader", "second", TUESDAY, LENGTH)
    assert hold(session, "leader", "second", TUESDAY + timedelta(seconds=50), LENGTH)


def test_many_at_once_make_one_leader(database_url: str) -> None:
    database, barrier, leaders = Database(database_url), threading.Barrier(6), list[str]()

    def stand(owner: str) -> None:
        barrier.wait()
        with database.write() as session:
            if hold(session, "leader", owner, TUESDAY, LENGTH):
                leaders.append(owner)

    candidates = [threading.Thread(target=stand, args=(f"process-{n}",)) for n in range(6)]
    for candidate in candidates:
        candidate.start()
    for candidate in candidates:
        candidate.join()
    database.close()

    assert len(leaders) == 1
