import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opencc import OpenCC

from bot.understanding import Understanding
from handlers.matters import shipped_matters

EXAMPLES = [example for matter in shipped_matters() for example in matter["examples"]]
KINDS = {"report", "question", "courtesy", "progress_query", "correction", "cancel", "smalltalk", "emergency"}
ACTIONS = {"ticket", "ask", "answer", "menu", "human", "none"}
traditional = OpenCC("s2t")
simplified = OpenCC("t2s")


def full_width(text: str) -> str:
    return "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in text)


def decided(understanding: Understanding, text: str) -> tuple[str, str, tuple[str, ...]]:
    understood = understanding.understand(text)
    decision = understanding.decide(understood)
    return understood.kind, decision.action, decision.matters


@settings(deadline=None)
@given(text=st.text(max_size=300) | st.lists(st.sampled_from(EXAMPLES), max_size=4).map(" ".join))
def test_any_text_gives_a_decision(understanding: Understanding, text: str) -> None:
    kind, action, matters = decided(understanding, text)
    assert kind in KINDS
    assert action in ACTIONS
    assert len(matters) == (2 if action == "ask" else len(set(matters)))
    assert bool(matters) == (action in ("ticket", "ask"))


@settings(deadline=None)
@given(text=st.sampled_from(EXAMPLES))
def test_the_way_of_writing_changes_nothing(understanding: Understanding, text: str) -> None:
    plain = decided(understanding, text)
    assert decided(understanding, full_width(text)) == plain
    written = traditional.convert(text)
    if simplified.convert(written) == text:
        assert decided(understanding, written) == plain


@pytest.mark.parametrize(
    ("text", "kind", "action", "matters"),
    [
        ("楼道灯坏了", "report", "ticket", ("street_light",)),
        ("施工又吵又扬灰", "report", "ticket", ("noise_construction", "air_smell")),
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


def test_a_margin_asks_instead_of_guessing(understanding: Understanding) -> None:
    understood = understanding.understand("路灯不亮 物业也不管")
    assert understanding.decide(understood).action in ("ticket", "ask")
