"""What a message is for, told from the words around the matter it may name."""

import tomllib
from pathlib import Path

import pytest

import bot.understanding
from bot.understanding import Understanding, parse_rule

LISTS = tomllib.loads((Path(bot.understanding.__file__).parent / "kinds.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("好的好的 我听明白了 谢谢姑娘", "courtesy"),
        ("恁忙吧 俺不耽误恁", "courtesy"),
        ("楼上不蹦了 昨晚睡了个整觉", "courtesy"),
        ("暖气热起来了 谢了哈", "courtesy"),
        ("下水道通开老", "courtesy"),
        ("等了三天了 修好没", "progress_query"),
        ("给个准信嘛 还来不来", "progress_query"),
        ("上礼拜反映的那个怎么没信了", "progress_query"),
        ("怎么显示退回了", "progress_query"),
        ("打错了 是3栋不是8栋", "correction"),
        ("你理解岔了 我不是要修", "correction"),
        ("电话少说了一位 末尾加个8", "correction"),
        ("用不着了 别派人", "cancel"),
        ("手滑点多了一遍 第二个不要", "cancel"),
        ("昨天登记的那个不要了", "cancel"),
        ("帮我叫网格员", "smalltalk"),
        ("你们电话多少", "smalltalk"),
        ("今天可真热啊", "smalltalk"),
    ],
)
def test_a_resident_is_not_always_reporting(understanding: Understanding, text: str, kind: str) -> None:
    assert understanding.understand(text).kind == kind


@pytest.mark.parametrize("text", ["那个", "这个", "刚才", "单子", "那条单子"])
def test_a_word_that_only_points_at_a_ticket_does_not_cancel_it(understanding: Understanding, text: str) -> None:
    assert understanding.understand(text).kind != "cancel"


@pytest.mark.parametrize("text", ["刚才那个取消", "那条单子作废", "上面那条当我没说"])
def test_the_same_words_beside_a_withdrawal_do_not_hide_it(understanding: Understanding, text: str) -> None:
    assert understanding.understand(text).kind == "cancel"


@pytest.mark.parametrize(
    "text", ["没打架 俩人划拳嗓门大", "我看错了 不是烟 是隔壁晒铺盖拍的灰", "没走丢 在楼上同学家写作业"]
)
def test_what_never_was_calls_nobody(understanding: Understanding, text: str) -> None:
    understood = understanding.understand(text)
    assert (understood.kind, understood.emergency) == ("courtesy", False)


def test_what_only_adds_that_nobody_was_hurt_is_still_a_report(understanding: Understanding) -> None:
    understood = understanding.understand("楼上扔下来一个酒瓶 没砸到人")
    assert (understood.kind, understood.matters[0].code) == ("report", "falling_objects")


@pytest.mark.parametrize(
    ("text", "matter"),
    [
        ("不漏了 可下水道还是堵的", "drainage"),
        ("来水了 但是黄的 一股铁锈味", "water_supply"),
        ("灯修好了 电梯又不动了", "elevator"),
    ],
)
def test_of_a_half_solved_trouble_the_rest_remains(understanding: Understanding, text: str, matter: str) -> None:
    understood = understanding.understand(text)
    assert (understood.kind, understood.matters[0].code) == ("report", matter)


@pytest.mark.parametrize(
    "text",
    [
        "本周五火灾疏散演练 通知一下",
        "急性阑尾炎开刀 报销单怎么交",
        "上个月火灾 赔偿怎么算",
        "防溺水那个课几号开",
        "买的电热水壶冒烟 店家不退",
        "中风半边身子不听使唤 能评残不",
        "跳楼价的羽绒服掉毛 找谁退",
        "着火了该往哪跑 有没有讲座",
    ],
)
def test_emergencies_on_paper_stay_calm(understanding: Understanding, text: str) -> None:
    assert not understanding.understand(text).emergency


@pytest.mark.parametrize(
    ("text", "matter"),
    [
        ("去年也着过 现在又冒烟了 快来", "fire"),
        ("刚搞完消防演练 现在三楼真着火了", "fire"),
        ("没着火 但是有人晕倒了 叫不醒", "medical_help"),
        ("老人出院才两天 现在又喘不上气 快来人", "medical_help"),
    ],
)
def test_a_calm_word_does_not_silence_what_happens_now(understanding: Understanding, text: str, matter: str) -> None:
    understood = understanding.understand(text)
    assert (understood.emergency, understood.matters[0].code) == (True, matter)


@pytest.mark.parametrize(
    ("text", "matter"),
    [
        ("娃抽起来了 牙咬得死死的", "medical_help"),
        ("屋里红彤彤的 喊门没人应", "fire"),
        ("罐罐嘶嘶叫 头昏", "gas_leak"),
        ("对面楼有个女娃坐在窗台外头 脚晃起", "suicide_risk"),
        ("箱箱卡在五六楼中间 我跟孙孙在里头", "trapped"),
        ("后头那堵墙轰一声没了 砖压着人", "collapse"),
        ("摸一下铁门遭电了 手麻", "live_wire"),
        ("赶场一松手 娃儿没影了", "missing_person"),
        ("小孩哭着喊爸爸别打妈妈", "domestic_violence"),
        ("一伙人拎着钢管围着一个打", "violence"),
        ("后坡泥巴直往下梭 快拢猪圈了", "flood"),
    ],
)
def test_emergencies_are_heard_without_their_names(understanding: Understanding, text: str, matter: str) -> None:
    understood = understanding.understand(text)
    assert (understood.emergency, understood.matters[0].code) == (True, matter)


def test_every_line_of_the_lists_can_be_read_and_stands_there_once() -> None:
    for kind, words in LISTS.items():
        for lines in words.values() if isinstance(words, dict) else ():
            assert len(lines) == len(set(lines)), kind
    for words in LISTS.values():
        for line in (*words.get("rules", ()), *words.get("now", ())) if isinstance(words, dict) else ():
            parse_rule(line)


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("谢谢你噶", "courtesy"),
        ("你们这机器人真笨", "smalltalk"),
        ("你们太慢了", "progress_query"),
        ("不要给我打官腔，给个准话，几点修好", "progress_query"),
        ("有人跟着我不敢上楼", "emergency"),
        ("敲门没人应，灯一直亮着，会不会出事了", "emergency"),
        ("工资不发我就去跳楼", "emergency"),
        ("热得想死", "report"),
        ("我被锁在门外了", "report"),
    ],
)
def test_what_people_typed_in_a_trial(understanding: Understanding, said: str, kind: str) -> None:
    assert understanding.understand(said).kind == kind
