"""The shipped matters: complete, readable, and none steals another's sentence."""

from collections import Counter
from typing import Any

import pytest

from bot.understanding import MatterDefinition, Understanding, parse_rule
from handlers.matters import shipped_matters

CATALOGUE = shipped_matters()
DEPARTMENTS = {
    *("cg", "zj", "wy", "hb", "gs", "xf", "ga", "jt", "mz", "rs", "wj"),
    *("jy", "sf", "sc", "zz", "dq", "tx", "nl", "yj", "yb", "tj", "jw"),
}


def test_there_are_ninety_matters_with_their_own_codes() -> None:
    assert len({matter["code"] for matter in CATALOGUE}) == len(CATALOGUE) == 90


@pytest.mark.parametrize("matter", CATALOGUE, ids=lambda matter: matter["code"])
def test_a_matter_is_complete_and_its_keywords_can_be_read(matter: dict[str, Any]) -> None:
    assert set(matter) == {
        *("code", "name", "category", "timing", "department_code"),
        *("grid_admitted", "confidential", "keywords", "examples", "advice", "photo", "same_metres"),
    }
    assert matter["timing"] in ("emergency", "small", "slow", "complex")
    assert matter["department_code"] in DEPARTMENTS
    assert len(matter["examples"]) >= 5
    for keyword in matter["keywords"]:
        assert ";" not in keyword, "keywords share one CSV cell, separated by ;"
        parse_rule(keyword)


def test_no_sentence_is_an_example_of_two_matters() -> None:
    counts = Counter(example for matter in CATALOGUE for example in matter["examples"])
    assert [example for example, count in counts.items() if count > 1] == []


@pytest.mark.parametrize("matter", CATALOGUE, ids=lambda matter: matter["code"])
def test_examples_belong_to_their_matter(understanding: Understanding, matter: dict[str, Any]) -> None:
    stolen = {}
    for example in matter["examples"]:
        understood = understanding.understand(example)
        if not understood.matters or understood.matters[0].code != matter["code"]:
            stolen[example] = understood.matters[:1]
        assert understood.kind in ("report", "question", "emergency"), example
        assert understood.emergency == (matter["timing"] == "emergency"), example
    assert stolen == {}


def test_a_newcomer_with_a_plain_keyword_works_at_once(definitions: tuple[MatterDefinition, ...]) -> None:
    drone = MatterDefinition("drone", "无人机扰民", "城市秩序", "slow", ("无人机",), ("无人机在窗外飞来飞去",))
    understood = Understanding([*definitions, drone]).understand("昨天一架无人机停在我家窗外")
    assert understood.matters[0].code == "drone"
    assert "无人机" in understood.matters[0].rules
