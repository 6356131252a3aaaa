"""Policy answers in the talk, through the front door: what goes first, what is kept, what is said when it is old."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select
from town import COMMUNITY, GRID, Town

from models.knowledge import KnowledgeEntry, OpenQuestion, open_questions
from models.matter import bump_catalogue
from simulator.resident_hand import ResidentHand

ASKED = "高龄津贴怎么领"


def change(town: Town, code: str, **facts: Any) -> None:
    with town.database.write() as session:
        entry = session.get(KnowledgeEntry, code) or KnowledgeEntry(
            code=code, title=code, questions=[], answer="请到社区。"
        )
        for name, value in facts.items():
            setattr(entry, name, value)
        session.add(entry)
        bump_catalogue(session)


def waiting(town: Town) -> list[OpenQuestion]:
    with town.database.read() as session:
        return open_questions(session)


@pytest.fixture
def aunt(town: Town) -> ResidentHand:
    """王阿姨 lives in 紫荆苑3栋."""
    return town.resident("王阿姨", town.building("紫荆苑3栋"))


def decision(town: Town) -> tuple[str, str]:
    newest = town.rows("messages")[-1]
    return newest["decision"], newest["reply_kind"]


def tickets(town: Town) -> int:
    return len(town.rows("tickets"))


def test_a_sure_answer_opens_no_ticket_and_says_where_it_is_from(town: Town, aunt: ResidentHand) -> None:
    before = tickets(town)
    answer = aunt.says("请问" + ASKED)
    assert "每月100元" in answer
    assert "来源：清溪街道办事指南（示例），更新日期：2026年1月1日" in answer
    assert decision(town) == ("answered", "policy")
    assert tickets(town) == before


def test_who_has_no_home_yet_is_answered_too(town: Town) -> None:
    assert "每月100元" in town.resident("李大爷").says(ASKED)


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"effective_until": date(2026, 10, 31)}, "这条有效期到2026年10月31日，请以窗口为准"),
        ({"review_on": date(2026, 11, 24)}, "正在复核，请以窗口为准"),
        ({"effective_from": date(2027, 1, 1)}, "这条从2027年1月1日起执行"),
    ],
)
def test_what_is_old_or_not_yet_in_force_is_said_so(
    town: Town, aunt: ResidentHand, facts: dict[str, date], said: str
) -> None:
    change(town, "elder-allowance", **facts)
    assert said in aunt.says(ASKED)


def test_the_last_day_is_still_in_force(town: Town, aunt: ResidentHand) -> None:
    change(town, "elder-allowance", effective_until=date(2026, 11, 24), review_on=date(2026, 11, 25))
    assert "提醒您" not in aunt.says(ASKED)


def test_the_areas_own_entry_is_for_those_who_live_there(town: Town, aunt: ResidentHand) -> None:
    change(town, "here", title="望月社区高龄津贴", questions=[ASKED], area_code=COMMUNITY, matter_code="elderly_care")
    assert "望月社区" in aunt.says(ASKED)
    assert "望月社区" not in town.resident("李大爷").says(ASKED)


def test_an_entry_of_another_area_is_not_in_the_menu(town: Town, aunt: ResidentHand) -> None:
    change(town, "aa", title="外社区的事", area_code="990102001002", matter_code="marriage_birth")
    change(town, "ab", title="本网格的事", area_code=GRID, matter_code="marriage_birth")
    aunt.says("政策")
    offered = aunt.says("婚姻和生育")
    assert "本网格的事" in offered and "外社区的事" not in offered


def test_a_question_nobody_wrote_an_answer_for_is_counted_masked_and_filed(town: Town, aunt: ResidentHand) -> None:
    before = tickets(town)
    for phone in ("13812345678", "13812345678"):
        aunt.says(f"护照怎么办理 我电话{phone}")
        town.passes(minutes=10)
    (question,) = waiting(town)
    assert (question.text, question.times) == ("护照怎么办理 我电话138****5678", 2)
    assert tickets(town) == before + 2


def test_a_case_of_ones_own_is_filed_and_is_no_open_question(town: Town, aunt: ResidentHand) -> None:
    assert "已登记" in aunt.says("残疾补贴少发了一百 找谁")
    assert waiting(town) == []


def test_neither_of_the_two_is_what_was_asked(town: Town, aunt: ResidentHand) -> None:
    """3 files the question in the resident's own words, and keeps it for staff."""
    assert "3 都不是，请人回答" in aunt.says("我奶今年八十二 听说政府每月发钱 咋领")
    assert "已登记" in aunt.says("3")
    assert town.ticket()["text"] == "我奶今年八十二 听说政府每月发钱 咋领"
    assert [question.times for question in waiting(town)] == [1]
    assert len(town.ticket()["message_ids"]) == 2


def test_not_solved_takes_the_dialogue_along(town: Town, aunt: ResidentHand) -> None:
    aunt.says(ASKED)
    assert "没帮上您" in aunt.says("没解决，我妈户口在外地，窗口说不行")
    ticket = town.ticket()
    assert ticket["matter"] == "elderly_care"
    assert ticket["text"].startswith(f"{ASKED}；居民补充：没解决，我妈户口在外地，窗口说不行；已答《高龄津贴")
    assert len(ticket["message_ids"]) == 2


@pytest.mark.parametrize("words", ["没解决", "还是没解决", "没有解决", "没用", "不行"])
def test_not_solved_in_other_words(town: Town, aunt: ResidentHand, words: str) -> None:
    before = tickets(town)
    aunt.says(ASKED)
    assert "已登记" in aunt.says(words)
    assert tickets(town) == before + 1


def test_not_solved_about_work_done_since_then_is_no_word_on_the_policy(town: Town, aunt: ResidentHand) -> None:
    """The worker said done after the answer: the verdict is on that."""
    aunt.says("楼道灯不亮了")
    number = town.ticket()["number"]
    town.passes(minutes=3)
    aunt.says(ASKED)
    worker, group = town.staff()["小陈"], town.group(GRID)
    group.says(worker, f"接单 {number}")
    town.passes(minutes=1)
    group.says(worker, f"办结 {number} 换了灯泡")
    before = tickets(town)
    assert "已重新办理" in aunt.says("没解决")
    assert tickets(town) == before


def test_not_solved_after_something_else_was_said_is_not_about_the_answer(town: Town, aunt: ResidentHand) -> None:
    aunt.says(ASKED)
    aunt.says("你好")
    assert "没帮上您" not in aunt.says("没解决")


def test_another_fault_right_after_an_answer_is_its_own_report(town: Town, aunt: ResidentHand) -> None:
    aunt.says(ASKED)
    assert "路灯" in aunt.says("楼道灯不亮了")
    assert "居民补充" not in town.ticket()["text"]


def test_thanks_after_an_answer_are_answered(town: Town, aunt: ResidentHand) -> None:
    aunt.says(ASKED)
    assert "不客气" in aunt.says("谢谢，知道了")


def test_an_answer_to_a_worker_goes_first(town: Town, aunt: ResidentHand) -> None:
    """Whatever the resident writes while a worker waits for words belongs to that ticket."""
    aunt.says("我妈的高龄津贴少发了一百")
    number = town.ticket()["number"]
    town.group(GRID).says(town.staff()["小陈"], f"补充 {number} 老人多大年纪")
    assert f"已补充到 #{number}" in aunt.says("八十二岁 " + ASKED)


def test_an_open_report_goes_first(town: Town) -> None:
    uncle = town.resident("李大爷")
    assert "哪个小区" in uncle.says("楼道灯不亮了")
    assert "哪个小区" in uncle.says("高龄津贴一个月多少")
    assert "已登记 #" in uncle.says("紫荆苑3栋")


def test_danger_goes_first(town: Town, aunt: ResidentHand) -> None:
    assert "119" in aunt.says("养老院着火了 怎么办")


def test_an_entry_that_was_taken_away_meanwhile_is_no_dead_end(town: Town, aunt: ResidentHand) -> None:
    aunt.says(ASKED)
    with town.database.write() as session:
        session.delete(session.scalars(select(KnowledgeEntry).where(KnowledgeEntry.code == "elder-allowance")).one())
        bump_catalogue(session)
    assert aunt.says("没解决")


def test_without_any_entry_the_menu_says_so(town: Town, aunt: ResidentHand) -> None:
    with town.database.write() as session:
        for entry in session.scalars(select(KnowledgeEntry)):
            session.delete(entry)
        bump_catalogue(session)
    assert "还没有内容" in aunt.says("政策")
    assert "已登记" in aunt.says("医保怎么交 多少钱一个人")


def test_every_step_of_the_menu_can_be_left(town: Town, aunt: ResidentHand) -> None:
    for steps in (["政策"], ["政策", "1"], ["我奶今年八十二 听说政府每月发钱 咋领"]):
        for words in steps:
            aunt.says(words)
        assert "已取消" in aunt.says("取消")
