import pytest

from bot.understanding.rules import BadRule, RuleBook, parse_rule


def hit(rule: str, text: str) -> float | None:
    found = RuleBook({"it": [rule]}).find(text).get("it")
    return found[0].weight if found else None


@pytest.mark.parametrize(
    ("rule", "text", "weight"),
    [
        ("路灯", "门口路灯", 2),
        ("路灯", "门口", None),
        ("加装电梯方案", "加装电梯方案", 4),
        ("灯+不亮", "灯好几天都这样一直不亮", 3),
        ("灯+不亮", "灯很亮", None),
        ("灯~不亮", "灯又不亮", 3),
        ("灯~不亮", "不亮的是那盏灯", 3),
        ("灯~不亮", "灯已经换过了可是隔壁那一栋的还是不亮", None),
        ("灯/灯泡~黑/瞎", "灯泡瞎了", 3),
        ("漏水-修好", "漏水", 2),
        ("漏水-修好", "漏水修好", None),
        ("火-火锅", "火锅店", None),
        ("火-火锅", "火锅店有火", 1),
        ("灯+坏=4", "灯坏", 4),
        ("灯=0.5", "灯", 0.5),
        ("咋办", "怎么办", 3),
        ("灯＋不亮", "灯不亮", 3),
    ],
)
def test_a_rule_hits(rule: str, text: str, weight: float | None) -> None:
    assert hit(rule, text) == weight


@pytest.mark.parametrize("rule", ["", "+灯", "灯+", "灯/", "=3", "灯-", "~", "-=2", "灯++坏"])
def test_a_rule_nobody_can_follow_is_refused(rule: str) -> None:
    with pytest.raises(BadRule):
        parse_rule(rule)


def test_a_word_alone_behind_a_minus_is_for_the_whole_matter() -> None:
    book = RuleBook({"fire": ["着火", "冒烟", "火~大", "-演练", "-火锅"]})
    assert book.find("着火演练") == {}
    assert [found.source for found in book.find("火锅店着火")["fire"]] == ["着火"]
    assert book.find("火锅大份") == {}


def test_a_word_across_two_tokens_does_not_count() -> None:
    book = RuleBook({"quarrel": ["生气"]})
    assert book.find("发生气味", ["发生", "气味"]) == {}
    assert book.find("我很生气", ["我", "很", "生气"])


def test_many_repeats_of_a_word_stay_one_hit() -> None:
    assert len(RuleBook({"it": ["灯~坏"]}).find("灯坏" * 1000)["it"]) == 1
