"""What is true of every text that may speak of a place, whatever stands in it."""

import json
import unicodedata
from pathlib import Path

import opencc
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bot.understanding.place_text import canonical, plain
from bot.understanding.places import BuildingEntry, Gazetteer

TOWN = [
    BuildingEntry(row["code"], "g1", row["estate"], row["name"], tuple(row["aliases"]), units=row["units"])
    for line in Path(__file__).with_name("places_blind_buildings.jsonl").read_text("utf-8").splitlines()
    if (row := json.loads(line))
]
GAZETTEER = Gazetteer(TOWN)
TRADITIONAL = opencc.OpenCC("s2t")
WRITING = st.text(
    st.sampled_from(
        "紫荆花金苑翠竹柏园锦绣家东西区学府南北望月街创智大厦石桥柳林村社组和平路号院栋幢楼座单元室期第附之不是我住但说错"
        "一二三十廿百甲乙0123456789-#、，, 　()AB③"
    ),
    max_size=30,
)
BUILDINGS = st.sampled_from(TOWN)
BEFORE = st.sampled_from(
    ["", "您好，", "请问", "我住", "我家在", "地址：", "麻烦您看一下，", "我们", "在", "谢谢您，", "@网格员 "]
)
AFTER = st.sampled_from(
    ["", "，谢谢", "的电梯坏了", "停水了，麻烦您", "门口有积水", "楼下有人吵架", "2单元", " 谢谢", "！", "有5户没有水"]
)


@given(st.text())
def test_any_text_has_an_answer(text: str) -> None:
    found = GAZETTEER.find(text, ["ZJ-3"])

    assert found.raw == plain(text)[found.start : found.end]
    assert all(place.raw for place in GAZETTEER.find_all(text))


@settings(deadline=None, max_examples=300)
@given(WRITING, st.lists(BUILDINGS, max_size=2))
def test_only_one_building_is_ever_bound_and_the_rest_is_asked(text: str, homes: list[BuildingEntry]) -> None:
    found = GAZETTEER.find(text, [home.code for home in homes])

    assert (found.kind == "building") <= (len(found.buildings) == 1)
    assert (found.kind == "none") == (found.raw == "")
    assert found.kind != "choices" or 1 <= len(found.buildings) <= 9


@settings(deadline=None, max_examples=300)
@given(WRITING)
def test_full_width_is_read_like_half_width(text: str) -> None:
    half = unicodedata.normalize("NFKC", text)
    full = "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in half)

    assert GAZETTEER.find(full) == GAZETTEER.find(half)


@settings(deadline=None, max_examples=300)
@given(WRITING)
def test_traditional_is_read_like_simplified(text: str) -> None:
    traditional = TRADITIONAL.convert(text)
    assume(plain(traditional) == plain(text))

    assert GAZETTEER.find(traditional) == GAZETTEER.find(text)


@settings(deadline=None, max_examples=600)
@given(BEFORE, BUILDINGS, AFTER)
def test_an_exact_name_finds_its_building_among_polite_words(before: str, entry: BuildingEntry, after: str) -> None:
    for name in (entry.estate + entry.name, *entry.aliases):
        found = GAZETTEER.find(f"{before}{name}{after}")

        assert (found.kind, found.buildings) == ("building", (entry,))


@settings(deadline=None)
@given(BEFORE, BUILDINGS, AFTER, BUILDINGS)
def test_a_home_never_moves_a_place_that_is_named(
    before: str, entry: BuildingEntry, after: str, home: BuildingEntry
) -> None:
    text = f"{before}{entry.estate}{entry.name}{after}"

    assert GAZETTEER.find(text, [home.code]) == GAZETTEER.find(text)


@settings(deadline=None)
@given(BUILDINGS, BUILDINGS, st.sampled_from(["和", "、", "还有", "跟", "，"]))
def test_two_different_buildings_are_never_one(first: BuildingEntry, second: BuildingEntry, joint: str) -> None:
    assume(first is not second)

    found = GAZETTEER.find(f"{first.estate}{first.name}{joint}{second.estate}{second.name}都停水了")

    assert found.kind == "choices"
    assert found.buildings == (first, second)


@given(st.text(st.sampled_from(" \t\n　3栋-紫荆苑一、"), max_size=200))
def test_blanks_never_stand_in_runs_where_patterns_look(text: str) -> None:
    said = canonical(plain(text))

    assert not any(a.isspace() and b.isspace() for a, b in zip(said.text, said.text[1:], strict=False))
    assert said.span(0, len(said.text)) == (0, len(plain(text)))


@given(st.integers(1, 99), st.integers(1, 99))
def test_a_number_never_finds_a_longer_or_shorter_one(known: int, said: int) -> None:
    gazetteer = Gazetteer([BuildingEntry("b", "g", "紫荆苑", f"{known}栋")])

    assert (gazetteer.find(f"紫荆苑{said}栋").kind == "building") == (known == said)
