"""Messages with two matters, and messages that only look like it."""

import pytest

from bot.understanding import Understanding


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("健身器材锈断了 旁边路灯也不亮", {"public_equipment", "street_light"}),
        ("楼下饭店又冒油烟 又把桌子摆到路上", {"air_smell", "street_vendor"}),
        ("下水道堵得冒水 还爬出来好多蟑螂", {"drainage", "pests"}),
        ("停水了停电了", {"water_supply", "power_outage"}),
        ("楼上漏水了 电梯也坏了", {"house_leak", "elevator"}),
    ],
)
def test_two_matters_side_by_side(understanding: Understanding, text: str, codes: set[str]) -> None:
    decision = understanding.decide(understanding.understand(text))
    assert (decision.action, set(decision.matters)) == ("ticket", codes)


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


def test_a_long_story_is_not_taken_apart(understanding: Understanding) -> None:
    assert understanding.understand("路灯坏了 电梯也坏了 " * 20).separate == ()
