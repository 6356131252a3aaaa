"""Roster 值班: who covers an area now: shifts, leave, stand-ins. Chat presence is never used (domain §2)."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ForeignKey, Index, String, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship
from sqlalchemy.orm.attributes import set_committed_value

from models.area import Area, line_of
from models.database import Record
from models.person import CALLED, Person, Posting, called_postings, posted_to, postings_of

SHIFT, LEAVE, STAND_IN = "shift", "leave", "stand_in"
KINDS = (SHIFT, LEAVE, STAND_IN)


class RosterEntry(Record):
    """值班安排: one person in one area for a while: on a shift, on leave, or standing in for somebody."""

    __tablename__ = "roster"
    __table_args__ = (
        Index("ix_roster_area", "area_code", "until"),
        Index("ix_roster_person", "person_key", "until"),
        Index("ix_roster_until", "kind", "until"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    person_key: Mapped[str] = mapped_column(ForeignKey("people.key"))
    area_code: Mapped[str | None] = mapped_column(ForeignKey("areas.code"))
    """None: everywhere this person is posted (leave), or the one they stand in for is."""
    kind: Mapped[str] = mapped_column(String(10))
    """shift, leave, stand_in."""
    since: Mapped[datetime]
    until: Mapped[datetime]
    """Exclusive."""
    weekdays: Mapped[str] = mapped_column(String(20), default="")
    """A shift's days, e.g. `12345`; empty: every day. A shift over midnight belongs to the day it begins on."""
    begins: Mapped[str] = mapped_column(String(5), default="")
    ends: Mapped[str] = mapped_column(String(5), default="")
    """A shift's hours, local, e.g. 08:30 and 17:30; over midnight when the end is not later; both empty: all day."""
    stands_in_for: Mapped[str | None] = mapped_column(ForeignKey("people.key"), index=True)
    note: Mapped[str] = mapped_column(String(200), default="")
    created_by: Mapped[str] = mapped_column(String(60), default="")
    created_at: Mapped[datetime]
    person: Mapped[Person] = relationship(foreign_keys=person_key, lazy="joined")

    def holds_at(self, local: datetime) -> bool:
        """Inside its days and hours; `local` is in the deployment's zone."""
        if not self.since <= local < self.until:
            return False
        begins, ends, now = self.begins or "00:00", self.ends or "00:00", f"{local:%H:%M}"
        today, yesterday = (_works(self.weekdays, local.date() - timedelta(days=ago)) for ago in (0, 1))
        if begins < ends:
            return today and begins <= now < ends
        return (today and now >= begins) or (yesterday and now < ends)

    def counts_in(self, area_code: str | None) -> bool:
        return self.area_code in (None, area_code)


def _works(weekdays: str, day: date) -> bool:
    return not weekdays or str(day.isoweekday()) in weekdays


class _Book:
    """What the roster says of some people at one moment."""

    def __init__(self, entries: Iterable[RosterEntry], local: datetime) -> None:
        self._by_kind: dict[tuple[str, str | None], list[RosterEntry]] = defaultdict(list)
        for entry in entries:
            if entry.holds_at(local):
                whose = entry.stands_in_for if entry.kind == STAND_IN else entry.person_key
                self._by_kind[entry.kind, whose].append(entry)

    def away(self, person_key: str, area_code: str | None) -> bool:
        return any(entry.counts_in(area_code) for entry in self._by_kind[LEAVE, person_key])

    def on_shift(self, posting: Posting) -> bool:
        return any(entry.area_code == posting.area_code for entry in self._by_kind[SHIFT, posting.person_key])

    def acting(self, posting: Posting) -> Iterator[Posting]:
        """Whoever does this duty now: those who stand in for its holder, then the holder, unless on leave."""
        for person in self._standing_in(posting.person_key, posting.area_code, {posting.person_key}):
            yield in_place_of(posting, person)
        if not self.away(posting.person_key, posting.area_code):
            yield posting

    def _standing_in(self, key: str, area_code: str | None, seen: set[str]) -> Iterator[Person]:
        """Somebody who is away too is stood in for by whoever stands in for them; a circle ends where it began."""
        for entry in self._by_kind[STAND_IN, key]:
            if entry.counts_in(area_code) and entry.person_key not in seen:
                seen.add(entry.person_key)
                if self.away(entry.person_key, area_code):
                    yield from self._standing_in(entry.person_key, area_code, seen)
                else:
                    yield entry.person


def in_place_of(posting: Posting, person: Person) -> Posting:
    """The same duty in other hands: for this moment only, and never stored."""
    acting = Posting(
        person_key=person.key, area_code=posting.area_code, department_code=posting.department_code,
        duty=posting.duty, strand=posting.strand, from_day=posting.from_day, to_day=posting.to_day,
    )  # fmt: skip
    set_committed_value(acting, "person", person)
    acting.stands_in_for = posting.person_key
    return acting


def covering(
    session: Session,
    moment: datetime,
    zone: ZoneInfo,
    *,
    area_code: str | None = None,
    department_code: str | None = None,
    number: int = 0,
) -> list[Posting]:
    """Who can be called for an area or a department at this moment, the first to call first; nobody on leave.

    Where somebody is on a shift, only they; a stand-in has the place of whom they stand in for. Among several of one
    rank the ticket's `number` says who comes first, so that it is not always the same person.
    """
    there = _there(session, moment, zone, area_code, department_code, number)
    return [posting for posting, on_shift in there if on_shift] or [posting for posting, _ in there]


def calling_chain(
    session: Session, moment: datetime, zone: ZoneInfo, area_code: str | None, number: int = 0
) -> list[Posting]:
    """Whom to call when nobody answers, one after the other: who covers, the others of the grid and its leader, then
    the community, then the street (domain §2)."""
    found: dict[str, Posting] = {}
    for area in line_of(session, area_code):
        there = _there(session, moment, zone, area.code, None, number)
        for posting, _ in sorted(there, key=lambda one: not one[1]):
            found.setdefault(posting.person_key, posting)
    return list(found.values())


def _there(
    session: Session,
    moment: datetime,
    zone: ZoneInfo,
    area_code: str | None,
    department_code: str | None,
    number: int,
) -> list[tuple[Posting, bool]]:
    """Everybody who is at work there, each once, and whether on a shift."""
    local = moment.astimezone(zone)
    posted = posted_to(session, local.date(), area_code=area_code, department_code=department_code)
    if not posted:
        return []
    book = _book(session, local, {posting.person_key for posting in posted})
    found: dict[str, tuple[Posting, bool]] = {}
    for posting in _in_turn(posted, number):
        on_shift = book.on_shift(posting)
        for acting in book.acting(posting):
            before = found.get(acting.person_key)
            if before is None or (on_shift and not before[1]):
                found[acting.person_key] = (acting, on_shift)
    return list(found.values())


def _in_turn(posted: list[Posting], number: int) -> Iterator[Posting]:
    """By rank; those of one rank take turns by the number of the ticket."""
    for _, same in groupby(posted, key=lambda posting: posting.duty):
        ranked = list(same)
        first = number % len(ranked)
        yield from ranked[first:] + ranked[:first]


def _book(session: Session, local: datetime, keys: set[str]) -> _Book:
    """Everything the roster says at this moment of these people, of those who stand in for them, and so on."""
    asked: set[str] = set()
    entries: dict[int, RosterEntry] = {}
    while new := keys - asked:
        asked |= new
        about = or_(RosterEntry.person_key.in_(new), RosterEntry.stands_in_for.in_(new))
        for entry in session.scalars(_at(local).where(about).order_by(RosterEntry.id)):
            entries[entry.id] = entry
        keys = keys | {entry.person_key for entry in entries.values() if entry.kind == STAND_IN}
    return _Book(entries.values(), local)


def _at(moment: datetime):  # type: ignore[no-untyped-def]
    return select(RosterEntry).where(RosterEntry.since <= moment, RosterEntry.until > moment)


def duties_of(session: Session, person_key: str, moment: datetime, zone: ZoneInfo) -> list[Posting]:
    """What this person may do at this moment: their own postings, and those of whom they stand in for."""
    local = moment.astimezone(zone)
    own = postings_of(session, person_key, local.date())
    mine = _at(local).where(RosterEntry.person_key == person_key, RosterEntry.kind == STAND_IN)
    first = list(session.scalars(mine.order_by(RosterEntry.id)))
    if not first:
        return own
    person = session.get_one(Person, person_key)
    held = _held_for(session, local, first, {person_key})
    return own + [in_place_of(posting, person) for posting in held]


def _held_for(session: Session, local: datetime, entries: list[RosterEntry], seen: set[str]) -> Iterator[Posting]:
    """The postings these entries give; whoever is away passes on what they were standing in for themselves."""
    for entry in entries:
        key = entry.stands_in_for or ""
        if not entry.holds_at(local) or key in seen:
            continue
        postings = postings_of(session, key, local.date())
        yield from (posting for posting in postings if entry.counts_in(posting.area_code))
        further = _at(local).where(RosterEntry.person_key == key, RosterEntry.kind == STAND_IN)
        book = _book(session, local, {key})
        for posting in _held_for(session, local, list(session.scalars(further)), seen | {key}):
            if entry.counts_in(posting.area_code) and book.away(key, posting.area_code):
                yield posting


def absence(
    session: Session, person_key: str, area_code: str | None, moment: datetime
) -> tuple[datetime, datetime] | None:
    """Since when and until when this person is away from that area; leaves that touch are one. None: not on leave."""
    query = select(RosterEntry).where(
        RosterEntry.person_key == person_key, RosterEntry.kind == LEAVE, RosterEntry.until > moment
    )
    since: datetime | None = None
    until = moment
    for entry in session.scalars(query.order_by(RosterEntry.since, RosterEntry.id)):
        if entry.since > until:
            break
        if entry.counts_in(area_code):
            since, until = since or entry.since, max(until, entry.until)
    return (since, until) if since else None


def on_leave(session: Session, moment: datetime) -> list[str]:
    """Everybody whose leave runs at this moment."""
    query = select(RosterEntry.person_key).where(
        RosterEntry.kind == LEAVE, RosterEntry.since <= moment, RosterEntry.until > moment
    )
    return sorted(set(session.scalars(query)))


def stood_in_lately(session: Session, since: datetime, moment: datetime) -> list[str]:
    """Everybody whose standing in ended in that time: they may still hold what they took for somebody else."""
    query = select(RosterEntry.person_key).where(
        RosterEntry.kind == STAND_IN, RosterEntry.until > since, RosterEntry.until <= moment
    )
    return sorted(set(session.scalars(query)))


def standing_in(session: Session, posting: Posting, moment: datetime, zone: ZoneInfo) -> list[Posting]:
    """Who does this duty in its holder's place now."""
    book = _book(session, moment.astimezone(zone), {posting.person_key})
    return [acting for acting in book.acting(posting) if acting is not posting]


def vacancies(session: Session, moment: datetime, zone: ZoneInfo, area_codes: Collection[str]) -> list[str]:
    """无人值守: which of these areas nobody covers at this moment."""
    day = moment.astimezone(zone).date()
    away = set(on_leave(session, moment))
    sure = {p.area_code for p in called_postings(session, day, area_codes) if p.person_key not in away}
    unsure = [code for code in area_codes if code not in sure]
    return [code for code in unsure if not covering(session, moment, zone, area_code=code)]


def add_leave(
    session: Session,
    person_key: str,
    area_code: str | None,
    since: datetime,
    until: datetime,
    note: str,
    by: str,
    now: datetime,
) -> None:
    """请假; said twice it is one."""
    entry = {"person_key": person_key, "area_code": area_code, "kind": LEAVE, "since": since, "until": until}
    _add_once(session, entry, note, by, now)


def add_stand_in(
    session: Session,
    person_key: str,
    stands_in_for: str,
    area_code: str | None,
    since: datetime,
    until: datetime,
    by: str,
    now: datetime,
) -> None:
    """顶班; said twice it is one."""
    entry = {"person_key": person_key, "area_code": area_code, "kind": STAND_IN, "since": since, "until": until}
    _add_once(session, {**entry, "stands_in_for": stands_in_for}, "", by, now)


def _add_once(session: Session, entry: dict[str, Any], note: str, by: str, now: datetime) -> None:
    session.flush()
    if not session.scalars(select(RosterEntry.id).filter_by(**entry)).first():
        session.add(RosterEntry(**entry, note=note, created_by=by, created_at=now, weekdays="", begins="", ends=""))
        session.flush()


def call_off(session: Session, entries: Iterable[RosterEntry], now: datetime) -> int:
    """What has begun ends now, what has not is taken out; returns how many there were."""
    entries = list(entries)
    for entry in entries:
        if entry.since < now:
            entry.until = now
        else:
            session.delete(entry)
    session.flush()
    return len(entries)


def coming(session: Session, now: datetime, **whose: str) -> list[RosterEntry]:
    """What the roster holds from now on, e.g. `person_key="chen", kind="leave"`, the earliest first."""
    query = select(RosterEntry).where(RosterEntry.until > now).filter_by(**whose)
    return list(session.scalars(query.order_by(RosterEntry.since, RosterEntry.id)))


def arranges(session: Session, postings: Iterable[Posting], posting: Posting) -> bool:
    """May whoever holds these postings say when somebody of that posting is away, and who stands in for them?

    The leader of the grid, staff of the area or of a level above, staff of the department.
    """
    above = {area.code for area in line_of(session, posting.area_code)}
    for own in postings:
        if own.duty == "staff" and (own.area_code in above if own.area_code else _same_department(own, posting)):
            return True
        if own.duty == "grid_leader" and own.area_code and own.area_code == posting.area_code:
            return True
    return False


def _same_department(one: Posting, other: Posting) -> bool:
    return one.department_code is not None and one.department_code == other.department_code


PEERS = frozenset({"full_time", "part_time"})


def may_stand_in_unasked(postings: Iterable[Posting], posting: Posting) -> bool:
    """A colleague of the same grid may take over without being asked; a leader's or an office's duty is given."""
    own = {p.duty for p in postings if p.area_code and p.area_code == posting.area_code}
    return posting.duty in PEERS and bool(own & (PEERS | {"grid_leader"}))


def fit_to_stand_in(session: Session, postings: Iterable[Posting], posting: Posting) -> bool:
    """Somebody with a duty that is called, in the same community or on the line above, or in the same department."""
    line = line_of(session, posting.area_code)
    near, parent = {area.code for area in line}, line[0].parent_code if line else None
    for own in postings:
        area = session.get(Area, own.area_code) if own.area_code else None
        beside = area is not None and (area.code in near or (parent is not None and area.parent_code == parent))
        if own.duty in CALLED and (beside or _same_department(own, posting)):
            return True
    return False
