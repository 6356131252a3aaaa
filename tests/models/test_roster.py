"""值班: who covers a grid at a moment, and what the roster lets people do."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select
from sqlalchemy.orm import Session
from town import COMMUNITY, GRID, OTHER_GRID, STREET, TUESDAY

from bot.when import span_said
from models.database import Database
from models.importing import import_tables, read_tables
from models.person import Person, Posting
from models.roster import (
    LEAVE,
    SHIFT,
    STAND_IN,
    RosterEntry,
    absence,
    arranges,
    calling_chain,
    covering,
    duties_of,
    fit_to_stand_in,
    may_stand_in_unasked,
    vacancies,
)
from models.telling import receivers
from tests.models.life import filed
from tests.models.sheets import folder, imported, problems

ZONE = ZoneInfo("Asia/Shanghai")
DAY = timedelta(days=1)
LINE = (GRID, COMMUNITY, STREET)


def keys(postings: Iterable[Posting]) -> list[str]:
    return [posting.person_key for posting in postings]


def entered(session: Session, person: str, kind: str, **values: object) -> RosterEntry:
    """One entry of the roster; without days it holds yesterday, today and tomorrow."""
    facts = {"since": TUESDAY - DAY, "until": TUESDAY + DAY, "created_at": TUESDAY, "area_code": None, **values}
    entry = RosterEntry(person_key=person, kind=kind, **facts)
    session.add(entry)
    session.flush()
    return entry


def posted(session: Session, person: str, duty: str, area: str = GRID) -> Posting:
    session.merge(Person(key=person, name=f"测{person}", wecom_userid=person, userid_folded=person.casefold()))
    posting = Posting(person_key=person, area_code=area, duty=duty)
    session.add(posting)
    session.flush()
    return posting


def posting_of(session: Session, person: str, area: str = GRID) -> Posting:
    return session.scalars(select(Posting).where(Posting.person_key == person, Posting.area_code == area)).one()


def on_grid(session: Session, moment: datetime = TUESDAY, number: int = 0, area: str = GRID) -> list[str]:
    return keys(covering(session, moment, ZONE, area_code=area, number=number))


def emptied(session: Session, *areas: str) -> None:
    """Nobody is posted there any more."""
    session.execute(delete(Posting).where(Posting.area_code.in_(areas)))


def part_timer(session: Session) -> str:
    query = select(Posting.person_key).where(Posting.area_code == GRID, Posting.duty == "part_time")
    return session.scalars(query).one()


def test_everybody_who_is_called_covers_when_the_roster_says_nothing(session: Session) -> None:
    assert on_grid(session) == ["chen", part_timer(session), "zhou"]


def test_whoever_is_on_leave_is_not_called(session: Session) -> None:
    entered(session, "chen", LEAVE, until=TUESDAY)
    assert on_grid(session, TUESDAY - timedelta(seconds=1)) == [part_timer(session), "zhou"]
    assert on_grid(session, TUESDAY)[0] == "chen", "`until` does not count any more"


def test_a_leave_from_one_area_leaves_the_others(session: Session) -> None:
    posted(session, "chen", "full_time", OTHER_GRID)
    entered(session, "chen", LEAVE, area_code=GRID)
    assert "chen" not in on_grid(session) and "chen" in on_grid(session, area=OTHER_GRID)


def test_on_a_shift_only_they_are_called_and_the_others_come_behind(session: Session) -> None:
    part = part_timer(session)
    entered(session, part, SHIFT, area_code=GRID, begins="08:30", ends="12:00")

    assert on_grid(session) == [part]
    assert keys(calling_chain(session, TUESDAY, ZONE, GRID))[:3] == [part, "chen", "zhou"]
    assert on_grid(session, TUESDAY + timedelta(hours=2)) == ["chen", part, "zhou"], "12:00 is no shift of anybody"


@pytest.mark.parametrize(
    ("weekdays", "begins", "ends", "hour", "covers"),
    [
        ("2", "", "", 10, True), ("3", "", "", 10, False), ("12345", "10:00", "11:00", 10, True),
        ("", "09:00", "10:00", 10, False), ("2", "22:00", "06:00", 23, True), ("2", "22:00", "06:00", 5, False),
        ("1", "22:00", "06:00", 5, True), ("1", "22:00", "06:00", 23, False), ("", "08:00", "08:00", 3, True),
    ],
)  # fmt: skip
def test_a_shift_has_days_and_hours_over_midnight_too(
    session: Session, weekdays: str, begins: str, ends: str, hour: int, covers: bool
) -> None:
    """Tuesday, 24 November; a night shift belongs to the evening it begins on."""
    values = {"weekdays": weekdays, "begins": begins, "ends": ends}
    entry = entered(session, "chen", SHIFT, since=TUESDAY - 9 * DAY, until=TUESDAY + 9 * DAY, area_code=GRID, **values)
    assert entry.holds_at(datetime(2026, 11, 24, hour, tzinfo=ZONE)) is covers


def test_with_the_whole_shift_on_leave_the_others_are_called(session: Session) -> None:
    part = part_timer(session)
    entered(session, part, SHIFT, area_code=GRID)
    entered(session, part, LEAVE)
    assert on_grid(session) == ["chen", "zhou"]


def test_a_stand_in_has_the_place_and_the_duty_of_whom_they_stand_in_for(session: Session) -> None:
    posted(session, "li", "part_time", OTHER_GRID)
    entered(session, "chen", LEAVE)
    entered(session, "li", STAND_IN, stands_in_for="chen")

    first = covering(session, TUESDAY, ZONE, area_code=GRID)[0]
    assert (first.person_key, first.duty, first.area_code, first.title) == ("li", "full_time", GRID, "测网格员")
    assert first.stands_in_for == "chen"
    assert {(p.area_code, p.duty) for p in duties_of(session, "li", TUESDAY, ZONE)} == {
        (OTHER_GRID, "part_time"), (GRID, "full_time"),
    }  # fmt: skip
    assert keys(duties_of(session, "li", TUESDAY + DAY, ZONE)) == ["li"], "afterwards only their own"


def test_what_a_stand_in_may_do_is_never_stored(session: Session) -> None:
    entered(session, "zhao", STAND_IN, stands_in_for="chen")
    before = len(session.scalars(select(Posting.id)).all())

    duties_of(session, "zhao", TUESDAY, ZONE), on_grid(session)
    session.flush()

    assert len(session.scalars(select(Posting.id)).all()) == before


def test_a_stand_in_has_the_shift_as_well(session: Session) -> None:
    posted(session, "li", "full_time", OTHER_GRID)
    entered(session, "chen", SHIFT, area_code=GRID)
    entered(session, "chen", LEAVE)
    entered(session, "li", STAND_IN, stands_in_for="chen", area_code=GRID)
    assert on_grid(session) == ["li"]


def test_a_stand_in_who_falls_ill_is_stood_in_for(session: Session) -> None:
    posted(session, "li", "full_time", OTHER_GRID)
    posted(session, "wu", "full_time", OTHER_GRID)
    for person in ("chen", "li"):
        entered(session, person, LEAVE)
    entered(session, "li", STAND_IN, stands_in_for="chen")
    entered(session, "wu", STAND_IN, stands_in_for="li")

    assert on_grid(session)[0] == "wu"
    assert GRID in {p.area_code for p in duties_of(session, "wu", TUESDAY, ZONE)}


def test_who_is_there_passes_nothing_on_of_what_they_stand_in_for(session: Session) -> None:
    posted(session, "li", "full_time", OTHER_GRID)
    posted(session, "wu", "full_time", OTHER_GRID)
    entered(session, "li", STAND_IN, stands_in_for="chen")
    entered(session, "wu", STAND_IN, stands_in_for="li")

    assert "li" in on_grid(session) and "wu" not in on_grid(session)
    assert GRID not in {p.area_code for p in duties_of(session, "wu", TUESDAY, ZONE)}


def test_two_who_stand_in_for_each_other_and_are_both_away_are_nobody(session: Session) -> None:
    emptied(session, GRID)
    for one in ("li", "wu"):
        posted(session, one, "full_time")
        entered(session, one, LEAVE)
    for one, other in (("li", "wu"), ("wu", "li")):
        entered(session, one, STAND_IN, stands_in_for=other)

    assert on_grid(session) == []
    assert keys(duties_of(session, "li", TUESDAY, ZONE)) == ["li", "li"]


def test_several_of_one_rank_take_turns_by_the_number_of_the_ticket(session: Session) -> None:
    for person in ("li", "wu"):
        posted(session, person, "full_time")

    firsts = [on_grid(session, number=number)[0] for number in range(1, 7)]

    assert sorted(firsts) == ["chen", "chen", "li", "li", "wu", "wu"] and len(set(firsts[:3])) == 3
    assert all(on_grid(session, number=number)[-1] == "zhou" for number in range(6)), "the leader comes last"


def test_a_grid_without_anybody_calls_up_its_line(session: Session) -> None:
    emptied(session, GRID)
    called = calling_chain(session, TUESDAY, ZONE, GRID)

    assert on_grid(session) == []
    assert [posting.area_code for posting in called][:8] == [COMMUNITY] * 3 + [STREET] * 5
    assert vacancies(session, TUESDAY, ZONE, [GRID, OTHER_GRID]) == [GRID]


def test_with_everybody_on_leave_the_community_hears_of_the_vacancy(session: Session) -> None:
    kinds = [kind for _, kind in receivers(session, filed(session), TUESDAY, ZONE)]
    for person in on_grid(session):
        entered(session, person, LEAVE)

    assert kinds == ["card"]
    assert [kind for _, kind in receivers(session, filed(session), TUESDAY, ZONE)] == ["card", "vacant"]
    assert vacancies(session, TUESDAY, ZONE, [GRID]) == [GRID]


def test_a_stand_in_fills_a_vacancy(session: Session) -> None:
    for person in on_grid(session):
        entered(session, person, LEAVE)
    posted(session, "li", "full_time", OTHER_GRID)
    entered(session, "li", STAND_IN, stands_in_for="chen")

    assert vacancies(session, TUESDAY, ZONE, [GRID]) == [] and on_grid(session) == ["li"]


def test_leaves_that_touch_are_one_absence(session: Session) -> None:
    for ahead in (0, 1, 3):
        entered(session, "chen", LEAVE, since=TUESDAY + ahead * DAY, until=TUESDAY + (ahead + 1) * DAY)

    assert absence(session, "chen", GRID, TUESDAY) == (TUESDAY, TUESDAY + 2 * DAY)
    assert absence(session, "chen", GRID, TUESDAY - timedelta(hours=1)) is None


def test_who_arranges_the_roster_of_a_grid(session: Session) -> None:
    chens = posting_of(session, "chen")

    assert arranges(session, [posting_of(session, "zhou")], chens)
    assert arranges(session, [posting_of(session, "zhao", COMMUNITY)], chens)
    assert not arranges(session, [chens], posting_of(session, "zhou"))
    assert not arranges(session, [posted(session, "li", "grid_leader", OTHER_GRID)], chens)
    assert not arranges(session, [posted(session, "wu", "staff", f"{STREET[:9]}002")], chens)


def test_a_peer_stands_in_unasked_and_nobody_promotes_themselves(session: Session) -> None:
    chens, leads = posting_of(session, "chen"), posting_of(session, "zhou")

    assert may_stand_in_unasked([posting_of(session, part_timer(session))], chens)
    assert not may_stand_in_unasked([chens], leads), "a leader's duty is given, not taken"
    assert not may_stand_in_unasked([posted(session, "li", "full_time", OTHER_GRID)], chens)
    assert not may_stand_in_unasked([posted(session, "wu", "volunteer")], chens)


def test_who_may_be_given_a_duty(session: Session) -> None:
    chens = posting_of(session, "chen")

    assert fit_to_stand_in(session, [posted(session, "li", "full_time", OTHER_GRID)], chens), "the same community"
    assert fit_to_stand_in(session, [posting_of(session, "zhao", COMMUNITY)], chens), "the level above"
    assert not fit_to_stand_in(session, [posted(session, "wu", "full_time", f"{STREET[:9]}002001")], chens)
    assert not fit_to_stand_in(session, [posted(session, "hu", "volunteer")], chens)


# ---- What always holds.

CAST = ("a", "b", "c", "d")
SPANS = st.tuples(st.integers(-3, 3), st.integers(1, 5))
LEAVES = st.lists(st.tuples(st.sampled_from(CAST), SPANS, st.sampled_from((None, GRID))), max_size=5)
SHIFTS = st.lists(st.tuples(st.sampled_from(CAST), SPANS), max_size=3)
PAIRS = st.tuples(st.sampled_from(CAST), st.sampled_from(CAST)).filter(lambda pair: pair[0] != pair[1])
STAND_INS = st.lists(st.tuples(PAIRS, SPANS, st.sampled_from((None, GRID))), max_size=6)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(leaves=LEAVES, shifts=SHIFTS, stand_ins=STAND_INS, number=st.integers(0, 9), hours=st.integers(-30, 30))
def test_nobody_on_leave_is_called_and_somebody_is_while_anybody_works(
    session: Session, leaves: list, shifts: list, stand_ins: list, number: int, hours: int
) -> None:
    moment = TUESDAY + timedelta(hours=hours)

    def days(span: tuple[int, int]) -> dict[str, datetime]:
        return {"since": TUESDAY + span[0] * DAY / 2, "until": TUESDAY + (span[0] + span[1]) * DAY / 2}

    with session.begin_nested() as nested:
        emptied(session, GRID)
        for person in CAST[:3]:  # d comes from the neighbouring grid
            posted(session, person, "full_time")
        posted(session, "d", "full_time", OTHER_GRID)
        for person, span, area in leaves:
            entered(session, person, LEAVE, area_code=area, **days(span))
        for person, span in shifts:
            entered(session, person, SHIFT, area_code=GRID, **days(span))
        for (person, other), span, area in stand_ins:
            entered(session, person, STAND_IN, stands_in_for=other, area_code=area, **days(span))

        there = covering(session, moment, ZONE, area_code=GRID, number=number)
        away = {p for p, span, _ in leaves if days(span)["since"] <= moment < days(span)["until"]}
        rights = {key: {p.duty for p in duties_of(session, key, moment, ZONE) if p.area_code == GRID} for key in CAST}
        vacant = vacancies(session, moment, ZONE, [GRID])
        chain = keys(calling_chain(session, moment, ZONE, GRID, number))
        nested.rollback()
    session.expunge_all()

    assert not set(keys(there)) & away and not set(chain) & away
    assert len(set(keys(there))) == len(there) and len(set(chain)) == len(chain)
    assert there or not set(CAST[:3]) - away
    assert chain and chain[: len(there)] == keys(there), "somebody of the line always answers, who covers first"
    assert bool(vacant) == (not there)
    assert all(posting.duty in rights[posting.person_key] for posting in there), "who is called may act"


# ---- roster.csv

HEAD = "person_key,kind,since,until,area_code,weekdays,begins,ends,stands_in_for,note\n"


def roster_of(session: Session, *people: str) -> list[RosterEntry]:
    return list(session.scalars(select(RosterEntry).where(RosterEntry.person_key.in_(people)).order_by(RosterEntry.id)))


def test_a_roster_is_imported_and_imported_again(session: Session, tmp_path: Path) -> None:
    rows = (
        f"chen,shift,2026-11-01,2027-01-01,{GRID},12345,08:30,17:30,,白班\n"
        "chen,leave,2026-11-28,2026-12-01,,,,,,\nzhao,stand_in,2026-11-28 13:30,2026-12-01,,,,,chen,\n"
    )
    assert imported(session, folder(tmp_path / "in", roster=HEAD + rows)) == {"roster": 3}
    imported(session, folder(tmp_path / "in", roster=HEAD + rows.replace("2027-01-01", "2027-02-01") + "\n"))

    found = roster_of(session, "chen", "zhao")
    assert [(e.person_key, e.kind, e.weekdays, e.begins, e.ends) for e in found] == [
        ("chen", "shift", "12345", "08:30", "17:30"), ("chen", "leave", "", "", ""), ("zhao", "stand_in", "", "", ""),
    ]  # fmt: skip
    assert found[0].until == datetime(2027, 2, 1, tzinfo=ZONE) and found[0].created_by == "import"
    assert found[2].since == datetime(2026, 11, 28, 13, 30, tzinfo=ZONE) and found[2].stands_in_for == "chen"
    assert on_grid(session) == ["chen"]


def test_days_of_a_roster_are_those_of_the_deployment(session: Session, tmp_path: Path) -> None:
    rows = "chen,leave,2026-11-28,2026-12-01,,,,,,\n"
    import_tables(session, read_tables(folder(tmp_path / "in", roster=HEAD + rows)), ZoneInfo("Asia/Urumqi"))
    assert roster_of(session, "chen")[0].since == datetime(2026, 11, 27, 18, 0, tzinfo=ZoneInfo("UTC"))


REFUSED = [
    ("nobody,leave,2026-11-28,2026-12-01,,,,,,", "column person_key: “nobody” does not exist"),
    ("chen,holiday,2026-11-28,2026-12-01,,,,,,", "column kind: “holiday” is not one of shift, leave, stand_in"),
    ("chen,leave,28.11.2026,2026-12-01,,,,,,", "column since: “28.11.2026” is no day like"),
    ("chen,leave,2026-11-28,2026-11-28,,,,,,", "column until: is not after “since”"),
    ("chen,leave,2026-11-28,,,,,,,", "column until: must not be empty"),
    ("chen,leave,2026-11-28,2026-12-01,999,,,,,", "column area_code: “999” does not exist"),
    ("chen,shift,2026-11-28,2026-12-01,,,,,,", "column area_code: a shift needs an area that chen is posted to"),
    (f"chen,shift,2026-11-28,2026-12-01,{OTHER_GRID},,,,,", "column area_code: a shift needs an area"),
    (f"chen,shift,2026-11-28,2026-12-01,{GRID},128,,,,", "column weekdays: “128” must be days from 1 (Monday) to 7"),
    (f"chen,shift,2026-11-28,2026-12-01,{GRID},,8h,17:30,,", "column begins: “8h” is no time like 08:30"),
    (f"chen,shift,2026-11-28,2026-12-01,{GRID},,08:30,24:30,,", "column ends: “24:30” is no time"),
    (f"chen,shift,2026-11-28,2026-12-01,{GRID},,08:30,,,", "column ends: give both"),
    ("chen,stand_in,2026-11-28,2026-12-01,,,,,,", "column stands_in_for: names somebody else for stand_in"),
    ("chen,stand_in,2026-11-28,2026-12-01,,,,,chen,", "column stands_in_for: names somebody else"),
    ("chen,leave,2026-11-28,2026-12-01,,,,,zhao,", "column stands_in_for: names somebody else"),
    ("chen,stand_in,2026-11-28,2026-12-01,,,,,nobody,", "column stands_in_for: “nobody” does not exist"),
    (f"chen,leave,2026-11-28,2026-12-01,,,,,,{'长' * 201}", "column note: longer than 200 characters"),
]


@pytest.mark.parametrize(
    ("row", "problem"), REFUSED, ids=[text.split(":")[0] + str(i) for i, (_, text) in enumerate(REFUSED)]
)
def test_a_roster_that_makes_no_sense_is_refused_by_file_row_and_column(
    standing: Database, tmp_path: Path, row: str, problem: str
) -> None:
    good = "chen,leave,2026-12-05,2026-12-06,,,,,,\n"
    [said] = problems(standing, folder(tmp_path / "in", roster=f"{HEAD}{good}{row}\n"))
    assert said.startswith(f"roster.csv row 3 {problem}")


# ---- 什么时候到什么时候

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=ZONE)
SPANS_SAID = [
    ("明天", "11-25 00:00", "11-26 00:00", ""), ("今天", "11-24 10:00", "11-25 00:00", ""),
    ("11-28到11-30 看病", "11-28 00:00", "12-01 00:00", "看病"), ("今天下午", "11-24 12:00", "11-25 00:00", ""),
    ("下午2点到4点", "11-24 14:00", "11-24 16:00", ""), ("明天9:00-12:00 体检", "11-25 09:00", "11-25 12:00", "体检"),
    ("三天", "11-24 10:00", "11-27 00:00", ""), ("周三起三天", "11-25 00:00", "11-28 00:00", ""),
    ("周五到周二", "11-27 00:00", "12-02 00:00", ""), ("下周一到下周三 出差", "11-30 00:00", "12-03 00:00", "出差"),
    ("28-30号 回老家", "11-28 00:00", "12-01 00:00", "回老家"), ("11月28日到30日", "11-28 00:00", "12-01 00:00", ""),
    ("12月28日到1月3日", "12-28 00:00", "01-04 00:00", ""), ("28号到3号", "11-28 00:00", "12-04 00:00", ""),
    ("30日", "11-30 00:00", "12-01 00:00", ""), ("三天后", "11-27 00:00", "11-28 00:00", ""),
    ("明天下午到后天上午", "11-25 12:00", "11-26 12:00", ""), ("半天", "11-24 10:00", "11-25 00:00", ""),
]  # fmt: skip


@pytest.mark.parametrize(("text", "since", "until", "behind"), SPANS_SAID, ids=[said[0] for said in SPANS_SAID])
def test_a_span_of_time_as_people_say_it(text: str, since: str, until: str, behind: str) -> None:
    span = span_said(text, NOW, ZONE)
    assert span and (f"{span.since:%m-%d %H:%M}", f"{span.until:%m-%d %H:%M}", span.behind) == (since, until, behind)


@pytest.mark.parametrize("text", ["", "看病", "昨天", "11-30到11-28", "99号", "13月40日", "今天上午8点到9点"])
def test_what_is_no_time_or_is_over_is_none(text: str) -> None:
    assert span_said(text, NOW, ZONE) is None


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="0123456789-到至周月日号天明后下上午点半三一起 看病", max_size=16))
def test_whatever_is_said_a_span_ends_after_it_begins_and_has_not_begun_before_now(text: str) -> None:
    span = span_said(text, NOW, ZONE)
    assert span is None or NOW <= span.since < span.until <= span.since + timedelta(days=366)
