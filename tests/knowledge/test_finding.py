"""Which question gets which answer: a sure one, a choice of two, or none."""

from collections.abc import Callable

import pytest
from knowledge.written import entry, rows, shipped

from bot.knowledge import Finding, KnowledgeIndex
from bot.knowledge.bm25 import Bm25
from bot.knowledge.evaluate import AskedQuestion, knowledge_evaluation
from bot.understanding import Understanding
from handlers.matters import shipped_matters

Ask = Callable[..., Finding]


def found(finding: Finding) -> str:
    return finding.matches[0].entry.code if finding.action == "answer" else finding.action


def test_questions_in_other_words_find_their_entry(index: KnowledgeIndex, understanding: Understanding) -> None:
    """The goal: right first for 85 of 100, in each part of the file; hardly ever an answer to something else."""
    questions = [AskedQuestion(r["text"], r["entry"], r["part"]) for r in rows("knowledge/paraphrases.jsonl")]
    figures = knowledge_evaluation(questions, index, understanding)
    assert len(questions) >= 240
    assert figures["right_first"] >= 0.88 and figures["among_two"] >= 0.94
    assert all(part["right_first"] >= 0.85 for part in figures["parts"].values())
    assert figures["precision"] >= 0.98


def test_what_is_no_question_of_policy_gets_no_answer(index: KnowledgeIndex, understanding: Understanding) -> None:
    """Faults, complaints, other questions: at most three in a hundred, and no report of a fault at all."""
    elsewhere = [AskedQuestion(row["text"], "", row["part"]) for row in rows("knowledge/elsewhere.jsonl")]
    reports = [
        AskedQuestion(r["text"], "") for r in rows("understanding/messages_dev.jsonl") if r["kind"] != "question"
    ]
    figures = knowledge_evaluation([*elsewhere, *reports], index, understanding)
    assert len(elsewhere) >= 150
    assert figures["falsely_answered"] <= 0.03 and figures["falsely_asked"] <= 0.05
    assert knowledge_evaluation(reports, index, understanding)["falsely_answered"] == 0


@pytest.mark.parametrize("row", shipped(), ids=lambda row: row.code)
def test_every_form_of_a_shipped_entry_finds_it(row, ask: Ask) -> None:
    assert {form: found(ask(form)) for form in row.questions if found(ask(form)) not in (row.code, "none")} == {}
    assert sum(found(ask(form)) == row.code for form in row.questions) >= len(row.questions) - 1


@pytest.mark.parametrize("row", shipped(), ids=lambda row: row.code)
def test_a_shipped_entry_is_complete_and_speaks_kindly(row) -> None:
    assert len(row.questions) >= 6 and len(set(row.questions)) == len(row.questions)
    assert len(row.answer) <= 300 and row.answer.endswith("。")
    assert "示例" in row.source and row.effective_from.year == 2026
    assert row.matter_code in {matter["code"] for matter in shipped_matters()}


@pytest.mark.parametrize(
    "said",
    ["养老院着火了", "闻到煤气味怎么办", "有人触电了怎么办", "楼道灯坏了什么时候来修", "垃圾桶满了没人清 怎么办"],
)
def test_danger_and_faults_are_never_a_question_of_policy(ask: Ask, said: str) -> None:
    assert ask(said).action == "none"


def test_a_case_of_ones_own_is_for_a_person(ask: Ask) -> None:
    assert found(ask("残疾补贴什么时候发")) == "disability-subsidy"
    assert ask("残疾补贴这个月没到账怎么回事").action == "none"


def test_a_case_an_entry_speaks_of_itself_is_still_answered(ask: Ask) -> None:
    assert found(ask("房顶漏水 可以动用维修资金吗 要什么手续")) == "repair-fund"
    assert ask("房顶漏水 可以找谁来修吗").action == "none"


def test_a_form_word_for_word_is_sure_whatever_stands_around_it(ask: Ask) -> None:
    assert found(ask("老年食堂在哪里？？")) == found(ask("老年食堂在哪儿")) == "elder-meal"


def test_two_near_ones_are_offered_not_guessed(ask: Ask) -> None:
    finding = ask("我奶今年八十二 听说政府每月发钱 咋领")
    assert finding.action == "offer"
    assert [match.entry.code for match in finding.matches[:2]] == ["elder-allowance", "elder-home-care"]


def test_an_areas_own_entry_speaks_there_and_nowhere_else(ask: Ask) -> None:
    entries = KnowledgeIndex([
        *shipped(), entry("own", "翠竹社区高龄津贴怎么领", "高龄津贴怎么领", area_code="990102001002", matter_code="elderly_care"),
    ])  # fmt: skip
    said = "请问高龄津贴在哪领"
    assert found(ask(said, entries, ("990102001002003", "990102001002", "990102001000"))) == "own"
    assert found(ask(said, entries, ("990102001001003", "990102001001"))) == "elder-allowance"
    assert found(ask(said, entries)) == "elder-allowance"


def test_the_nearest_of_two_areas_speaks_first(ask: Ask) -> None:
    forms = {"matter_code": "elderly_care"}
    entries = KnowledgeIndex([
        *shipped(),
        entry("street", "高龄津贴怎么领", "高龄津贴怎么领", area_code="s", **forms),
        entry("community", "高龄津贴怎么领", "高龄津贴怎么领", area_code="c", **forms),
    ])  # fmt: skip
    assert ask("请问高龄津贴在哪领", entries, ("g", "c", "s")).matches[0].entry.code == "community"


def test_without_entries_nothing_is_known(ask: Ask) -> None:
    assert ask("高龄津贴怎么领", KnowledgeIndex([])) == Finding("none")


def test_bm25_prefers_the_rare_word_and_knows_the_most_a_text_could_score() -> None:
    texts = Bm25([{"津贴": 1.0, "怎么": 1.0}, {"身份证": 1.0, "怎么": 1.0}, {"医保": 1.0, "怎么": 1.0}])
    scores, most = texts.find(["津贴", "怎么", "没听过"])
    assert 0 < scores[1] == scores[2] < scores[0] < most
    assert texts.find([]) == ([0.0, 0.0, 0.0], 0.0)
