"""What residents say when a worker has answered: a verdict in any words, a grade, an answer, a place put right."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from town import GRID, Town

from bot.answers import score_said, verdict
from simulator.resident_hand import ResidentHand

HERE = "紫荆苑3栋"


def lamp(town: Town, name: str) -> tuple[ResidentHand, int]:
    """A resident whose lamp is in 小陈's hands."""
    hand = town.resident(name, home=town.building(HERE))
    hand.says("楼道灯不亮了")
    number = town.ticket()["number"]
    town.group(GRID).says(town.staff()["小陈"], f"接单 {number}")
    town.passes(seconds=20)
    return hand, number


def handled(town: Town, name: str) -> tuple[ResidentHand, int]:
    hand, number = lamp(town, name)
    town.group(GRID).says(town.staff()["小陈"], f"办结 {number} 换好了")
    town.passes(seconds=20)
    return hand, number


@pytest.mark.parametrize(
    "said",
    [
        "哪里好了嘛，还是黑的", "没得人来过", "谁说修好了", "好个屁", "灯又灭了", "没有亮了", "什么好了哦", "没见到人", "修好了又断了", "还是那么黑",
    ],
)  # fmt: skip
def test_whoever_says_it_is_not_done_is_heard(town: Town, said: str) -> None:
    hand, number = handled(town, f"不满 {said}")

    assert "重新办理" in hand.says(said)
    assert town.ticket(number)["status"] == "accepted"


@pytest.mark.parametrize(
    "said", ["修好咯", "不好意思，好了", "亮了，谢谢你们", "还是你们快，好了", "5分", "五星", "满分"]
)
def test_whoever_says_it_is_done_is_heard(town: Town, said: str) -> None:
    hand, number = handled(town, f"满意 {said}")

    assert f"#{number} 已办结" in hand.says(said)
    assert town.ticket(number)["outcome"] == "solved"


@pytest.mark.parametrize("said", ["1分", "两分", "等修好了再说", "要是好了就好了", "还不错"])
def test_what_says_neither_closes_nothing(town: Town, said: str) -> None:
    hand, number = handled(town, f"难说 {said}")

    answer = hand.says(said)

    assert "办得怎么样" in answer and "3 没解决" in answer
    assert "没解决不用办了" not in answer
    assert town.ticket(number)["status"] == "handled"


def test_a_grade_said_at_once_is_kept(town: Town) -> None:
    hand, number = handled(town, "干脆的人")

    answer = hand.says("5分")

    assert "已办结" in answer and "谢谢您的评价" in answer
    assert town.ticket(number)["rating"] == 5


@given(st.text(max_size=30))
def test_any_words_are_a_verdict_or_none(text: str) -> None:
    assert verdict(text) in ("solved", "partly", "unsolved", None)
    assert score_said(text) in (0, 1, 2, 3, 4, 5, None)


@pytest.mark.parametrize("said", ["302", "3", "在1单元门口，天黑以后", "旁边有棵树", "下午都在家"])
def test_what_answers_a_worker_goes_to_the_worker(town: Town, said: str) -> None:
    hand, number = lamp(town, f"答话的人 {said}")
    town.group(GRID).says(town.staff()["小陈"], f"回复 {number} 请问在哪里，几楼？")
    town.passes(seconds=20)
    before = len(town.rows("tickets"))

    assert f"（#{number}）" in hand.says(said)
    assert len(town.rows("tickets")) == before


def test_another_matter_is_no_answer_to_a_worker(town: Town) -> None:
    hand, number = lamp(town, "又有一件")
    town.group(GRID).says(town.staff()["小陈"], f"回复 {number} 请问在哪里，几楼？")
    town.passes(seconds=20)

    assert "已登记" in hand.says("下水道堵了，污水都冒出来了")


def test_words_that_only_mention_a_place_move_nothing(town: Town) -> None:
    hand, number = lamp(town, "路过的人")

    hand.says("我刚从紫金苑8栋走过来，那边都有人修")

    assert town.ticket(number)["place"] == HERE


@pytest.mark.parametrize("said", ["自行车搬走了", "电瓶车搬到楼下了", "催收电话老是打来", "户口本住址怎么改"])
def test_what_only_sounds_like_a_command_is_none(town: Town, said: str) -> None:
    hand = town.resident(f"说别的 {said}", home=town.building(HERE))

    answer = hand.says(said)

    assert "您住哪个小区" not in answer and "催办" not in answer


def test_a_policy_question_after_a_cry_is_answered_as_one(town: Town) -> None:
    hand = town.resident("问政策的人", home=town.building(HERE))
    assert "120" in hand.says("我妈晕倒了叫不醒")
    town.passes(seconds=20)

    assert "已转给" not in hand.says("养老金认证怎么办")


def test_a_second_cry_keeps_the_report_that_waits_and_brings_its_place_to_all(town: Town) -> None:
    hand = town.resident("两声呼救的人")
    hand.says("楼道灯不亮了")
    assert "120" in hand.says("救命啊救命")
    assert "119" in hand.says("好大一股煤气味")
    town.passes(seconds=20)

    hand.says("着火了，紫荆苑5栋")
    answer = hand.says("进度")

    assert answer.count("待签收") == 4, "the lamp, and three dangers"
    places = {row["place"] for row in town.rows("tickets")[-4:]}
    assert places == {"紫荆苑5栋"}
