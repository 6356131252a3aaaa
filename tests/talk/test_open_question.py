"""While a question is open: what was reported is never lost, whatever else comes between, and no words are said twice."""

from itertools import count, pairwise

import pytest
from town import Town

from simulator.resident_hand import ResidentHand

BETWEEN = [
    "绑定住处", "菜单", "进度", "我的数据", "我的标签", "我的提醒", "提醒我每月5号交物业费", "提醒我", "退订", "解绑", "改类", "换地址", "撤回",
    "不对", "谢谢", "你好", "啥", "养老金认证怎么办", "什么时候能弄好", "修好了吗", "办事指南", "我要反映", "不晓得", "有钉子",
]  # fmt: skip
PEOPLE = count()


@pytest.fixture
def town(busy_town: Town) -> Town:
    busy_town.passes(minutes=30)
    return busy_town


def somebody(town: Town) -> ResidentHand:
    return town.resident(f"说到一半的人{next(PEOPLE)}")


def texts_since(town: Town, first: int) -> str:
    return "\n".join(row["text"] for row in town.rows("tickets")[first:])


@pytest.mark.parametrize("said", BETWEEN)
@pytest.mark.parametrize("report", ["楼道灯不亮了", "冷气漏水"])
def test_a_report_outlives_what_comes_between(town: Town, said: str, report: str) -> None:
    hand, before = somebody(town), len(town.rows("tickets"))
    hand.says(report)

    hand.says(said)
    for answer in ("紫荆苑3栋", "1", "紫荆苑3栋", "1"):
        if report not in texts_since(town, before):
            hand.says(answer)

    assert report in texts_since(town, before)


@pytest.mark.parametrize("report", ["楼道灯不亮了", "冷气漏水"])
def test_whoever_asks_for_a_person_has_one_at_once_with_all_that_was_said(town: Town, report: str) -> None:
    hand, before = somebody(town), len(town.rows("tickets"))
    hand.says(report)
    hand.says("井盖子没咧")
    hand.says("有钉子")

    answer = hand.says("人工")

    assert "接手" in answer
    told = texts_since(town, before)
    assert all(words in told for words in (report, "井盖子没咧", "有钉子", "居民请求人工"))


def test_a_person_takes_over_when_nothing_is_understood(town: Town) -> None:
    hand, before = somebody(town), len(town.rows("tickets"))
    hand.says("楼道灯不亮了")

    answers = [hand.says(words) for words in ("有钉子", "我跟你说嘛", "我说不来")]

    assert any("接手" in answer for answer in answers)
    assert "楼道灯不亮了" in texts_since(town, before)


@pytest.mark.parametrize("opened", ["楼道灯不亮了", "冷气漏水", "着火了快来人", "绑定", "人工"])
@pytest.mark.parametrize("said", ["啥子", "谢谢", "你好", "有钉子", "不晓得几栋", "你快点来嘛", "我跟你说嘛"])
def test_nobody_is_told_the_same_twice_in_a_row(town: Town, opened: str, said: str) -> None:
    hand = somebody(town)

    answers = [hand.says(opened), *(hand.says(said) for _ in range(3))]

    while_open = [answer for answer in answers if "？" in answer and "1 我要反映" not in answer]
    assert all(one != other for one, other in pairwise(while_open))


@pytest.mark.parametrize("called_off", ["取消", "算了"])
def test_what_was_called_off_stays_so(town: Town, called_off: str) -> None:
    hand, before = somebody(town), len(town.rows("tickets"))
    hand.says("楼道灯不亮了")
    hand.says("绑定住处")

    hand.says(called_off)
    hand.says("紫荆苑3栋")

    assert len(town.rows("tickets")) == before


@pytest.mark.parametrize(
    "words", ["笑死我了", "老汉儿看不倒路", "我跟你说嘛", "楼下跳坝坝舞闹麻了", "我们屋头", "我家楼下"]
)
def test_a_sentence_is_no_place(town: Town, words: str) -> None:
    hand, before = somebody(town), len(town.rows("tickets"))
    hand.says("楼道灯不亮了")

    for _ in range(4):
        hand.says(words)

    assert not any(row["place"].startswith("居民所述") for row in town.rows("tickets")[before:])


@pytest.mark.parametrize("words", ["大槐树底下", "菜市场门口", "碧水湾小区3栋", "河边那棵树下", "垃圾站旁边"])
def test_words_that_say_where_are_kept_for_a_person(town: Town, words: str) -> None:
    hand, before = somebody(town), len(town.rows("tickets"))
    hand.says("楼道灯不亮了")

    hand.says(words)
    hand.says(words)

    (ticket,) = town.rows("tickets")[before:]
    assert ticket["place"] == f"居民所述：{words}"


def test_in_danger_a_place_is_asked_for_until_somebody_can_go_there(town: Town) -> None:
    hand, before = somebody(town), len(town.rows("tickets"))
    hand.says("着火了快来人")

    answers = [hand.says(words) for words in ("我家楼下", "不晓得几栋", "那个小区门口", "菜市场门口")]

    assert all("没有找到" not in answer and "取消" not in answer for answer in answers)
    (ticket,) = town.rows("tickets")[before:]
    assert ticket["place"] == "居民所述：菜市场门口"


def test_the_words_that_settle_a_choice_are_kept(town: Town) -> None:
    hand, before = somebody(town), len(town.rows("tickets"))
    hand.says("冷气漏水")

    hand.says("漏水的是屋顶")
    hand.says("紫荆苑3栋")

    assert texts_since(town, before) == "冷气漏水；漏水的是屋顶"
