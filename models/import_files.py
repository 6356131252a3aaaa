"""Import files 导入文件: a folder of CSV files or one workbook, read as rows of text; what is wrong says where it stands."""

import csv
from dataclasses import dataclass
from datetime import date, datetime
from itertools import zip_longest
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

Row = dict[str, str]


@dataclass(frozen=True)
class Problem:
    """One thing wrong with what was given, where it stands, and what to do."""

    file: str
    row: int
    column: str
    text: str

    def __str__(self) -> str:
        where = f" row {self.row}" if self.row else ""
        return f"{self.file}{where}{f' column {self.column}' if self.column else ''}: {self.text}"


class BadImport(Exception):
    """Nothing was imported; `problems` says why."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


def read_tables(path: Path) -> dict[str, list[Row]]:
    """The sheets or files by name, each a list of rows. Raises BadImport when the whole cannot be read."""
    if path.is_dir():
        files = sorted(path.glob("*.csv"))
        if not files:
            raise BadImport([Problem(path.name, 0, "", "no .csv file in this folder")])
        return {file.stem: _read_csv(file) for file in files}
    if path.suffix.lower() in (".xlsx", ".xls", ".ods") and path.is_file():
        return _read_workbook(path)
    raise BadImport([Problem(path.name, 0, "", "neither a folder of CSV files nor a workbook")])


def _read_csv(file: Path) -> list[Row]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            return _rows(list(csv.reader(stream, strict=True)))
    except UnicodeDecodeError:
        raise BadImport([Problem(file.name, 0, "", "not UTF-8: save the file as “CSV UTF-8”")]) from None
    except csv.Error as error:
        raise BadImport([Problem(file.name, 0, "", f"not a CSV file: {error}")]) from None


def _read_workbook(path: Path) -> dict[str, list[Row]]:
    try:
        book = CalamineWorkbook.from_path(str(path))
        return {name: _rows(book.get_sheet_by_name(name).to_python()) for name in book.sheet_names}
    except CalamineError:
        raise BadImport([Problem(path.name, 0, "", "not a workbook that can be opened")]) from None


def _rows(lines: list[list[Any]]) -> list[Row]:
    """Blank lines stay, so that a problem names the row that the editor shows."""
    head = [_cell(cell) for cell in lines[0]] if lines else []
    return [_row(head, [_cell(cell) for cell in line]) for line in lines[1:]]


def _row(head: list[str], cells: list[str]) -> Row:
    """A cell beyond the named columns becomes a column of its own, which nobody knows."""
    row = {name: cell for name, cell in zip_longest(head, cells[: len(head)], fillvalue="") if name}
    nameless = [cell for name, cell in zip_longest(head, cells, fillvalue="") if cell and not name]
    return {**row, "(more cells than columns)": nameless[0]} if nameless else row


def _cell(value: Any) -> str:
    """Workbooks give whole numbers as floats and days as dates (libraries.md §2.6)."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime | date):
        return value.isoformat()[:10]
    if isinstance(value, bool):
        return str(int(value))
    return "" if value is None else str(value).strip()
