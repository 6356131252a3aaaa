import pytest

from bot.understanding import MatterDefinition, Understanding


def decided(understanding: Understanding, text: str) -> tuple[str, str, tuple[str, ...]]:
    understood = understanding.understand(text)
    decision = understanding.decide(understood)
    return understood.kind, decision.action, decision.matters


@pytest.mark.parametrize(
    ("text", "kind", "action", "matters"),
    [
        ("楼道灯坏了", "report", "ticket", ("street_light",)),
        ("施工又吵又扬灰", "report", "ticket", ("noise_construction", "air_smell")),
        ("停水了停電了沒人管", "report", "ticket", ("water_supply", "power_outage")),
        ("路灯坏了好几天了", "report", "ticket", ("street_light",)),
        ("着火了快来人", "emergency", "ticket", ("fire",)),
        ("我要自杀，活不下去了", "emergency", "ticket", ("suicide_risk",)),
        ("谢谢", "courtesy", "answer", ()),
        ("我报的那个到哪一步了", "progress_query", "answer", ()),
        ("地址写错了", "correction", "answer", ()),
        ("撤销吧", "cancel", "answer", ()),
        ("你好", "smalltalk", "menu", ()),
        ("嗨", "smalltalk", "menu", ()),
        ("嗯这个那个就是那样", "report", "human", ()),
        ("سەل سۇ كەتتى", "report", "human", ()),
        ("鑫", "report", "menu", ()),
        ("", "smalltalk", "none", ()),
        ("\u200b\u200d\ufeff", "smalltalk", "none", ()),
        ("[抱拳]", "courtesy", "none", ()),
        ("😀😀", "smalltalk", "none", ()),
    ],
)
def test_what_is_done_with_a_message(
    understanding: Understanding, text: str, kind: str, action: str, matters: tuple[str, ...]
) -> None:
    assert decided(understanding, text) == (kind, action, matters)


@pytest.mark.parametrize("text", ["路灯修好了", "不漏了", "娃自己回来了", "没起火 是雾气", "水通了 谢谢"])
def test_what_is_over_is_no_new_matter(understanding: Understanding, text: str) -> None:
    understood = understanding.understand(text)
    assert (understood.kind, understood.resolved) == ("courtesy", True)


@pytest.mark.parametrize("text", ["楼上不漏了 可下水道还是堵的", "路灯修好了又坏了", "电梯没修好"])
def test_what_is_half_over_is_still_a_matter(understanding: Understanding, text: str) -> None:
    understood = understanding.understand(text)
    assert (understood.kind, understood.resolved) == ("report", False)


@pytest.mark.parametrize(
    "text",
    [
        "火锅店几点关门",
        "跳楼价大甩卖",
        "煤气费怎么交",
        "周五消防演练",
        "救命这菜太贵了",
        "没起火",
        "电梯上礼拜困过人 现在又响",
    ],
)
def test_look_alikes_stay_calm(understanding: Understanding, text: str) -> None:
    assert not understanding.understand(text).emergency


def test_the_lines_that_hit_are_told(understanding: Understanding) -> None:
    best = understanding.understand("路灯不亮了").matters[0]
    assert "路灯" in best.rules


def test_an_example_that_is_like_the_words_is_named(understanding: Understanding) -> None:
    best = understanding.understand("俺们三楼那灯泡又憋了").matters[0]
    assert best.code == "street_light"
    assert any(line.startswith("像例句「") for line in best.rules)


def test_a_small_margin_asks_instead_of_guessing(definitions: tuple[MatterDefinition, ...]) -> None:
    text = "楼道灯坏了"
    margin = Understanding(definitions).understand(text).margin
    sure, unsure = Understanding(definitions, sure_margin=margin), Understanding(definitions, sure_margin=margin + 1)
    assert sure.decide(sure.understand(text)).matters == ("street_light",)
    asked = unsure.decide(unsure.understand(text))
    assert (asked.action, len(asked.matters), asked.matters[0]) == ("ask", 2, "street_light")


def test_the_name_of_a_place_is_no_matter(definitions: tuple[MatterDefinition, ...]) -> None:
    asked = Understanding(definitions, places_in=lambda text: ["垃圾桥医院路8号"])
    reading = asked.read("垃圾桥医院路8号 楼道灯坏了")
    assert reading.shown.strip() == "楼道灯坏了"
    assert reading.understood.text == "垃圾桥医院路8号 楼道灯坏了"
    assert reading.understood.matters == asked.understand("楼道灯坏了").matters


@pytest.mark.parametrize("text", ["紫荆苑", "青龙寺街道", "五栋二单元", "李红梅", "绑定", "搬家", "紫荆苑3栋2单元501"])
def test_a_bare_name_is_no_emergency_and_no_ticket(understanding: Understanding, text: str) -> None:
    understood = understanding.understand(text)
    assert understood.kind == "report"
    assert understanding.decide(understood).action in ("human", "menu", "ask")
