"""What example sentences teach."""

from bot.understanding.likeness import Likeness, signs_of

LIGHTS = ["路灯不亮了", "楼道灯坏了", "灯泡又憋了", "巷子里黑漆漆的"]
WATER = ["停水了", "水压太小", "水龙头没水", "水发黄"]
OTHERS = {str(number): [text] for number, text in enumerate("甲丙丁戊己庚辛壬癸子丑寅卯")}


def alike(text: str, words: dict[str, list[str]] | None = None) -> dict[str, float]:
    return Likeness({"light": LIGHTS, "water": WATER, **OTHERS}, words or {}).find(signs_of(text))


def test_words_of_examples_speak_for_their_matter() -> None:
    assert max(found := alike("巷子口的灯泡"), key=lambda code: found[code]) == "light"
    assert max(found := alike("没水做饭"), key=lambda code: found[code]) == "water"


def test_nothing_known_is_like_nothing() -> None:
    assert alike("嗡嗡嗡") == {}
    assert alike("") == {}


def test_the_words_of_a_rule_teach_too() -> None:
    taught = alike("伸手瞧", {"light": ["伸手不见五指"]})
    assert alike("伸手瞧") == {}
    assert list(taught) == ["light"]


def test_a_sign_that_others_use_as_well_says_less() -> None:
    own = alike("灯泡")["light"]
    shared = Likeness({"light": LIGHTS, "water": [*WATER, "灯泡"], **OTHERS}, {}).find(signs_of("灯泡"))
    assert shared.get("light", 0.0) < own


def test_the_example_most_alike_is_named() -> None:
    likeness = Likeness({"light": LIGHTS, "water": WATER}, {})
    nearest = likeness.nearest("light", signs_of("门口巷子黑"))
    assert nearest is not None
    assert LIGHTS[nearest] == "巷子里黑漆漆的"
    assert likeness.nearest("light", signs_of("嗡")) is None


def test_signs_do_not_reach_over_the_end_of_a_clause() -> None:
    assert list(signs_of("停水 了?吗")) == ["停", "水", "了", "吗", "停水"]
