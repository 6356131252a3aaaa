"""Which words are worth trying as rules: those an officer can read, in enough of the texts."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence

from bot.understanding import normalise
from bot.understanding.cut import Cutter

FEWEST_ROWS = 3
_LONGEST_WORD = 6
_READABLE = re.compile(r"[一-鿿]+|[a-z]{3,}")
_EMPTY = frozenset(
    "的了是在我你他她它们不有就和与及或为等被把给吗呢吧啊也都又还很太这那哪个一二三四五六七八九十上下中里外前后左右"
    "可以能会要请问对从到向由于之其而但如若因所将让使用"
)
"""Single characters that stand in any sentence: a rule of one of them would be read as a mistake."""


def rows_of_words(texts: Sequence[str], cutter: Cutter) -> dict[str, list[int]]:
    """Word → the normalised texts that hold it anywhere, as a rule of that word would find it.

    A word is what the cutter cuts off somewhere, or a single hanzi. Of words that stand in the very same texts
    (垄, 断, 垄断) the shortest of two characters or more is kept.
    """
    words = {word for text in texts for token in cutter.cut(text) for word in (token, *token) if _readable(word)}
    found: dict[str, list[int]] = defaultdict(list)
    for row, text in enumerate(texts):
        for word in sorted(words.intersection(_pieces(text))):
            found[word].append(row)
    chosen: dict[tuple[int, ...], str] = {}
    for word in sorted(found, key=lambda word: (len(word) == 1, len(word), word)):
        if len(found[word]) >= FEWEST_ROWS and normalise(word) == word:
            chosen.setdefault(tuple(found[word]), word)
    return {word: found[word] for word in sorted(chosen.values())}


def _readable(word: str) -> bool:
    return len(word) <= _LONGEST_WORD and word not in _EMPTY and _READABLE.fullmatch(word) is not None


def _pieces(text: str) -> Iterable[str]:
    return (text[i : i + size] for size in range(1, _LONGEST_WORD + 1) for i in range(len(text) - size + 1))
