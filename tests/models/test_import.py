"""Import: all of it or nothing, and every problem says file, row and column."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from town import GRID, STREET

from models.area import Area, Department, Group
from models.database import Database
from models.matter import Matter, catalogue_revision
from models.person import Person, Posting
from models.schema import every_table
from tests.models.sheets import folder, imported, problems, rows_of

AREAS = f"code,name,level,parent_code\n880101,新街道,street,\n88010101,新社区,community,880101\n{GRID},第三网格改名,grid,88010101\n"


def test_what_is_there_already_is_imported_again_without_a_change(standing: Database, street: Path) -> None:
    before = rows_of(standing)

    with Session(standing.engine, autoflush=False) as session:
        counts = imported(session, street)
        after = {
            table.name: session.scalar(select(func.count()).select_from(table)) for table in every_table().sorted_tables
        }

    assert after == before
    assert counts["areas"] == before["areas"] and counts["people"] == before["people"]


def test_rows_are_added_and_changed_and_absent_ones_stay(session: Session, tmp_path: Path) -> None:
    areas, revision = session.scalar(select(func.count()).select_from(Area)) or 0, catalogue_revision(session)

    counts = imported(session, folder(tmp_path / "in", areas=AREAS))

    assert counts == {"areas": 3}
    assert session.get_one(Area, GRID).name == "第三网格改名" and session.get_one(Area, STREET)
    assert session.scalar(select(func.count()).select_from(Area)) == areas + 2
    assert catalogue_revision(session) == revision + 1


def test_one_bad_row_keeps_everything_out(standing: Database, tmp_path: Path) -> None:
    people = "key,name,mobile,wecom_userid\nnew1,王新,,\nnew 2,李新,,\n"

    assert problems(standing, folder(tmp_path / "in", areas=AREAS, people=people)) == [
        "people.csv row 3 column key: “new 2” is no code: letters, digits, _ and -, at most 40"
    ]


BUILDINGS = "code,grid_code,name,latitude,longitude,households\n"
POSTINGS = "person_key,duty,area_code,department_code,from,to\n"
REFUSED = [
    ("areas", "code,name,level\n1,甲,village\n", "row 2 column level: “village” is not one of"),
    ("areas", "code,name,level\n1,,grid\n", "row 2 column name: must not be empty"),
    ("areas", "code,name,level,parent_code\n1,甲,grid,999\n", "column parent_code: “999” (parent of 1) does not exist"),
    ("areas", "code,name,level,colour\n1,甲,grid,red\n", "row 1 column colour: unknown column"),
    ("areas", "code,name\n1,甲\n", "row 1 column level: this column is required"),
    ("areas", "code,name,level\n1,甲,grid\n2,乙,grid\n1,丙,grid\n", "row 4 column code: “1” stands in row 2 already"),
    ("areas", "code,name,level\n1,甲,grid,多\n", "row 1 column (more cells than columns): unknown column"),
    ("areas", f"code,name,level\n1,{'长' * 101},grid\n", "row 2 column name: longer than 100 characters"),
    ("areas", f"code,name,level\n{'1' * 41},甲,grid\n", "row 2 column code:"),
    ("areas", "code,name,level\n1,甲\x00,grid\n", "row 2 column name: holds a character that cannot be stored"),
    ("buildings", f"{BUILDINGS}1,nowhere,3栋,,,\n", "row 2 column grid_code: “nowhere” does not exist"),
    ("buildings", f"{BUILDINGS}1,{GRID},3栋,91,104,\n", "row 2 column latitude: 91 is not between -90 and 90"),
    ("buildings", f"{BUILDINGS}1,{GRID},3栋,nan,104,\n", "row 2 column latitude: nan is not between"),
    ("buildings", f"{BUILDINGS}1,{GRID},3栋,30,104,many\n", "row 2 column households: “many” is no number"),
    ("people", "key,wecom_userid\na1,SameOne\na2,sameone\n", "row 3 column wecom_userid: already belongs to a1"),
    ("people", "key,wecom_userid\na1,CHENXIAOMIN\n", "row 2 column wecom_userid: already belongs to chen"),
    ("postings", f"{POSTINGS}chen,full_time,{GRID},jw,,\n", "row 2 column area_code: give either"),
    ("postings", f"{POSTINGS}chen,full_time,,,,\n", "row 2 column area_code: give either"),
    ("postings", f"{POSTINGS}nobody,full_time,{GRID},,,\n", "row 2 column person_key: “nobody” does not exist"),
    ("postings", f"{POSTINGS}chen,king,{GRID},,,\n", "row 2 column duty: “king” is not one of"),
    ("postings", f"{POSTINGS}chen,full_time,{GRID},,2026-02-30,\n", "row 2 column from: “2026-02-30” is no day like"),
    ("postings", f"{POSTINGS}chen,full_time,{GRID},,2026-02-02,2026-02-01\n", "row 2 column to: is before"),
    ("groups", f"chat_id,area_code,department_code\nc1,{GRID},cg\n", "row 2 column area_code: give either"),
    ("groups", "chat_id,area_code\nc1,\n", "row 2 column area_code: give either"),
    ("matters", "code,name,grid_admitted\nm1,甲,yes\n", "row 2 column grid_admitted: “yes” must be 0 or 1"),
    ("matters", "code,name,department_code\nm1,甲,none\n", "row 2 column department_code: “none” does not exist"),
    ("calendar", "date,kind\n2027-01-01,holiday\n2027-01-01,workday\n", "row 3 column date: “2027-01-01” stands in"),
    ("calendar", "date,kind\n20270101,holiday\n", "row 2 column date: “20270101” is no day like"),
    ("visitors", "code\n1\n", "unknown; known are areas,"),
]


@pytest.mark.parametrize(("name", "content", "said"), REFUSED, ids=[said for _, _, said in REFUSED])
def test_a_problem_names_file_row_and_column(
    standing: Database, tmp_path: Path, name: str, content: str, said: str
) -> None:
    [problem] = problems(standing, folder(tmp_path / "in", **{name: content}))

    assert problem.startswith(f"{name}.csv") and said in problem


def test_every_problem_is_told_at_once(standing: Database, tmp_path: Path) -> None:
    found = problems(
        standing,
        folder(tmp_path / "in", areas="code,name,level\n1,,grid\n2,乙,hut\n", people="key,age\na,3\n"),
    )

    assert [problem.split(":")[0] for problem in found] == [
        "areas.csv row 2 column name", "areas.csv row 3 column level", "people.csv row 1 column age",
    ]  # fmt: skip


def test_children_may_stand_before_their_parents(session: Session, tmp_path: Path) -> None:
    areas = "code,name,level,parent_code\n2,网格,grid,1\n1,社区,community,\n"

    assert imported(session, folder(tmp_path / "in", areas=areas)) == {"areas": 2}


def test_lists_are_separated_by_either_semicolon(session: Session, tmp_path: Path) -> None:
    imported(session, folder(tmp_path / "in", departments="code,name,short_names\nnew,新部门, 甲；乙 ;;丙\n"))

    assert session.get_one(Department, "new").short_names == "甲;乙;丙"


def test_one_column_of_a_matter_can_be_edited_alone(session: Session, tmp_path: Path) -> None:
    before = session.get_one(Matter, "street_light")
    kept = (before.timing, before.category, before.keywords, before.examples, before.grid_admitted)

    imported(session, folder(tmp_path / "in", matters="code,name\nstreet_light,灯坏了\n"))

    after = session.get_one(Matter, "street_light")
    assert (after.name, after.edited) == ("灯坏了", True)
    assert (after.timing, after.category, after.keywords, after.examples, after.grid_admitted) == kept


def test_the_end_of_a_posting_is_written_into_the_posting(session: Session, tmp_path: Path) -> None:
    def of_chen() -> list[Posting]:
        query = select(Posting).where(Posting.person_key == "chen", Posting.area_code == GRID)
        return list(session.scalars(query.where(Posting.duty == "full_time")))

    [before] = of_chen()
    start = before.from_day.isoformat() if before.from_day else ""

    imported(session, folder(tmp_path / "in", postings=f"{POSTINGS}chen,full_time,{GRID},,{start},2026-12-01\n"))

    [after] = of_chen()
    assert (after.id, after.to_day) == (before.id, date(2026, 12, 1))


def test_a_new_webhook_key_opens_a_closed_group_again(session: Session, tmp_path: Path) -> None:
    group = session.get_one(Group, f"chat-{GRID}")
    group.closed_reason = "webhook_gone"
    session.flush()

    imported(session, folder(tmp_path / "in", groups=f"chat_id,area_code,webhook_key\nchat-{GRID},{GRID},fresh\n"))

    assert (session.get_one(Group, f"chat-{GRID}").webhook_key, group.closed_reason) == ("fresh", "")


def test_a_userid_moves_from_one_person_to_another_in_one_import(session: Session, tmp_path: Path) -> None:
    userid = session.get_one(Person, "chen").wecom_userid

    imported(session, folder(tmp_path / "in", people=f"key,name,wecom_userid\nchen,陈,\nchen2,陈,{userid}\n"))

    assert session.get_one(Person, "chen2").userid_folded == userid.casefold()
