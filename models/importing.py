"""Import 导入: a folder of CSV files or one workbook becomes areas, buildings, people and groups: all of it or nothing.

Shapes as in contract §5: upsert by code or key, absent rows stay, unknown columns are an error, empty optional cells
are allowed. Every problem names file, row and column; nothing is written while there is one.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.area import LEVELS, Area, Building, Department, Group
from models.database import Record
from models.import_files import BadImport, Problem, Row, read_tables
from models.matter import TIMINGS, Matter, bump_catalogue
from models.person import DUTY_NAMES, Person, Posting
from models.roster import KINDS, SHIFT, STAND_IN, RosterEntry
from models.working_time import CalendarDay

__all__ = ["SHAPES", "BadImport", "Problem", "Row", "Shape", "import_tables", "read_tables"]

CODE = re.compile(r"[0-9A-Za-z_-]{1,40}")
DAY = re.compile(r"\d{4}-\d\d-\d\d")
MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d))?")
HOUR = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
ZONE = ZoneInfo("Asia/Shanghai")
"""As in the shipped settings."""


class _Bad(Exception):
    """One cell cannot be used."""

    def __init__(self, column: str, text: str) -> None:
        super().__init__(text)
        self.column = column


@dataclass(frozen=True)
class Shape:
    """What one file may hold: required and optional columns, and how a row is written down."""

    name: str
    required: tuple[str, ...]
    optional: tuple[str, ...]
    write: Callable[[Session, Row], None]
    keyed: bool = True
    """The first required column names the row: it may stand in a file only once."""


def import_tables(session: Session, tables: Mapping[str, Iterable[Row]], zone: ZoneInfo = ZONE) -> dict[str, int]:
    """Write everything, or raise BadImport; the caller's transaction decides. Returns rows by file.

    Days and hours of `roster.csv` are those of `zone`.
    """
    session.info["zone"] = zone
    problems: list[Problem] = []
    known = {shape.name for shape in SHAPES}
    problems += [
        Problem(f"{name}.csv", 0, "", f"unknown; known are {', '.join(sorted(known))}")
        for name in tables
        if name not in known
    ]
    counts: dict[str, int] = {}
    for shape in SHAPES:
        rows = list(tables.get(shape.name, ()))
        problems += _write_all(session, shape, rows)
        if shape.name in tables:
            counts[shape.name] = sum(any(row.values()) for row in rows)
    if not problems:
        problems += list(_dangling(session))
    if problems:
        raise BadImport(problems)
    bump_catalogue(session)
    return counts


def _write_all(session: Session, shape: Shape, rows: list[Row]) -> Iterator[Problem]:
    file = f"{shape.name}.csv"
    if rows:
        columns = set().union(*rows)
        unknown = columns - set(shape.required) - set(shape.optional)
        missing = set(shape.required) - columns
        yield from (Problem(file, 1, name, "unknown column") for name in sorted(unknown))
        yield from (Problem(file, 1, name, "this column is required") for name in sorted(missing))
        if unknown or missing:
            return
    seen: dict[str, int] = {}
    for number, row in enumerate(rows, 2):
        if not any(row.values()):
            continue
        try:
            for column, cell in row.items():
                if "\x00" in cell:
                    raise _Bad(column, "holds a character that cannot be stored")
            for column in shape.required:
                if not row.get(column):
                    raise _Bad(column, "must not be empty")
            if shape.keyed and (first := seen.setdefault(row[shape.required[0]], number)) != number:
                raise _Bad(shape.required[0], f"“{row[shape.required[0]]}” stands in row {first} already")
            shape.write(session, {name: row.get(name, "") for name in (*shape.required, *shape.optional)})
        except _Bad as bad:
            yield Problem(file, number, bad.column, str(bad))
    if rows:
        session.flush()


def _upsert(session: Session, table: type[Record], key: Any, values: Mapping[str, Any]) -> Any:
    with session.no_autoflush:
        found = session.get(table, key)
        if found is None:
            found = table()
            session.add(found)
        for name, value in values.items():
            setattr(found, name, value)
    return found


def _code(row: Row, column: str) -> str:
    if not CODE.fullmatch(row[column]):
        raise _Bad(column, f"“{row[column]}” is no code: letters, digits, _ and -, at most 40")
    return row[column]


def _one_of(row: Row, column: str, allowed: Iterable[str]) -> str:
    if row[column] not in allowed:
        raise _Bad(column, f"“{row[column]}” is not one of {', '.join(allowed)}")
    return row[column]


def _flag(row: Row, column: str, default: bool) -> bool:
    if row[column] not in ("", "0", "1"):
        raise _Bad(column, f"“{row[column]}” must be 0 or 1")
    return row[column] == "1" if row[column] else default


def _day(row: Row, column: str) -> date | None:
    if not row[column]:
        return None
    try:
        # `fromisoformat` takes 20261121 too; a day written in two ways would be two keys.
        return date.fromisoformat(row[column] if DAY.fullmatch(row[column]) else "")
    except ValueError:
        raise _Bad(column, f"“{row[column]}” is no day like 2026-11-21") from None


def _number(row: Row, column: str, low: float, high: float) -> float | None:
    if not row[column]:
        return None
    try:
        value = float(row[column])
    except ValueError:
        raise _Bad(column, f"“{row[column]}” is no number") from None
    if not low <= value <= high:
        raise _Bad(column, f"{row[column]} is not between {low:g} and {high:g}")
    return value


def _short(row: Row, column: str, most: int) -> str:
    if len(row[column]) > most:
        raise _Bad(column, f"longer than {most} characters")
    return row[column]


def _list(row: Row, column: str) -> list[str]:
    return [part.strip() for part in row[column].replace("；", ";").split(";") if part.strip()]


def _exists(session: Session, table: type[Record], row: Row, column: str) -> str | None:
    if not row[column]:
        return None
    with session.no_autoflush:
        if session.get(table, row[column]) is None:
            raise _Bad(column, f"“{row[column]}” does not exist")
    return row[column]


def _either(session: Session, row: Row) -> tuple[str | None, str | None]:
    area, department = _exists(session, Area, row, "area_code"), _exists(session, Department, row, "department_code")
    if bool(area) == bool(department):
        raise _Bad("area_code", "give either area_code or department_code, not both and not neither")
    return area, department


def _area(session: Session, row: Row) -> None:
    values = {
        "name": _short(row, "name", 100),
        "level": _one_of(row, "level", LEVELS),
        "parent_code": row["parent_code"] or None,
    }
    kind = _one_of(row, "kind", ("basic", "special")) if row["kind"] else "basic"
    _upsert(
        session,
        Area,
        row["code"],
        {"code": _code(row, "code"), **values, "kind": kind, "note": _short(row, "note", 500)},
    )


def _building(session: Session, row: Row) -> None:
    households = _number(row, "households", 0, 100_000)
    _upsert(session, Building, row["code"], {
        "code": _code(row, "code"), "grid_code": _exists(session, Area, row, "grid_code"), "estate": _short(row, "estate", 100),
        "name": _short(row, "name", 100), "aliases": ";".join(_list(row, "aliases"))[:500], "units": _short(row, "units", 100),
        "latitude": _number(row, "latitude", -90, 90), "longitude": _number(row, "longitude", -180, 180),
        "households": int(households) if households is not None else None,
    })  # fmt: skip


def _department(session: Session, row: Row) -> None:
    values = {"name": _short(row, "name", 100), "short_names": ";".join(_list(row, "short_names"))[:500]}
    _upsert(session, Department, row["code"], {"code": _code(row, "code"), **values})


def _person(session: Session, row: Row) -> None:
    userid = _short(row, "wecom_userid", 100)
    others = select(Person).where(Person.userid_folded == userid.casefold(), Person.key != row["key"])
    session.flush()  # the other one may stand in this very file
    if userid and (taken := session.scalars(others).first()):
        raise _Bad("wecom_userid", f"already belongs to {taken.key}")
    values = {"name": _short(row, "name", 100), "mobile": _short(row, "mobile", 40), "wecom_userid": userid}
    _upsert(
        session, Person, row["key"], {"key": _code(row, "key"), **values, "userid_folded": userid.casefold() or None}
    )


def _posting(session: Session, row: Row) -> None:
    """The same person, place and duty again is the same posting: its days are what changes."""
    area, department = _either(session, row)
    person, duty = _exists(session, Person, row, "person_key"), _one_of(row, "duty", tuple(DUTY_NAMES))
    from_day, to_day = _day(row, "from"), _day(row, "to")
    if from_day and to_day and to_day < from_day:
        raise _Bad("to", "is before “from”")
    query = select(Posting).where(
        Posting.person_key == person,
        Posting.area_code == area,
        Posting.department_code == department,
        Posting.duty == duty,
    )
    with session.no_autoflush:
        rows = list(session.scalars(query))
    same = [p for p in rows if p.from_day == from_day] or rows
    found = same[0] if same else Posting(person_key=person, area_code=area, department_code=department, duty=duty)
    found.strand, found.from_day, found.to_day = _short(row, "strand", 100), from_day, to_day
    session.add(found)


def _group(session: Session, row: Row) -> None:
    area, department = _either(session, row)
    values = {"area_code": area, "department_code": department, "webhook_key": _short(row, "webhook_key", 200)}
    chat_id = _short(row, "chat_id", 100)
    _upsert(
        session, Group, chat_id, {"chat_id": chat_id, **values, "name": _short(row, "name", 100), "closed_reason": ""}
    )


def _matter(session: Session, row: Row) -> None:
    """Given cells replace what is there; empty ones keep it, so that one column can be edited alone."""
    code = _code(row, "code")
    with session.no_autoflush:
        old = session.get(Matter, code)
    values: dict[str, Any] = {"code": code, "name": _short(row, "name", 100), "edited": True}
    if row["category"] or not old:
        values["category"] = _short(row, "category", 100)
    if row["timing"] or not old:
        values["timing"] = _one_of(row, "timing", TIMINGS) if row["timing"] else "slow"
    if row["department_code"] or not old:
        values["department_code"] = _exists(session, Department, row, "department_code") or ""
    for column, default in (("grid_admitted", True), ("confidential", False)):
        if row[column] or not old:
            values[column] = _flag(row, column, default)
    for column in ("keywords", "examples"):
        if row[column] or not old:
            values[column] = _list(row, column)
    _upsert(session, Matter, code, values)


def _calendar(session: Session, row: Row) -> None:
    day = _day(row, "date")
    _upsert(
        session,
        CalendarDay,
        day,
        {"day": day, "kind": _one_of(row, "kind", ("holiday", "workday")), "note": _short(row, "note", 100)},
    )


def _roster(session: Session, row: Row) -> None:
    """The same person, kind, place and beginning again is the same entry: the rest is what changes."""
    person, area = _exists(session, Person, row, "person_key"), _exists(session, Area, row, "area_code")
    kind, replaced = _one_of(row, "kind", KINDS), _exists(session, Person, row, "stands_in_for")
    if bool(replaced) != (kind == STAND_IN) or replaced == person:
        raise _Bad("stands_in_for", "names somebody else for stand_in, and is empty for shift and leave")
    since, until = _moment(session, row, "since"), _moment(session, row, "until")
    if until <= since:
        raise _Bad("until", "is not after “since” (it is exclusive: the first day that does not count)")
    with session.no_autoflush:
        posted = session.scalars(select(Posting.id).filter_by(person_key=person, area_code=area)).first()
        if kind == SHIFT and not (area and posted):
            raise _Bad("area_code", f"a shift needs an area that {person} is posted to")
        key = {"person_key": person, "area_code": area, "kind": kind, "stands_in_for": replaced, "since": since}
        key["begins"] = _hour(row, "begins")
        found = session.scalars(select(RosterEntry).filter_by(**key)).first()
    if not re.fullmatch(r"[1-7]{0,7}", row["weekdays"]):
        raise _Bad("weekdays", f"“{row['weekdays']}” must be days from 1 (Monday) to 7, like 12345")
    if bool(row["begins"]) != bool(row["ends"]):
        raise _Bad("ends", "give both “begins” and “ends”, or neither")
    found = found or RosterEntry(**key, created_by="import", created_at=func.now())
    found.until, found.ends, found.weekdays = until, _hour(row, "ends"), row["weekdays"]
    found.note = _short(row, "note", 200)
    session.add(found)
    session.flush()  # the same entry may stand in this file twice


def _moment(session: Session, row: Row, column: str) -> datetime:
    match = MOMENT.fullmatch(row[column])
    try:
        return datetime.fromisoformat(f"{match[1]} {match[2] or '00:00'}" if match else "").replace(
            tzinfo=session.info["zone"]
        )
    except ValueError:
        raise _Bad(column, f"“{row[column]}” is no day like 2026-11-21 or moment like 2026-11-21 13:30") from None


def _hour(row: Row, column: str) -> str:
    hour = row[column].removesuffix(":00") if row[column].count(":") == 2 else row[column]
    if hour and not HOUR.fullmatch(hour):
        raise _Bad(column, f"“{row[column]}” is no time like 08:30")
    return hour


def _dangling(session: Session) -> Iterator[Problem]:
    """Parents may come later in the file than their children: checked when all is there."""
    codes = set(session.scalars(select(Area.code)))
    for area in session.scalars(select(Area).where(Area.parent_code.is_not(None))):
        if area.parent_code not in codes:
            yield Problem("areas.csv", 0, "parent_code", f"“{area.parent_code}” (parent of {area.code}) does not exist")


SHAPES = (
    Shape("departments", ("code", "name"), ("short_names",), _department),
    Shape("areas", ("code", "name", "level"), ("parent_code", "kind", "note"), _area),
    Shape("buildings", ("code", "grid_code", "name"), ("estate", "aliases", "units", "latitude", "longitude", "households"), _building),
    Shape("people", ("key",), ("name", "mobile", "wecom_userid"), _person),
    Shape("postings", ("person_key", "duty"), ("area_code", "department_code", "strand", "from", "to"), _posting, keyed=False),
    Shape("roster", ("person_key", "kind", "since", "until"), ("area_code", "weekdays", "begins", "ends", "stands_in_for", "note"), _roster, keyed=False),
    Shape("groups", ("chat_id",), ("area_code", "department_code", "webhook_key", "name"), _group),
    Shape("matters", ("code", "name"), ("category", "timing", "department_code", "grid_admitted", "confidential", "keywords", "examples"), _matter),
    Shape("calendar", ("date", "kind"), ("note",), _calendar),
)  # fmt: skip
