"""Followers, merges and withdrawals as rows: counted once, taken along, brought back, whoever is faster."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from town import GRID, TUESDAY

from models.clock import Clock
from models.database import Database, Refused
from models.following import Follower, followed_by, followers_of, following, survivor
from models.joining import heir_of, join_in, leave, pass_on
from models.life import apply, open_ticket
from models.matter import Matter
from models.merging import merge, unmerge
from models.outbox import OutboxMessage
from models.resident import Resident, resident_of
from models.ticket import Filing, Ticket, TicketEvent, ticket_for_update
from tests.models.life import CHEN, HOLDS, PROMISES, WANG, belongings, brought_to, filed, rebuilt

LATER = TUESDAY + timedelta(minutes=20)


def neighbour(session: Session, name: str) -> Resident:
    return resident_of(session, f"o{name:0<27}", TUESDAY)


def filing(session: Session, text: str = "我家也没亮") -> Filing:
    matter = session.get_one(Matter, "street_light")
    return Filing(matter, GRID, text, place="紫荆苑3栋1单元", door="101")


def follow(session: Session, ticket: Ticket, name: str) -> Follower:
    return join_in(session, ticket, neighbour(session, name), filing(session), PROMISES, LATER)


def filed_by(session: Session, name: str, **facts: str) -> Ticket:
    more = {"area_code": GRID, "text": "楼道灯不亮", "place": "紫荆苑5栋", **facts}
    matter = session.get_one(Matter, "street_light")
    return open_ticket(session, neighbour(session, name), Filing(matter, **more), PROMISES, TUESDAY)


def names_on(session: Session, ticket: Ticket) -> set[str]:
    return {follower.resident.openid.strip("0") for follower in followers_of(session, ticket.number)}


def as_counted(session: Session, *tickets: Ticket) -> None:
    """The number on the ticket is the number of people on it, and its history tells the same."""
    for ticket in tickets:
        assert ticket.followers == len(followers_of(session, ticket.number))
        told = rebuilt(belongings(session, ticket)["events"])
        row = belongings(session, ticket)["ticket"][0]
        assert {name: row[name] for name in told if name in row} == {k: v for k, v in told.items() if k in row}


def test_followers_are_told_each_step_and_not_the_talk(session: Session) -> None:
    ticket = filed(session)
    li = follow(session, ticket, "LI")
    for action, actor, changes in (("accept", CHEN, HOLDS), ("reply", CHEN, {}), ("handle", CHEN, {})):
        apply(session, ticket, action, actor, PROMISES, LATER, changes=changes)
    apply(session, ticket, "confirm", WANG, PROMISES, LATER, changes={"outcome": "solved"})
    session.flush()

    rows = session.scalars(select(OutboxMessage).where(OutboxMessage.ticket_number == ticket.number)).all()

    told = [row.kind for row in rows if row.target == li.resident.openid]
    assert told == ["accept", "handle", "confirm"]
    as_counted(session, ticket)


def test_coming_and_going_and_coming_again_is_one_place(session: Session) -> None:
    ticket = filed(session)
    first = follow(session, ticket, "LI")
    leave(session, ticket, first, PROMISES, LATER)
    assert ticket.followers == 0 and not following(session, ticket.number, first.resident_id)

    again = follow(session, ticket, "LI")

    assert again.id == first.id and ticket.followers == 1
    as_counted(session, ticket)


def test_nobody_joins_what_is_closed(session: Session) -> None:
    ticket, now = brought_to(session, "closed")

    with pytest.raises(Refused):
        join_in(session, ticket, neighbour(session, "LI"), filing(session), PROMISES, now)

    assert ticket.followers == 0 and not followers_of(session, ticket.number)


def test_a_merge_takes_everybody_along_and_an_undone_one_brings_them_back(session: Session) -> None:
    target, source = filed(session), filed_by(session, "LI")
    follow(session, source, "SUN")
    follow(session, target, "ZHAO")

    came = merge(session, source, target, CHEN, PROMISES, LATER)

    assert came == 2 and names_on(session, target) == {"oLI", "oSUN", "oZHAO"}
    assert (source.status, source.outcome, source.merged_into) == ("closed", "duplicate", target.number)
    states = set(session.scalars(select(Clock.state).where(Clock.ticket_number == source.number)))
    assert states == {"stopped"}
    assert survivor(session, source) is target
    assert [ticket.number for _, ticket in followed_by(session, neighbour(session, "SUN").id)] == [target.number]
    as_counted(session, source, target)

    unmerge(session, source, CHEN, PROMISES, LATER)

    assert (source.status, source.outcome, source.merged_into) == ("pending", None, None)
    assert names_on(session, target) == {"oZHAO"} and names_on(session, source) == {"oSUN"}
    as_counted(session, source, target)


def test_an_undone_merge_reaches_through_a_later_one(session: Session) -> None:
    """A into B, B into C; A is taken out again: its people leave C, those of B stay there."""
    a, b, c = (filed_by(session, name) for name in ("AAA", "BBB", "CCC"))
    follow(session, a, "LI")
    merge(session, a, b, CHEN, PROMISES, LATER)
    merge(session, b, c, CHEN, PROMISES, LATER)
    assert names_on(session, c) == {"oAAA", "oBBB", "oLI"} and survivor(session, a) is c

    unmerge(session, a, CHEN, PROMISES, LATER)

    assert names_on(session, c) == {"oBBB"} and names_on(session, a) == {"oLI"}
    as_counted(session, a, b, c)


def test_whoever_was_on_both_is_counted_once_and_the_reporter_never_follows_themselves(session: Session) -> None:
    target, source = filed(session), filed_by(session, "LI")
    follow(session, target, "SUN")
    follow(session, source, "SUN")
    join_in(session, source, target.resident, filing(session), PROMISES, LATER)

    merge(session, source, target, CHEN, PROMISES, LATER)

    assert names_on(session, target) == {"oSUN", "oLI"} and target.followers == 2
    unmerge(session, source, CHEN, PROMISES, LATER)
    assert names_on(session, target) == {"oSUN"}, "who followed by themselves goes on following"
    as_counted(session, source, target)


def test_whoever_left_meanwhile_is_not_brought_back(session: Session) -> None:
    target, source = filed(session), filed_by(session, "LI")
    sun = follow(session, source, "SUN")
    merge(session, source, target, CHEN, PROMISES, LATER)
    place = following(session, target.number, sun.resident_id)
    assert place is not None
    leave(session, target, place, PROMISES, LATER)

    unmerge(session, source, CHEN, PROMISES, LATER)

    assert names_on(session, source) == set()
    as_counted(session, source, target)


@pytest.mark.parametrize("status", ["handled", "closed"])
def test_merging_into_what_is_over_is_refused_and_changes_nothing(session: Session, status: str) -> None:
    target, now = brought_to(session, status)
    source = filed_by(session, "LI")
    before = belongings(session, source), belongings(session, target)

    with pytest.raises(Refused, match=f"重开 {target.number}"):
        merge(session, source, target, CHEN, PROMISES, now)

    assert (belongings(session, source), belongings(session, target)) == before


def test_no_circles_and_nothing_into_itself(session: Session) -> None:
    a, b = filed(session), filed_by(session, "LI")
    with pytest.raises(Refused, match="自己"):
        merge(session, a, a, CHEN, PROMISES, LATER)
    merge(session, a, b, CHEN, PROMISES, LATER)

    with pytest.raises(Refused, match=f"合并 {b.number} {b.number}|并入"):
        merge(session, b, a, CHEN, PROMISES, LATER)
    with pytest.raises(Refused, match="没有合并过"):
        unmerge(session, b, CHEN, PROMISES, LATER)


def test_the_reporter_withdraws_and_the_first_neighbour_takes_over(session: Session) -> None:
    ticket, _ = brought_to(session, "need_info")
    ticket.door = "501"
    follow(session, ticket, "LI")
    follow(session, ticket, "SUN")
    heir = heir_of(session, ticket)
    assert heir is not None

    pass_on(session, ticket, heir, PROMISES, LATER + timedelta(hours=1))

    assert ticket.resident.openid.startswith("oLI") and ticket.status == "accepted", "nobody is waited for any more"
    assert ticket.followers == 1 and names_on(session, ticket) == {"oSUN"}
    assert ticket.door == "" or ticket.door == "101", "never the door of who withdrew"
    as_counted(session, ticket)


def test_who_has_left_the_account_inherits_last(session: Session) -> None:
    ticket = filed(session)
    follow(session, ticket, "LI").resident.followed = False
    follow(session, ticket, "SUN")

    heir = heir_of(session, ticket)

    assert heir is not None and heir.resident.openid.startswith("oSUN")


def test_the_group_hears_each_round_number_once(session: Session) -> None:
    """Whatever order people come and go in: 3, 10 and 30 are told once each."""
    ticket = filed(session)
    for index in range(32):
        place = follow(session, ticket, f"N{index}X")
        if index % 5 == 0:
            leave(session, ticket, place, PROMISES, LATER)
            follow(session, ticket, f"N{index}X")
    session.flush()

    of_ticket = (OutboxMessage.ticket_number == ticket.number, OutboxMessage.kind == "growing")
    told = session.scalars(select(OutboxMessage).where(*of_ticket).order_by(OutboxMessage.id)).all()

    assert [row.facts["reports"] for row in told] == [3, 10, 30]


STEPS = st.lists(
    st.tuples(st.sampled_from(("follow", "leave", "merge", "unmerge")), st.integers(0, 2), st.integers(0, 4)),
    max_size=14,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_however_people_come_go_and_are_merged_the_count_is_true(session: Session, steps: list) -> None:
    with session.begin_nested() as tried:
        tickets = [filed_by(session, f"T{index}X") for index in range(3)]
        for what, which, who in steps:
            ticket, other = tickets[which], tickets[who % 3]
            try:
                with session.begin_nested():
                    if what == "follow":
                        if not following(session, ticket.number, neighbour(session, f"F{who}X").id):
                            follow(session, ticket, f"F{who}X")
                    elif what == "leave":
                        if place := following(session, ticket.number, neighbour(session, f"F{who}X").id):
                            leave(session, ticket, place, PROMISES, LATER)
                    elif what == "merge":
                        merge(session, ticket, other, CHEN, PROMISES, LATER)
                    else:
                        unmerge(session, ticket, CHEN, PROMISES, LATER)
            except Refused:
                continue
        as_counted(session, *tickets)
        for ticket in tickets:
            assert not survivor(session, ticket).merged_into
            assert ticket.resident_id not in {row.resident_id for row in followers_of(session, ticket.number)}
        tried.rollback()
    session.expire_all()


def test_two_neighbours_at_once_are_two(database_url: str) -> None:
    database = Database(database_url)
    with database.write() as session:
        number = filed(session).number
        for index in range(8):
            neighbour(session, f"N{index}X")
    together = Barrier(8)

    def come(index: int) -> None:
        together.wait()
        with database.write() as session:
            ticket = ticket_for_update(session, number)
            assert ticket is not None
            follow(session, ticket, f"N{index}X")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(come, range(8)))

    with database.read() as session:
        assert session.get_one(Ticket, number).followers == len(followers_of(session, number)) == 8
        steps = select(func.count()).where(TicketEvent.ticket_number == number, TicketEvent.action == "follow")
        assert session.scalar(steps) == 8
    database.close()


def test_a_neighbour_and_the_worker_who_closes_it_meet_and_nobody_is_lost(database_url: str) -> None:
    """Whoever is second sees what the first has done: on the ticket and told, or refused."""
    database = Database(database_url)
    for _ in range(6):
        with database.write() as session:
            ticket = filed(session)
            apply(session, ticket, "accept", CHEN, PROMISES, LATER, changes=HOLDS)
            number = ticket.number
        together = Barrier(2)

        def close(number: int = number, together: Barrier = together) -> bool:
            together.wait()
            with database.write() as session:
                ticket = ticket_for_update(session, number)
                assert ticket is not None
                apply(session, ticket, "handle", CHEN, PROMISES, LATER)
                apply(session, ticket, "confirm", WANG, PROMISES, LATER, changes={"outcome": "solved"})
            return True

        def come(number: int = number, together: Barrier = together) -> bool:
            together.wait()
            try:
                with database.write() as session:
                    ticket = ticket_for_update(session, number)
                    assert ticket is not None
                    follow(session, ticket, "LI")
            except Refused:
                return False
            return True

        with ThreadPoolExecutor(2) as pool:
            closing, coming = pool.submit(close), pool.submit(come)
            closing.result()
            came = coming.result()

        with database.read() as session:
            openid = select(Resident.openid).where(Resident.openid.startswith("oLI"))
            rows = select(OutboxMessage.kind).where(
                OutboxMessage.ticket_number == number, OutboxMessage.target.in_(openid)
            )
            assert sorted(session.scalars(rows)) == (["confirm", "handle"] if came else [])
            assert session.get_one(Ticket, number).followers == came
    database.close()
