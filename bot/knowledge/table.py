"""Entries as a table: what staff write in a spreadsheet, all of it or nothing."""

import csv
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, field_validator
from sqlalchemy.orm import Session

from bot.knowledge.index import KnowledgeIndex
from bot.knowledge.stored import knowledge_index
from bot.understanding import Understanding
from models.area import Area
from models.importing import CODE, BadImport, Problem
from models.knowledge import KnowledgeEntry, all_entries, open_questions
from models.matter import Matter, bump_catalogue

COLUMNS = (
    "code", "title", "questions", "answer", "source", "matter_code", "area_code", "effective_from", "effective_until",
    "review_on", "owner",
)  # fmt: skip
REQUIRED = ("code", "title", "questions", "answer")
LONGEST_ANSWER = 300
LONGEST_FORM = 60


class Row(BaseModel):
    """One line of the file; empty cells are nothing."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    code: Annotated[str, StringConstraints(pattern=f"^{CODE.pattern}$")]
    title: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    questions: list[Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_FORM)]]
    answer: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_ANSWER)]
    source: Annotated[str, StringConstraints(max_length=300)] = ""
    matter_code: str | None = None
    area_code: str | None = None
    effective_from: date | None = None
    effective_until: date | None = None
    review_on: date | None = None
    owner: Annotated[str, StringConstraints(max_length=60)] = Field(default="")

    @field_validator("matter_code", "area_code", "effective_from", "effective_until", "review_on", mode="before")
    @classmethod
    def _empty_is_none(cls, value: Any) -> Any:
        return value or None

    @field_validator("questions", mode="before")
    @classmethod
    def _between_semicolons(cls, value: str) -> list[str]:
        return [form.strip() for form in value.replace("；", ";").split(";") if form.strip()]


def read_rows(path: Path) -> list[tuple[int, Row]]:
    """(line, row) of the file. Raises BadImport with every cell that cannot be used."""
    problems: list[Problem] = []
    rows: list[tuple[int, Row]] = []
    first: dict[str, int] = {}
    for line, cells in _cells(path):
        try:
            row = Row.model_validate(cells)
        except ValidationError as error:
            problems += [Problem(path.name, line, str(e["loc"][0]), e["msg"]) for e in error.errors()]
            continue
        if row.effective_from and row.effective_until and row.effective_until < row.effective_from:
            problems.append(Problem(path.name, line, "effective_until", "is before effective_from"))
        if (known := first.setdefault(row.code, line)) != line:
            problems.append(Problem(path.name, line, "code", f"“{row.code}” stands in row {known} already"))
        rows.append((line, row))
    if problems:
        raise BadImport(problems)
    return rows


def _cells(path: Path) -> list[tuple[int, dict[str, str]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream, strict=True)
            head = reader.fieldnames or []
            problems = [
                *(Problem(path.name, 1, name, "unknown column") for name in head if name not in COLUMNS),
                *(Problem(path.name, 1, name, "this column is required") for name in REQUIRED if name not in head),
            ]
            if problems:
                raise BadImport(problems)
            lines = [(number, row) for number, row in enumerate(reader, 2) if any(row.values())]
    except UnicodeDecodeError:
        raise BadImport([Problem(path.name, 0, "", "not UTF-8: save the file as “CSV UTF-8”")]) from None
    except csv.Error as error:
        raise BadImport([Problem(path.name, 0, "", f"not a CSV file: {error}")]) from None
    crooked = [number for number, row in lines if None in row or None in row.values()]
    if crooked:
        raise BadImport([Problem(path.name, n, "", "more or fewer cells than columns") for n in crooked])
    return lines


def write_rows(session: Session, file: str, rows: Iterable[tuple[int, Row]], replace_examples: bool) -> int:
    """Add or replace by code; the entries are the street's own from then on. Raises BadImport; nothing is kept then."""
    rows, problems = list(rows), []
    for line, row in rows:
        for column, table, code in (("matter_code", Matter, row.matter_code), ("area_code", Area, row.area_code)):
            if code and session.get(table, code) is None:
                problems.append(Problem(file, line, column, f"“{code}” does not exist"))
    if problems:
        raise BadImport(problems)
    for _, row in rows:
        entry = session.get(KnowledgeEntry, row.code) or KnowledgeEntry()
        for name, value in row.model_dump().items():
            setattr(entry, name, value)
        entry.example, entry.edited = False, True
        session.add(entry)
    session.flush()
    if replace_examples:
        for entry in all_entries(session):
            if entry.example:
                session.delete(entry)
    bump_catalogue(session)
    session.flush()
    return len(rows)


def settle_questions(session: Session, understanding: Understanding, now: datetime) -> int:
    """Open questions that find a sure answer now are off the list. Returns how many."""
    index, settled = knowledge_index(session), 0
    for question in open_questions(session):
        finding = index.find(understanding.understand(question.text))
        if finding.action == "answer":
            question.state, question.nearest = "answered", finding.matches[0].entry.code
            settled += 1
    return settled


def as_cells(entry: KnowledgeEntry) -> Mapping[str, str]:
    """One entry as the import reads it."""
    cells = {name: getattr(entry, name) for name in COLUMNS}
    return {
        **{name: str(value) if value else "" for name, value in cells.items()},
        "questions": ";".join(entry.questions),
    }


def lost_forms(index: KnowledgeIndex, understanding: Understanding) -> list[tuple[str, str, str]]:
    """(code, form, code that answers instead, or nothing) for every question form that does not find its own entry."""
    found = []
    for entry in index.entries:
        line = [entry.area_code] if entry.area_code else []
        for form in entry.questions:
            finding = index.find(understanding.understand(form), line)
            answer = finding.matches[0].entry.code if finding.action == "answer" else ""
            if answer != entry.code:
                found.append((entry.code, form, answer))
    return found
