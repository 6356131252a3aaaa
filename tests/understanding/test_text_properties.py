"""Whatever is typed, in whatever script, is understood as something, and the way of writing it changes nothing."""

from hypothesis import given, settings
from hypothesis import strategies as st
from opencc import OpenCC

from bot.understanding import Reading, Understanding
from bot.understanding.likeness import Likeness, signs_of
from bot.understanding.normalise import LONGEST, normalise
from handlers.matters import shipped_matters

EXAMPLES = [example for matter in shipped_matters() for example in matter["examples"]]
KINDS = {"report", "question", "courtesy", "progress_query", "correction", "cancel", "smalltalk", "emergency"}
ACTIONS = {"ticket", "ask", "answer", "menu", "human", "none"}
SCRIPTS = "".join(map(chr, (*range(0x20, 0x250), *range(0x600, 0x700), *range(0xF00, 0xFC0), *range(0x3040, 0x3100))))
traditional = OpenCC("s2t")
simplified = OpenCC("t2s")

sentences = st.lists(st.sampled_from(EXAMPLES), min_size=1, max_size=5).map(" ".join)
pieces = st.lists(st.sampled_from(EXAMPLES).flatmap(lambda text: st.integers(0, len(text)).map(lambda at: text[:at])))
anything = st.text(max_size=400) | st.text(SCRIPTS, max_size=200) | sentences | pieces.map("".join)


def full_width(text: str) -> str:
    return "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in text)


def understood_as(understanding: Understanding, text: str) -> tuple[object, ...]:
    understood = understanding.understand(text)
    decision = understanding.decide(understood)
    return understood.kind, understood.emergency, understood.matters, understood.resolved, decision


@settings(deadline=None)
@given(text=anything)
def test_any_text_in_any_script_is_decided(understanding: Understanding, text: str) -> None:
    reading = understanding.read(text)
    decision = understanding.decide(reading.understood)
    assert reading.understood.kind in KINDS
    assert decision.action in ACTIONS
    assert bool(decision.matters) == (decision.action in ("ticket", "ask"))
    assert len(set(decision.matters)) == len(decision.matters) <= 3
    assert_ranked(reading)


def assert_ranked(reading: Reading) -> None:
    """Best first (an emergency before everything else), each with its reasons where they are shown."""
    matters = reading.understood.matters[1 if reading.understood.emergency else 0 :]
    assert [m.score for m in matters] == sorted((m.score for m in matters), reverse=True)
    assert len({m.code for m in matters}) == len(matters)


@settings(deadline=None)
@given(text=sentences)
def test_width_changes_nothing(understanding: Understanding, text: str) -> None:
    assert understood_as(understanding, full_width(text)) == understood_as(understanding, text)


@settings(deadline=None)
@given(text=sentences)
def test_traditional_characters_change_nothing(understanding: Understanding, text: str) -> None:
    written = traditional.convert(text)
    if simplified.convert(written) == simplified.convert(text):
        assert understood_as(understanding, written) == understood_as(understanding, text)


@settings(deadline=None)
@given(text=sentences, hidden=st.sampled_from("\u200b\u200c\u200d\ufeff\u2060"))
def test_invisible_characters_change_nothing(understanding: Understanding, text: str, hidden: str) -> None:
    assert understood_as(understanding, hidden.join(text)) == understood_as(understanding, text)


@given(text=anything)
def test_normalised_text_stays_in_bounds_and_holds_no_marks(text: str) -> None:
    plain = normalise(text)
    assert len(plain) <= LONGEST
    assert plain == plain.strip()
    assert not set(plain) & set("，。！；：、~,.!;:")


@given(text=sentences)
def test_words_that_all_matters_share_are_like_none(text: str) -> None:
    alike = Likeness({code: [text] for code in "abcdefghijklmno"}, {})
    assert alike.find(signs_of(text)) == {}


@given(
    text=st.sampled_from(EXAMPLES), others=st.lists(st.sampled_from(EXAMPLES), min_size=15, max_size=15, unique=True)
)
def test_an_example_is_most_like_itself(text: str, others: list[str]) -> None:
    examples = {str(number): [normalise(other)] for number, other in enumerate(others) if other != text}
    alike = Likeness({**examples, "own": [normalise(text)]}, {}).find(signs_of(normalise(text)))
    assert max(alike, key=lambda code: alike[code]) == "own"
