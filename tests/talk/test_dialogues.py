"""Talks as elderly residents type them: whatever comes in whatever order, every message has one short, kind answer.

The readable ones are transcripts in tests/conversations; here is what no transcript can hold.
"""

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from town import Town

from bot.phrases import APOLOGY
from bot.whereabouts import MISSED
from simulator.resident_hand import ResidentHand

REPLY_BYTES = 2048
STEPS = {
    "菜单": "1 我要反映",
    "绑定": "哪个小区",
    "我要反映": "一句话",
    "改类": "哪一类",
    "换地址": "哪个小区",
    "不对": "哪里不对",
    "解绑": "解绑哪一处",
    "撤回": "撤回哪一件",
}
SAID = [
    "楼道灯不亮了", "下水道堵了", "垃圾堆了一地没人收", "紫荆苑", "紫荆苑3栋", "3栋", "三", "1", "２", "③", "第四个", "9", "0", "是的", "都不是",
    "取消", "人工", "进度", "进度 1001", "撤回", "撤回 1002", "不对", "改类", "换地址", "菜单", "绑定", "解绑", "我的数据", "退订", "恢复公告",
    "谢谢", "好的", "你好", "修好了", "没解决", "还是不亮", "修好了吗", "催一下", "算了", "不用了", "我住紫荆苑5栋", "在哪", "啥", "嗯", "。。。",
    "满意", "5", "我家", "大槐树底下", "说错了", "😀", "[微笑]", "#1001 接单", "着火了快来人",
]  # fmt: skip
HALF_WIDTH = re.compile(r"[\u4e00-\u9fff][,!?;:]|[,!?;:][\u4e00-\u9fff]")
IMPOLITE = re.compile(r"你(?!好|们)")


@pytest.fixture
def town(busy_town: Town) -> Town:
    busy_town.passes(minutes=5)
    return busy_town


def act(hand: ResidentHand, town: Town, words: str) -> str:
    town.passes(seconds=20)
    match words:
        case "［照片］":
            return hand.sends_image()
        case "［语音］":
            return hand.sends_voice()
        case "［外地］":
            return hand.sends_location(39.9, 116.4, "别的城市")
        case "［附近］":
            return hand.sends_location(*town.coordinates("紫荆苑3栋"), "家门口")
    return hand.says(words)


def assert_kind(answer: str) -> None:
    """Said to somebody's grandmother: polite, short, in Chinese punctuation."""
    assert answer and answer != APOLOGY
    assert len(answer.encode()) <= REPLY_BYTES
    assert not HALF_WIDTH.search(answer) and not IMPOLITE.search(answer), answer
    assert "None" not in answer and "{" not in answer


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    talk=st.lists(st.sampled_from([*SAID, "［照片］", "［语音］", "［外地］", "［附近］"]), min_size=8, max_size=25),
    known=st.booleans(),
)
def test_any_talk_is_answered_message_by_message(town: Town, talk: list[str], known: bool) -> None:
    number = len(town.world.residents.all())
    hand = town.resident(f"邻居{number}", home=town.building("紫荆苑3栋") if known else "")
    before, last = len(town.rows("messages")), ""

    for words in talk:
        answer = act(hand, town, words)
        assert hand.last_outcome.ok
        assert_kind(answer)
        assert not (answer == last == MISSED), talk
        last = answer

    kept = town.rows("messages")[before:]
    assert len(kept) == len(talk)
    assert {row["decision"] for row in kept} <= {"answered", "ticket", "joined"}
    for row in kept:
        assert bool(row["tickets"]) == (row["decision"] != "answered") or row["decision"] == "answered"


def test_every_question_can_be_left(town: Town) -> None:
    wang = town.resident("离开的人", home=town.building("紫荆苑3栋"))
    wang.says("我住紫荆苑5栋")
    wang.says("楼道灯不亮了")
    wang.says("下水道堵了")
    tickets = len(town.rows("tickets"))

    for word, question in STEPS.items():
        assert question in wang.says(word)
        assert "已取消" in wang.says("取消")
        assert "没有需要取消" in wang.says("取消")

    assert len(town.rows("tickets")) == tickets
    assert {row["status"] for row in town.rows("tickets")[-2:]} == {"pending"}


@pytest.mark.parametrize(
    "said",
    ["1", "１", "一", "①", "⑴", "第一个", "第1个", "选1", "我选一", "1。", "1、", "1吧", "就1", "是1", "紫荆苑3栋"],
)
def test_a_choice_is_taken_in_every_script(town: Town, said: str) -> None:
    hand = town.resident(f"选的人 {said}")
    hand.says("楼道灯不亮了")
    offered = act(hand, town, "［附近］")
    assert "1 " in offered or "已登记" in offered

    answer = hand.says(said) if "1 " in offered and "已登记" not in offered else offered

    assert "已登记 #" in answer and "路灯" in answer


@pytest.mark.parametrize(
    "said", ["好像没修好", "不满意", "还是不亮", "灯还不亮", "根本没来人", "又坏了", "没用", "一点没变", "不行"]
)
def test_unhappy_words_reopen(town: Town, said: str) -> None:
    assert "重新办理" in after_handling(town, said)


@pytest.mark.parametrize("said", ["好了", "修好了，谢谢", "可以了", "满意", "亮了", "解决了解决了", "没问题了"])
def test_happy_words_close(town: Town, said: str) -> None:
    assert "已办结" in after_handling(town, said)


@pytest.mark.parametrize("said", ["修好了吗", "修好了没", "好了没有", "好了吗？", "解决了么"])
def test_a_question_is_no_verdict(town: Town, said: str) -> None:
    answer = after_handling(town, said)

    assert "已处置" in answer and "已办结" not in answer and "重新办理" not in answer


def after_handling(town: Town, said: str) -> str:
    """What the bot answers to these words when the lamp is said to be repaired."""
    hand = town.resident(f"等结果 {said}", home=town.building("紫荆苑3栋"))
    hand.says("楼道灯不亮了")
    number = town.ticket()["number"]
    chen = town.staff()["小陈"]
    assert "已记处置完成" in town.group("990102001001003").says(chen, f"办结 {number} 换好了")
    answer = act(hand, town, said)
    assert town.ticket(number)["status"] == {"重": "accepted", "已": "closed"}.get(
        "重" if "重新办理" in answer else "已" if "已办结" in answer else "", "handled"
    )
    return answer


def test_an_old_question_is_forgotten(town: Town) -> None:
    hand = town.resident("健忘的人", home=town.building("紫荆苑3栋"))
    hand.says("换地址")
    hand.says("楼道灯不亮了")
    hand.says("换地址")
    town.passes(hours=2)

    assert "不客气" in hand.says("谢谢")
    assert "已登记" in hand.says("下水道堵了")


def test_a_draft_waits_a_day(town: Town) -> None:
    hand = town.resident("慢慢来的人")
    hand.says("楼道灯不亮了")
    town.passes(hours=20)

    assert "路灯" in hand.says("紫荆苑3栋")
