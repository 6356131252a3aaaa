"""Rules from labelled texts: what a community office mines from its own spreadsheet."""

import json
import tomllib
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest
from flask import Flask

from bot.config import Settings
from bot.learning.beside import learn_beside, with_rules
from bot.learning.labelled import BadLabels, LabelledText, read_labelled
from bot.learning.learn import ROUNDS, Learnt, Lesson, learn
from bot.learning.rule_file import BadRuleFile, LabelRules, RuleFile, RuleRanking, load_rules
from bot.understanding import MatterDefinition, Understanding, normalise, parse_rule
from wsgi import create_app

PLACES = ("东门", "南苑", "北坡", "河边", "老街", "学校旁")
COMPLAINTS = {
    "照明": ("路灯不亮", "路灯一直闪", "楼道灯坏了", "灯泡灭了好几天"),
    "环卫": ("垃圾没人清运", "垃圾桶满了", "垃圾堆得很臭", "没人扫地"),
    "停车": ("乱停车挡路", "停车位被占", "车子堵了出口", "消防通道停车"),
}
ENDINGS = ("请处理", "有人管吗", "已经三天")
MANY = [
    LabelledText(number, f"{place}{complaint}{ending}", (label,))
    for number, (label, complaint, place, ending) in enumerate(
        (label, *words) for label, complaints in COMPLAINTS.items() for words in product(complaints, PLACES, ENDINGS)
    )
]


@pytest.fixture(scope="module")
def learnt() -> Learnt:
    return learn(MANY, 5)


def test_the_words_that_tell_labels_apart_become_rules(learnt: Learnt) -> None:
    words = {label.name: "".join(label.rules) for label in learnt.file.labels}

    assert "灯" in words["照明"]
    assert "圾" in words["环卫"]
    assert "车" in words["停车"]
    assert not any(place in "".join(words.values()) for place in PLACES)


def test_rows_held_back_are_understood(learnt: Learnt) -> None:
    assert learnt.held_back.total() == len(MANY)
    assert learnt.macro_f1 > 0.95


def test_no_label_gets_more_rules_than_asked_for(learnt: Learnt) -> None:
    assert all(1 <= len(label.rules) <= 5 for label in learnt.file.labels)


def test_a_mined_rule_is_a_line_people_can_read(learnt: Learnt) -> None:
    for rule in (rule for label in learnt.file.labels for rule in label.rules):
        word, _, weight = rule.partition("=")
        assert parse_rule(rule).words == (word,)
        assert round(float(weight), 1) == float(weight) != 0


def test_each_rule_says_how_often_it_hits_and_is_right(learnt: Learnt) -> None:
    for one in learnt.worth:
        [word] = parse_rule(one.rule).words
        hit = [row.labels[0] for row in MANY if word in normalise(row.text)]
        assert (one.hits, one.precision) == (len(hit), hit.count(one.label) / len(hit))
        assert f'"{one.rule}",  # {one}' in learnt.file.text()


def test_what_held_up_on_unseen_rows_is_worth_something_and_padding_is_not() -> None:
    rows = [*MANY, *(LabelledText(900 + n, f"{place}噪音扰民{n}", ("噪音",)) for n, place in enumerate(PLACES * 3))]

    worth = {one.rule.partition("=")[0]: one for one in learn(rows, 1).worth if one.label == "噪音"}

    assert [one.gain and one.gain > 0 for one in worth.values()] == [True]


def test_the_same_rows_give_the_same_file() -> None:
    assert learn(MANY, 5).file.text() == learn(MANY, 5).file.text()


def test_equal_texts_are_never_on_both_sides() -> None:
    lesson = Lesson.of([*MANY, *MANY])

    for seen, held_back in lesson.split():
        assert not set(seen.texts) & set(held_back.texts)


def test_every_row_is_held_back_once() -> None:
    lesson = Lesson.of(MANY)

    assert sorted(text for _, held_back in lesson.split() for text in held_back.texts) == sorted(lesson.texts)


def test_progress_is_told() -> None:
    told: list[int] = []
    learn(MANY, 1, told.append)
    assert told == [1] * ROUNDS


@pytest.mark.parametrize(
    "rows",
    [
        [],
        MANY[:9],
        [LabelledText(n, f"路灯坏{n}", ("照明",)) for n in range(30)],
        [LabelledText(n, "！！！", (str(n % 2),)) for n in range(30)],
    ],
    ids=["nothing", "nine rows", "one label", "no words"],
)
def test_too_little_is_said_to_be_too_little(rows: list[LabelledText]) -> None:
    with pytest.raises(BadLabels, match="Too little"):
        learn(rows, 5)


def test_texts_without_a_common_word_still_give_a_file() -> None:
    rows = [LabelledText(n, chr(0x4E00 + n), ("甲" if n % 3 else "乙",)) for n in range(30)]

    found = learn(rows, 5)

    assert all(not label.rules for label in found.file.labels)
    assert RuleRanking(found.file).rank("无关")[0][0] == "甲"


# A rule file


def test_a_written_file_is_read_as_it_was(learnt: Learnt, tmp_path: Path) -> None:
    path = tmp_path / "R.toml"
    path.write_text(learnt.file.text(["Mined.\nTwo lines"]), encoding="utf-8")

    assert [(one.name, one.rules, one.prior) for one in load_rules(path).labels] == [
        (one.name, one.rules, one.prior) for one in learnt.file.labels
    ]


def test_a_label_may_hold_anything_a_cell_holds() -> None:
    name = '引号"和\\和\n换行\x7f'
    text = RuleFile((LabelRules(name, ("灯=1",), notes={"灯=1": "one\ntwo"}),)).text()
    assert tomllib.loads(text)["label"][0]["name"] == name


def test_weights_are_added_up_with_the_prior() -> None:
    file = RuleFile((LabelRules("甲", ("路灯=2", "坏=1", "楼-楼道=5"), -0.5), LabelRules("乙", ("路灯=-1",))))
    assert RuleRanking(file).rank("楼道路灯坏了") == [("甲", 2.5), ("乙", -1.0)]


def test_halving_adds_up_as_the_catalogue_does() -> None:
    file = RuleFile((LabelRules("甲", ("路灯=2", "坏=1")),), "halving")
    assert RuleRanking(file).rank("路灯坏了") == [("甲", 2.5)]


def test_when_nothing_hits_the_prior_decides_and_a_tie_is_always_the_same() -> None:
    file = RuleFile((LabelRules("乙", ("灯",)), LabelRules("甲", ("车",)), LabelRules("丙", ("水",), 1.0)))
    assert [name for name, _ in RuleRanking(file).rank("无")] == ["丙", "乙", "甲"]


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("", "no \\[\\[label"),
        ("label = 3", "no \\[\\[label"),
        ("scoring = 'mean'\n[[label]]\nname='a'\nrules=[]", "scoring is one of"),
        ("[[label]]\nrules=['灯']", "without a name"),
        ("[[label]]\nname='a'", "rules is a list"),
        ("[[label]]\nname='a'\nrules='灯'", "rules is a list"),
        ("[[label]]\nname='a'\nrules=['灯+']", "a: rule '灯\\+'"),
        ("[[label]]\nname='a'\nrules=['灯']\nprior='x'", "prior is a number"),
        ("[[label]]\nname='a'\nrules=[]\n[[label]]\nname='a'\nrules=[]", "twice: a"),
        ("[[label", "R.toml"),
    ],
)
def test_a_file_nobody_can_follow_is_refused_with_its_place(tmp_path: Path, content: str, complaint: str) -> None:
    path = tmp_path / "R.toml"
    path.write_text(content, encoding="utf-8")

    with pytest.raises(BadRuleFile, match=complaint):
        load_rules(path)


# A file of labelled texts


def csv_file(folder: Path, content: str | bytes) -> Path:
    path = folder / "texts.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize("header", ["text,matter", "text,label", "LABEL , Text,extra", "标题,一级标签"])
def test_columns_are_known_by_their_names(tmp_path: Path, header: str) -> None:
    cells = "照明,路灯坏了,x" if header.startswith("LABEL") else "路灯坏了,照明"
    [row] = read_labelled(csv_file(tmp_path, f"{header}\n{cells}\n")).rows
    assert (row.text, row.labels) == ("路灯坏了", ("照明",))


def test_a_file_with_other_columns_is_refused_and_says_which_it_has(tmp_path: Path) -> None:
    with pytest.raises(BadLabels, match="Columns found: 编号, 备注"):
        read_labelled(csv_file(tmp_path, "编号,备注\n1,x\n"))


def test_what_a_spreadsheet_may_hold_is_read(tmp_path: Path) -> None:
    content = (
        '\ufefftext,matter\r\n"路灯,""坏""了\n两行",照明\r\n\r\n ,照明\r\n没有标签,\r\n只有一格\r\n'
        + "灯" * 300_000
        + ",照明\r\n"
    )

    found = read_labelled(csv_file(tmp_path, content))

    assert [row.text[:12] for row in found.rows] == ['路灯,"坏"了\n两行', "灯" * 12]
    assert found.left_out == 3
    assert found.rows[0].line == 3


def test_a_file_saved_by_a_chinese_excel_is_read(tmp_path: Path) -> None:
    [row] = read_labelled(csv_file(tmp_path, "text,matter\n路灯坏了,照明\n".encode("gb18030"))).rows
    assert row.text == "路灯坏了"


@pytest.mark.parametrize("content", ["", "text,matter\n", "text,matter\n,\n"])
def test_a_file_without_rows_is_refused(tmp_path: Path, content: str) -> None:
    with pytest.raises(BadLabels):
        read_labelled(csv_file(tmp_path, content))


def test_a_broken_json_line_is_named(tmp_path: Path) -> None:
    path = tmp_path / "texts.jsonl"
    path.write_text('{"text": "a", "matter": "b"}\n[1]\n', encoding="utf-8")
    with pytest.raises(BadLabels, match="Line 2"):
        read_labelled(path)


# Beside the catalogue


def matter(code: str, *keywords: str) -> MatterDefinition:
    return MatterDefinition(code, code, "", "small", keywords, ())


CATALOGUE = (matter("street_light", "路灯=3"), matter("garbage", "垃圾=3"), matter("parking", "停车=3"))
CODES = {"照明": "street_light", "环卫": "garbage", "停车": "parking"}
REPORTS = [LabelledText(row.line, row.text, (CODES[row.labels[0]],)) for row in MANY]


def test_what_the_catalogue_misses_is_proposed_beside_it() -> None:
    proposal = learn_beside(REPORTS, CATALOGUE, Understanding, 3)

    proposed = {label.name: " ".join(label.rules) for label in proposal.file.labels}
    assert "扫" in proposed["garbage"] and "垃圾" not in proposed["garbage"]
    assert proposal.gain > 0


def test_proposals_only_speak_for_a_matter_in_steps_of_a_half() -> None:
    proposal = learn_beside(REPORTS, CATALOGUE, Understanding, 3)
    weights = [parse_rule(rule).weight for label in proposal.file.labels for rule in label.rules]
    assert weights and all(weight and weight > 0 and (2 * weight).is_integer() for weight in weights)


def test_a_catalogue_that_knows_it_all_gets_no_proposal() -> None:
    complete = [matter(CODES[label], *(f"{words}=4" for words in said)) for label, said in COMPLAINTS.items()]

    proposal = learn_beside(REPORTS, complete, Understanding, 3)

    assert proposal.file.labels == ()
    assert proposal.gain == 0


def test_a_proposal_for_an_unknown_matter_is_refused() -> None:
    with pytest.raises(BadLabels, match="No matter of the catalogue: castle"):
        with_rules(CATALOGUE, RuleFile((LabelRules("castle", ("塔=2",)),), "catalogue"))


# The command


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    """Labels that are no codes are learnt without a database: this one is empty."""
    made = create_app(Settings(database={"url": f"sqlite:///{tmp_path / 'empty.db'}"}))
    yield made
    made.extensions["yunge"].database.close()


@pytest.fixture
def many(tmp_path: Path) -> Path:
    lines = "".join(f"{row.text},{row.labels[0]}\n" for row in MANY)
    return csv_file(tmp_path, f"text,label\n{lines}")


def test_the_command_writes_a_file_and_says_what_it_is_worth(app: Flask, many: Path, tmp_path: Path) -> None:
    out = tmp_path / "R.toml"

    done = app.test_cli_runner().invoke(args=["learn", str(many), "--per-class", "4", "--out", str(out), "--json"])

    assert done.exit_code == 0, done.output
    facts = json.loads(done.stdout)
    assert facts["held_back"]["macro_f1"] > 0.9
    assert {label.name for label in load_rules(out).labels} == set(COMPLAINTS)


def test_the_report_can_be_read(app: Flask, many: Path, tmp_path: Path) -> None:
    done = app.test_cli_runner().invoke(
        args=["learn", str(many), "--per-class", "4", "--out", str(tmp_path / "R.toml")]
    )
    assert "held back" in done.stdout and "环卫: 4 rules" in done.stdout and "R.toml" in done.stdout


def test_a_file_of_the_catalogue_is_never_written_over(app: Flask, many: Path, tmp_path: Path) -> None:
    out = tmp_path / "matters.toml"
    out.write_text('[[matter]]\ncode = "street_light"\n', encoding="utf-8")

    done = app.test_cli_runner().invoke(args=["learn", str(many), "--out", str(out)])

    assert done.exit_code == 1 and "belongs to the catalogue" in done.output
    assert "street_light" in out.read_text(encoding="utf-8")
