"""Import files for tests: a folder of CSV texts, or a small workbook written by hand (a zip of XML)."""

import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.database import Database
from models.importing import BadImport, import_tables, read_tables
from models.schema import every_table

Cell = str | int | float | bool | None
"""A number is stored as a number, as a spreadsheet program would; `=46350` with style 1 is a date."""

_NS = "http://schemas.openxmlformats.org"
_MAIN, _REL = f"{_NS}/spreadsheetml/2006/main", f"{_NS}/officeDocument/2006/relationships"


def imported(session: Session, path: Path) -> dict[str, int]:
    counts = import_tables(session, read_tables(path))
    session.flush()
    session.expire_all()
    return counts


def problems(database: Database, path: Path) -> list[str]:
    """What an import says when it refuses, after making sure that it left nothing behind."""
    before = rows_of(database)
    with pytest.raises(BadImport) as refused, database.write() as session:
        import_tables(session, read_tables(path))
    assert rows_of(database) == before
    return [str(problem) for problem in refused.value.problems]


def rows_of(database: Database) -> dict[str, int]:
    with database.read() as session:
        tables = every_table().sorted_tables
        return {table.name: session.scalar(select(func.count()).select_from(table)) or 0 for table in tables}


def folder(path: Path, **files: str | bytes) -> Path:
    """`areas="code,name…"` becomes areas.csv."""
    path.mkdir(exist_ok=True)
    for name, content in files.items():
        (path / f"{name}.csv").write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def workbook(path: Path, sheets: Mapping[str, Sequence[Sequence[Cell]]]) -> Path:
    names = list(sheets)
    listed = "".join(f'<sheet name="{n}" sheetId="{i}" r:id="r{i}"/>' for i, n in enumerate(names, 1))
    related = "".join(_relation(f"r{i}", "worksheet", f"worksheets/s{i}.xml") for i in range(1, len(names) + 1))
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{_NS}/package/2006/content-types"/>',
        "_rels/.rels": _relations(_relation("r1", "officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_REL}"><sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": _relations(related + _relation("rs", "styles", "styles.xml")),
        "xl/styles.xml": f'<styleSheet xmlns="{_MAIN}"><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>',
        **{f"xl/worksheets/s{i}.xml": _sheet(sheets[name]) for i, name in enumerate(names, 1)},
    }
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def _relations(content: str) -> str:
    return f'<Relationships xmlns="{_NS}/package/2006/relationships">{content}</Relationships>'


def _relation(key: str, kind: str, target: str) -> str:
    return f'<Relationship Id="{key}" Type="{_REL}/{kind}" Target="{target}"/>'


def _sheet(lines: Sequence[Sequence[Cell]]) -> str:
    rows = "".join(
        f'<row r="{n}">' + "".join(_cell(f"{chr(65 + i)}{n}", cell) for i, cell in enumerate(line)) + "</row>"
        for n, line in enumerate(lines, 1)
    )
    return f'<worksheet xmlns="{_MAIN}"><sheetData>{rows}</sheetData></worksheet>'


def _cell(place: str, cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return f'<c r="{place}" t="b"><v>{int(cell)}</v></c>'
    if isinstance(cell, int | float):
        return f'<c r="{place}"><v>{cell}</v></c>'
    if cell.startswith("="):
        return f'<c r="{place}" s="1"><v>{cell[1:]}</v></c>'
    return f'<c r="{place}" t="inlineStr"><is><t>{escape(cell)}</t></is></c>'
