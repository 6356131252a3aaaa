"""What may come as an import file, and what is refused kindly before a row of it is read."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy.orm import Session
from town import GRID

from models.area import Building, Department
from models.database import Database
from models.importing import BadImport, read_tables
from models.matter import Matter
from models.working_time import CalendarDay
from tests.models.sheets import folder, imported, problems, workbook


def test_rows_are_counted_as_the_editor_counts_them(standing: Database, tmp_path: Path) -> None:
    """Blank lines, and lines inside quotes, do not shift the number."""
    areas = 'code,name,level,note\n\n1,甲,grid,"两\n行"\n,,,\n2,乙,hut,\n'

    assert problems(standing, folder(tmp_path / "in", areas=areas))[0].startswith("areas.csv row 5 column level")


def test_blank_lines_and_short_lines_are_no_problem(session: Session, tmp_path: Path) -> None:
    assert imported(session, folder(tmp_path / "in", areas="code,name,level,note,\n\n1,甲,grid\n,,,,\n")) == {
        "areas": 1
    }


def test_a_byte_order_mark_is_taken_off(session: Session, tmp_path: Path) -> None:
    imported(session, folder(tmp_path / "in", departments="\ufeffcode,name\nnew,新部门\n"))

    assert session.get_one(Department, "new").name == "新部门"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("code,name,level\n1,网格,grid\n".encode("gb18030"), "areas.csv: not UTF-8: save the file as “CSV UTF-8”"),
        ("code,name,level\n1,网格,grid\n".encode("utf-16"), "areas.csv: not UTF-8: save the file as “CSV UTF-8”"),
        ('code,name,level\n1,"网"格,grid\n'.encode(), "areas.csv: not a CSV file"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_kindly(tmp_path: Path, content: bytes, said: str) -> None:
    with pytest.raises(BadImport, match=said):
        read_tables(folder(tmp_path / "in", areas=content))


def test_an_empty_folder_and_a_strange_file_are_refused_kindly(tmp_path: Path) -> None:
    for path, content in ((tmp_path / "book.xlsx", b"no zip"), (tmp_path / "notes.txt", b"")):
        path.write_bytes(content)
    (tmp_path / "empty").mkdir()

    for name, said in (("book.xlsx", "not a workbook"), ("notes.txt", "neither a folder"), ("empty", "no .csv file")):
        with pytest.raises(BadImport, match=said):
            read_tables(tmp_path / name)


def test_a_workbook_says_the_same_as_the_files(session: Session, tmp_path: Path) -> None:
    """Long codes, switches and days come as numbers; a blank row is only that."""
    book = workbook(
        tmp_path / "street.xlsx",
        {
            "areas": [["code", "name", "level", "parent_code"], [int(GRID) + 7, "新网格", "grid", 990102001001]],
            "buildings": [
                ["code", "grid_code", "name", "latitude"],
                [77, int(GRID) + 7, "1栋", 30.5],
                [None, None, None],
            ],
            "matters": [["code", "name", "grid_admitted", "confidential"], ["new1", "新事项", 0, True]],
            "calendar": [["date", "kind"], ["=46407", "holiday"]],
        },
    )

    assert imported(session, book) == {"areas": 1, "buildings": 1, "matters": 1, "calendar": 1}
    building, matter = session.get_one(Building, "77"), session.get_one(Matter, "new1")
    assert building.grid_code == str(int(GRID) + 7) and building.latitude == 30.5
    assert (matter.grid_admitted, matter.confidential) == (False, True)
    assert session.get_one(CalendarDay, date(2027, 1, 20)).kind == "holiday"
