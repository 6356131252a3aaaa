"""What a worker types with one thumb: what goes to the resident as it is, and what never does."""

import pytest

from bot.group_slips import likely, one_by_one, refuses, spelled_out, wordless
from handlers import all_commands

COMMANDS = tuple(all_commands())
ACCEPT = next(command for command in COMMANDS if command.action == "accept")

FOR_THE_RESIDENT = [
    "下午三点上门",
    "师傅在路上，别急",
    "15:30",
    "302",
    "好的",
    "OK",
    "不是什么大问题，马上来",
    "已联系物业，他们今天没空，明天上午九点来给您换",
    "换个灯泡就好",
    "这个要找物业，我帮您报了",
    "是接到您家的水管吗",
    "我来看看",
]

FOR_COLLEAGUES = "不是我的 | 不归我们 | 不归我管 | 不是我们网格的 | 不在本网格 | 我请假 | 我今天请假 | 不属于我们片区"
FROM_NOBODY_YET = "去不了 | 今天来不了 | 没空 | 我不接 | 换个人吧 | 找别人 | 办不了"


@pytest.mark.parametrize("words", FOR_THE_RESIDENT)
@pytest.mark.parametrize("taken", [True, False])
def test_plain_words_reach_the_resident(words: str, taken: bool) -> None:
    assert not wordless(words) and not refuses(words, taken) and not likely(words, 1024, COMMANDS)
    assert spelled_out(words, "", COMMANDS) == words


@pytest.mark.parametrize("words", FOR_COLLEAGUES.split(" | "))
def test_words_between_colleagues_reach_nobody_else(words: str) -> None:
    assert refuses(words, taken=True) and refuses(words, taken=False)


@pytest.mark.parametrize("words", FROM_NOBODY_YET.split(" | "))
def test_whoever_cannot_come_takes_no_ticket_but_may_say_so_later(words: str) -> None:
    assert refuses(words, taken=False) and not refuses(words, taken=True)


@pytest.mark.parametrize("words", ["[图片]", "[强][强]", "［语音］", "👍", "？？", "3", "……"])
def test_no_words_are_no_message(words: str) -> None:
    assert wordless(words)


@pytest.mark.parametrize("typed", ["1", "１", "一", "①", "1。", " 1 "])
def test_one_is_what_the_card_asks_for(typed: str) -> None:
    assert spelled_out(typed, "#1024 路灯", COMMANDS) == "接单"
    assert spelled_out(typed, "【吹哨】#1024 路灯", COMMANDS) == "报到"
    assert spelled_out(typed, "#1024 请打分（1 到 5）", COMMANDS) == typed


@pytest.mark.parametrize(
    ("typed", "meant"), [("接 1024", "接单 1024"), ("接1024", "接单1024"), ("接#1024", "接单#1024")]
)
def test_the_short_word_is_enough_with_a_number(typed: str, meant: str) -> None:
    assert spelled_out(typed, "", COMMANDS) == meant


@pytest.mark.parametrize(
    ("typed", "verb"), [("jd", "接单"), ("JD", "接单"), ("接蛋", "接单"), ("bj", "办结"), ("办洁", "办结"), ("退但", "退单"), ("办错了", "重开")]
)  # fmt: skip
def test_a_slip_is_answered_with_the_likely_command(typed: str, verb: str) -> None:
    assert f"请发：{verb} 1088" in likely(typed, 1088, COMMANDS)


def test_several_tickets_are_taken_apart() -> None:
    assert one_by_one("接单 1038 1039、1040", ACCEPT).endswith("接单 1038；接单 1039；接单 1040")
    assert one_by_one("接单 1038 明天去2次", ACCEPT) == "" == one_by_one("接单 1038.0", ACCEPT)
