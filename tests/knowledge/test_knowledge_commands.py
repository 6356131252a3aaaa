"""What staff do with the knowledge on the command line."""

import csv
import json
from pathlib import Path

import pytest
from click.testing import Result
from town import COMMUNITY, Town

from handlers.cli import load_matters
from models.knowledge import KnowledgeEntry, count_question, open_questions

HEAD = "code,title,questions,answer,source,matter_code,area_code,effective_from,effective_until,review_on,owner\n"
PASSPORT = "passport,护照怎么办,护照怎么办理；办护照带什么;护照多少钱,请到出入境窗口。,出入境大厅,residence,,2026-05-01,,2027-05-01,户籍科\n"


def run(town: Town, *words: str) -> Result:
    return town.app.test_cli_runner().invoke(args=["knowledge", *words])


def lines(result: Result) -> list[dict]:
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.output.splitlines()]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "entries.csv"


def test_an_imported_entry_answers_the_next_message_and_is_the_streets_own(town: Town, file: Path) -> None:
    file.write_text(HEAD + PASSPORT, encoding="utf-8-sig")
    assert "Imported: 1 entries" in run(town, "import", str(file)).output
    answer = town.resident("李大爷").says("办护照带什么")
    assert "请到出入境窗口" in answer and "来源：出入境大厅，更新日期：2026年5月1日" in answer
    (shown,) = lines(run(town, "show", "passport", "--json"))
    assert shown["questions"] == ["护照怎么办理", "办护照带什么", "护照多少钱"]
    assert (shown["example"], shown["edited"], shown["review_on"]) == (False, True, "2027-05-01")


def test_one_bad_cell_and_nothing_is_imported(town: Town, file: Path) -> None:
    bad = (
        "passport,再来一次,护照,两次同一个编号。,,,,,,,\n"
        "no good,标题,问法,答。,,,,,,,\n"
        f"long,标题,问法,{'长' * 301},,,,,,,\n"
        "day,标题,问法,答。,,,,20260501,,,\n"
        "back,标题,问法,答。,,,,2026-05-02,2026-05-01,,\n"
    )
    file.write_text(HEAD + PASSPORT + bad, encoding="utf-8")
    result = run(town, "import", str(file))
    assert result.exit_code == 1
    for said in ("row 3 column code: “passport” stands in row 2", "row 4 column code", "row 5 column answer",
                 "row 6 column effective_from", "row 7 column effective_until: is before"):  # fmt: skip
        assert said in result.output
    assert run(town, "show", "passport").exit_code == 1


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (HEAD + PASSPORT.replace("residence", "nothing"), "row 2 column matter_code: “nothing” does not exist"),
        (HEAD + PASSPORT.replace("residence,", f"residence,{COMMUNITY}9"), "column area_code"),
        ("code,title,answer\na,b,c\n", "row 1 column questions: this column is required"),
        ("code,title,questions,answer,colour\n", "row 1 column colour: unknown column"),
        ("code,title,questions,answer\na,b,c\n", "more or fewer cells"),
        ("", "this column is required"),
    ],
)
def test_what_does_not_fit_is_named(town: Town, file: Path, content: str, said: str) -> None:
    file.write_text(content, encoding="utf-8")
    result = run(town, "import", str(file))
    assert result.exit_code == 1 and said in result.output
    assert "Nothing was imported" in result.output


def test_what_is_exported_can_be_imported_again(town: Town, file: Path) -> None:
    exported = run(town, "export").output
    before = lines(run(town, "list", "--json"))
    file.write_text(exported, encoding="utf-8")
    assert len(list(csv.DictReader(exported.splitlines()))) == len(before) >= 60
    assert run(town, "import", str(file)).exit_code == 0
    after = lines(run(town, "list", "--json"))
    assert [{**row, "example": True, "edited": False} for row in after] == before


def test_invented_answers_leave_with_the_first_real_ones_and_do_not_come_back(town: Town, file: Path) -> None:
    file.write_text(HEAD + PASSPORT, encoding="utf-8")
    run(town, "import", str(file), "--replace-examples")
    with town.database.write() as session:
        load_matters(session)
    assert [row["code"] for row in lines(run(town, "list", "--json"))] == ["passport"]


def test_an_example_edited_here_is_not_written_over(town: Town) -> None:
    with town.database.write() as session:
        entry = session.get_one(KnowledgeEntry, "elder-allowance")
        entry.answer, entry.edited = "我们改过了。", True
    with town.database.write() as session:
        load_matters(session)
    assert lines(run(town, "show", "elder-allowance", "--json"))[0]["answer"] == "我们改过了。"


def test_what_was_asked_in_vain_leaves_the_list_when_it_is_answered(town: Town, file: Path) -> None:
    with town.database.write() as session:
        for text in ("护照怎么办理", "护照怎么办理", "签证怎么办理"):
            count_question(session, text, "", town.moment)
    assert [(row["text"], row["times"]) for row in lines(run(town, "gaps", "--json"))] == [
        ("护照怎么办理", 2), ("签证怎么办理", 1),
    ]  # fmt: skip
    file.write_text(HEAD + PASSPORT, encoding="utf-8")
    assert json.loads(run(town, "import", str(file), "--json").output) == {"imported": 1, "open_questions_answered": 1}
    with town.database.read() as session:
        (left,) = open_questions(session)
    assert "Dropped: 签证怎么办理" in run(town, "gaps", "--drop", str(left.id)).output
    assert "Nobody asked in vain" in run(town, "gaps").output
    assert run(town, "gaps", "--drop", "99999").exit_code == 1


def test_check_is_content_with_the_shipped_entries(town: Town) -> None:
    result = run(town, "check", "--json")
    found = json.loads(result.output)
    assert result.exit_code == 0
    assert found["examples"] == found["entries"] >= 60


def test_check_names_what_needs_a_look(town: Town, file: Path) -> None:
    file.write_text(
        HEAD
        + PASSPORT.replace("2026-05-01,,2027-05-01", "2026-05-01,2026-11-23,2026-11-24")
        + "copy,护照二,护照怎么办理,答。,,,,,,,\nempty,没有问法,,答。,,,,,,,\n",
        encoding="utf-8",
    )
    assert run(town, "import", str(file)).exit_code == 0
    result = run(town, "check", "--json")
    found = json.loads(result.output)
    assert result.exit_code == 1
    assert found["out_of_date"] == found["to_be_reviewed"] == ["passport"]
    assert found["without_forms"] == ["empty"]
    assert [row[:2] for row in found["form_does_not_find_it"]] == [["passport", "护照怎么办理"]]


def test_evaluate_measures_the_answers(town: Town, file: Path) -> None:
    file.write_text(
        "text,entry\n高龄津贴怎么领,elder-allowance\n路灯不亮了,\n狗证怎么办,elder-card\n", encoding="utf-8"
    )
    result = town.app.test_cli_runner().invoke(args=["evaluate", "--knowledge", str(file), "--json"])
    found = json.loads(result.output)
    assert (found["questions"], found["right_first"], found["precision"]) == (2, 0.5, 0.5)
    assert (found["elsewhere"], found["falsely_answered"]) == (1, 0.0)


@pytest.mark.parametrize("content", ["text,entry\n狗证怎么办,no-such\n", "word,entry\na,b\n", ""])
def test_evaluate_says_what_is_wrong_with_a_file(town: Town, file: Path, content: str) -> None:
    file.write_text(content, encoding="utf-8")
    result = town.app.test_cli_runner().invoke(args=["evaluate", "--knowledge", str(file)])
    assert result.exit_code == 1 and len(result.output) < 200
