"""What a question is about, in the words of the entries: synonyms made one, empty words left out (words.toml)."""

import re
import tomllib
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from bot.understanding import normalise
from bot.understanding.cut import Cutter

_lists = tomllib.loads((Path(__file__).parent / "words.toml").read_text(encoding="utf-8"))


def _any_of(words: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(re.escape(word) for word in sorted(set(words), key=len, reverse=True)))


_STANDARD = {word: word for word in _lists["words"]} | {
    normalise(variant): word for word, variants in _lists["words"].items() for variant in variants
}
_VARIANTS = _any_of(_STANDARD)
_EMPTY = frozenset(normalise(word) for word in _lists["unsaid"])
_EMPTY_WORDS = _any_of(word for word in _EMPTY if len(word) > 1)
_CASES = _any_of(normalise(word) for word in _lists["case"])

_cutter = Cutter()


@lru_cache(maxsize=8192)
def _cut(piece: str) -> tuple[str, ...]:
    """The words of what stands between two spaces; most of it is a standard word met before."""
    return tuple(word for word in _cutter.cut(piece) if len(word) > 1 and word not in _EMPTY)


def terms_of(plain: str) -> list[str]:
    """The words of a normalised text, and its single characters: those still speak when a word is put otherwise."""
    standard = _VARIANTS.sub(lambda found: f" {_STANDARD[found[0]]} ", plain)
    words = [word for piece in standard.replace("?", " ").split() if len(piece) > 1 for word in _cut(piece)]
    characters = [char for char in _EMPTY_WORDS.sub(" ", standard) if char.isalnum() and char not in _EMPTY]
    return words + characters


def case_words(plain: str) -> set[str]:
    """Words that tell of something that happened or is to be done, instead of asking how it is in general."""
    return set(_CASES.findall(plain))
