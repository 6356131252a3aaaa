"""How grid workers type: any order, any width, dialect and slips; and what only looks like a command."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.group_grammar import Said, understand
from handlers import all_commands

COMMANDS = tuple(all_commands())
VERBS = {verb: command for command in COMMANDS for verb in command.verbs}

# typed | action | words; the number is always 1024
UNDERSTOOD = """
接单 1024 | accept |
接单1024 | accept |
接单#1024 | accept |
接单 #1024 | accept |
接单＃1024。 | accept |
接单 １０２４ | accept |
１０２４号 接单 | accept |
1024号接单 | accept |
1024 接单 | accept |
1024接单 | accept |
1024，接单 | accept |
接单：1024 | accept |
接单，1024！ | accept |
【接单】1024 | accept |
接单 第1024号 | accept |
第1024号接单 | accept |
工单1024接单 | accept |
单号1024 我接 | accept |
1024号工单我来 | accept |
1024号单 我来 | accept |
No.1024 接单 | accept |
№1024 我去 | accept |
1024 我来 | accept |
1024我来 | accept |
1024我去 | accept |
1024 我去吧 | accept |
1024 我来嘛 | accept |
1024 这个我来吧 | accept |
1024 这个我接了 | accept |
这单1024我接 | accept |
我接了1024 | accept |
我来1024 | accept |
好的，接单1024 | accept |
好嘞 1024我来 | accept |
要得 1024 我去 | accept |
OK 1024我来 | accept |
请帮我接单 1024 | accept |
我先接单1024 | accept |
签收 1024 | accept |
1024 签收 | accept |
1024 收到 | accept |
收到 1024 | accept |
收到1024，马上去 | accept | 马上去
1024 我来，半小时到 | accept | 半小时到
接单 1024，下午3点去 | accept | 下午3点去
接　单 1024 | - |
办结 1024 灯泡已换 | handle | 灯泡已换
办结1024灯泡已换 | handle | 灯泡已换
办结 #1024 灯泡已换 | handle | 灯泡已换
1024 办结 灯泡已换 | handle | 灯泡已换
1024办结，灯泡已换 | handle | 灯泡已换
#1024 办结：灯泡已换 | handle | 灯泡已换
灯泡已换 办结 1024 | handle | 灯泡已换
灯泡已换，1024 办结 | handle | 灯泡已换
办结 1024 | handle |
1024办完了 | handle |
1024 修好了 | handle |
1024修好了，三楼和四楼 | handle | 三楼和四楼
1024 已经修好了 | handle |
#1024已经弄好了，换了灯泡 | handle | 换了灯泡
1024 搞定 | handle |
1024 搞定了 | handle |
1024 都整好了哈 | handle |
1024 已处理 | handle |
1024 处理好了 | handle |
完成 1024 | handle |
办结 1024 换了2个灯泡 | handle | 换了2个灯泡
办结 1024 三楼15瓦灯换成20瓦 | handle | 三楼15瓦灯换成20瓦
办结1024楼道灯已换 | handle | 楼道灯已换
办结 1024 楼道灯已换 | handle | 楼道灯已换
办结 1024 点位已核实 | handle | 点位已核实
1024 花了200元修好了 | - |
办结 1024 不漏了 | handle | 不漏了
办结 1024 没问题了 | handle | 没问题了
麻烦办结一下 1024 | handle | 一下
回复 1024 下午三点上门 | reply | 下午三点上门
回复1024 15:30上门 | reply | 15:30上门
回复 1024 明天3点来 | reply | 明天3点来
1024 回复 下午三点上门 | reply | 下午三点上门
1024回复：下午三点上门 | reply | 下午三点上门
回复#1024：师傅在路上，别急。 | reply | 师傅在路上，别急
回复 1024 12月2号上门 | reply | 12月2号上门
回复 1024 不用等了 | reply | 不用等了
答复 1024 已经报给物业 | reply | 已经报给物业
转告 1024 明天停水一天 | reply | 明天停水一天
补充 1024 是哪个单元的门？ | need_info | 是哪个单元的门？
1024 补充 是哪个单元的门？ | need_info | 是哪个单元的门？
问一下 1024 在几楼 | need_info | 在几楼
追问1024 漏了几天了 | need_info | 漏了几天了
转派 1024 王芳 | transfer | 王芳
转派1024给王芳 | transfer | 给王芳
1024 转派 王芳 | transfer | 王芳
1024转给王芳 | transfer | 王芳
转给王芳 1024 | transfer | 王芳
改派 1024 第四网格 | transfer | 第四网格
转派 1024 990102001001004 | transfer | 990102001001004
转派 990102001001004 1024 | transfer | 990102001001004
退单 1024 不在本网格 | return | 不在本网格
1024 退单 不在本网格 | return | 不在本网格
不在本网格 退单 1024 | return | 不在本网格
退回 1024 这是小区内部的事 | return | 这是小区内部的事
退单 1024 | return |
详情 1024 | 详情 |
1024 详情 | 详情 |
查看#1024 | 详情 |
"""

# typed | action: the number is left to the quoted card or to what the worker holds
WITHOUT_NUMBER = """
接单 | accept
我来 | accept
这个我来吧 | accept
收到，马上去 | accept
办结 灯泡已换 | handle
修好了 | handle
灯泡已换 办结 | handle
回复 明天给您换3盏灯 | reply
回复 2号下午来 | reply
退单 不在本网格 | return
转派 王芳 | transfer
补充 几楼 | need_info
"""

NOT_COMMANDS = """
今天天气真好
下午三点上门
师傅明天来
2号下午来
12月2号上门
3盏灯都换了
帮助老人搬下楼了
谁去看一下
完成时间大概三点
修好了再告诉您
办结不了
办完之后通知您
请稍等
"""

PROBLEMS = """
接单 1024.0
接单 0
接单 ①⓪②④
接单 *
接单 -1
接单 1024 1025
接单 1024; DROP TABLE tickets
接单 1024 <script>
办结 1024 1025
1024 我去不了
1024 我来不了
1024没收到
1024 不是我来
1024修好了吗
1024 修好了没有
办完 1024 了吗
接单吗 1024
"""


def rows(table: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.split("|")] for line in table.strip().splitlines()]


def action(said: Said) -> str:
    return (said.command.action or said.command.verbs[0]) if said.command else ""


@pytest.mark.parametrize(("typed", "expected", "words"), rows(UNDERSTOOD))
def test_command_is_understood(typed: str, expected: str, words: str) -> None:
    said = understand(typed, COMMANDS)

    if expected == "-":
        assert not said.command
        return
    assert (action(said), said.number, said.words, said.problem) == (expected, 1024, words, False)


@pytest.mark.parametrize(("typed", "expected"), rows(WITHOUT_NUMBER))
@pytest.mark.parametrize("quoted", [None, 1024])
def test_number_may_be_left_out(typed: str, expected: str, quoted: int | None) -> None:
    said = understand(typed, COMMANDS, quoted)

    assert (action(said), said.number, said.problem) == (expected, None, False)


@pytest.mark.parametrize("typed", NOT_COMMANDS.split())
@pytest.mark.parametrize("quoted", [None, 1024])
def test_words_are_no_command(typed: str, quoted: int | None) -> None:
    said = understand(typed, COMMANDS, quoted)

    assert not said.command and said.words == typed and not said.problem


@pytest.mark.parametrize("typed", PROBLEMS.strip().splitlines())
def test_what_nobody_should_guess_at_is_a_problem(typed: str) -> None:
    assert understand(typed, COMMANDS).problem


@pytest.mark.parametrize(
    "typed", ["接单 1024\n办结 1025", "接单\x001024", "接单\ufffd1024", "接单\x1b 1024", "办结 1024 好了\n接单 1025"]
)
def test_several_commands_and_control_characters_are_a_problem(typed: str) -> None:
    assert understand(typed, COMMANDS).problem


@pytest.mark.parametrize(
    "typed", ["转发: 接单 1024", "转发：接单 1024", "转：接单 1024", "「陈：接单 1024」", "Fwd: 办结 1024 好"]
)
def test_forwarded_text_is_no_command(typed: str) -> None:
    assert understand(typed, COMMANDS) == Said(forwarded=True)


def test_quoting_a_card_leaves_small_figures_in_the_words() -> None:
    said = understand("办结 换了2个，3号位的没坏", COMMANDS, 1024)

    assert (action(said), said.number, said.words) == ("handle", None, "换了2个，3号位的没坏")


def test_a_number_that_is_written_wins_over_the_quoted_card() -> None:
    assert understand("接单 1025", COMMANDS, 1024).number == 1025
    assert understand("#12 接单", COMMANDS, 1024).number == 12
    assert understand("接单 12", COMMANDS, 12).number == 12


@given(st.text(), st.one_of(st.none(), st.integers(1, 10**9)))
def test_anything_may_be_typed(text: str, quoted: int | None) -> None:
    said = understand(text, COMMANDS, quoted)

    assert said.number is None or 0 <= said.number < 10**9
    assert said.verb in VERBS or not said.command


@given(st.text(alphabet="接单办结回复补充转派退修好了我来去 #1024，。号不没吗", max_size=24))
def test_no_command_without_a_verb(text: str) -> None:
    said = understand(text, COMMANDS)

    if said.command:
        assert said.verb in text
    if not any(verb in text for verb in VERBS):
        assert not said.command


WORDS = st.text(alphabet="灯泡已换下午三点上门请稍等", min_size=2, max_size=12).filter(
    lambda words: not any(verb in words for verb in VERBS)
)


@given(st.sampled_from(sorted(VERBS)), st.integers(100, 10**9 - 1), WORDS)
def test_understanding_what_was_understood_changes_nothing(verb: str, number: int, words: str) -> None:
    command = VERBS[verb]
    if not command.about_ticket:
        return
    first = understand(f"{verb} {number} {words}", COMMANDS)

    again = understand(f"{first.verb} {first.number} {first.words}", COMMANDS)

    assert again == first
    assert (first.command, first.number) == (command, number)
    assert understand(f"#{number} {verb} {words}", COMMANDS) == first
    assert understand(f"{verb}＃{number}，{words}", COMMANDS) == first
