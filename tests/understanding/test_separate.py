"""Messages with two or three matters, and messages that only look like it."""

import pytest

from bench.quality import of_doubles, rows_of
from bot.understanding import Understanding

FLOORS = {  # set, half: several matters understood at least, one matter torn at most
    ("fresh_doubles.jsonl", "seen"): (0.65, 0.08),
    ("fresh_doubles.jsonl", "unseen"): (0.60, 0.20),
    ("fresh_messages.jsonl", "seen"): (0.70, 0.01),
    ("fresh_messages.jsonl", "unseen"): (0.48, 0.035),
}


@pytest.mark.parametrize(("name", "half"), FLOORS)
def test_what_strangers_wrote_is_told_apart(understanding: Understanding, name: str, half: str) -> None:
    found = of_doubles(understanding, rows_of(name, half))
    understood, torn = FLOORS[name, half]
    assert found["several matters understood"] >= understood and found["one matter torn"] <= torn


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("健身器材锈断了 旁边路灯也不亮", {"public_equipment", "street_light"}),
        ("楼下饭店又冒油烟 又把桌子摆到路上", {"air_smell", "street_vendor"}),
        ("下水道堵得冒水 还爬出来好多蟑螂", {"drainage", "pests"}),
        ("楼上漏水了 电梯也坏了", {"house_leak", "elevator"}),
        ("河沟里漂着死鱼，岸边的柳树也快倒了", {"water_pollution", "green"}),
        ("路灯坏了电梯坏了", {"street_light", "elevator"}),
    ],
)
def test_two_matters_side_by_side(understanding: Understanding, text: str, codes: set[str]) -> None:
    assert filed(understanding, text) == codes


@pytest.mark.parametrize(
    "text", ["停水了停電了", "停水停电", "停水停電了 幾時來", "没水也没电", "停水了停電了沒人管", "停水了 停电了吗"]
)
def test_statements_too_short_for_likeness_still_name_two_matters(understanding: Understanding, text: str) -> None:
    assert filed(understanding, text) == {"water_supply", "power_outage"}


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("路灯坏了 电梯也坏了 垃圾还没人收", {"street_light", "elevator", "garbage"}),
        ("厨房下水返上来了 卫生间顶上滴答 蟑螂满地爬", {"drainage", "house_leak", "pests"}),
        ("停水了停电了停气了", {"water_supply", "power_outage", "gas_service"}),
    ],
)
def test_three_matters_when_each_is_plain(understanding: Understanding, text: str, codes: set[str]) -> None:
    assert filed(understanding, text) == codes


@pytest.mark.parametrize(
    "text",
    [
        "路灯坏了好几天了 还没人来修",
        "电梯又停了 又是我们这栋",
        "停水了 一家老小等着做饭 还有刚满月的娃",
        "狗在楼道里拉屎 主人也不捡",
        "楼上漏水 漏了三天了 天花板也泡了",
        "水",
        "",
    ],
)
def test_one_matter_stays_one(understanding: Understanding, text: str) -> None:
    assert understanding.understand(text).separate == ()


@pytest.mark.parametrize(
    "text",
    [
        "电梯坏了 老人下不了楼",
        "垃圾没人收 臭得窗户不敢开",
        "老板跑了工资没发 房租都交不起了",
        "不是要加装电梯 是原来的电梯门关不拢",
        "师傅们辛苦了 我们院的老槐树歪了 看着要倒",
        "没人欠我工资 是房东不退我押金",
    ],
)
def test_what_came_of_it_what_it_is_not_and_thanks_are_no_second_matter(
    understanding: Understanding, text: str
) -> None:
    assert understanding.understand(text).separate == ()


def test_a_long_story_is_not_taken_apart(understanding: Understanding) -> None:
    assert understanding.understand("路灯坏了 电梯也坏了 " * 20).separate == ()


def filed(understanding: Understanding, text: str) -> set[str]:
    decision = understanding.decide(understanding.understand(text))
    return {*decision.matters} if decision.action == "ticket" else set()
