"""One way of writing: whatever a phone, a dialect or a typing slip made of a sentence becomes standard words.

The list of words is words.toml; everything here takes linear time.
"""

import re
import tomllib
import unicodedata
from pathlib import Path

import ahocorasick
from opencc import OpenCC

LONGEST = 2048
"""Characters read of a message; the rest is kept elsewhere but not understood."""

_simplified = OpenCC("t2s")
_lists = tomllib.loads((Path(__file__).parent / "words.toml").read_text(encoding="utf-8"))
_FACES: dict[str, str] = _lists["faces"]

# What WeChat sends for its own yellow faces, in words ([微笑], [Smile]) or in the old codes (/::), /:rose).
_FACE = re.compile(r"\[[一-鿿]{1,4}\]|\[[A-Za-z]{2,12}\]|/:[:,;@!<>?$*#|&(){}A-Za-z0-9~'\"\-+]{1,8}")
_BREAKS = re.compile(r"[\s,。.、;；:：!！?？…~—\-_|/\\\"'“”‘’《》〈〉()（）\[\]【】{}<>*#+=^`@&$￥%]+")
_HANZI = re.compile(r"[一-鿿]*")
_REPEATED = re.compile(r"([^\W\d])\1{2,}|(\W)\2+")
_SPELLED_OUT = re.compile(r"(?:(?<=^)|(?<= ))([一-鿿])(?: ([一-鿿]))(?: ([一-鿿]))(?: [一-鿿])*(?= |$)")


def normalise(text: str) -> str:
    """Standard words, lower case, half width, simplified, one space between clauses; `?` is the only mark kept."""
    return standard_words(written(text))[0]


def written(text: str) -> str:
    """The same but for dialect and slips: those are still in it."""
    if _HANZI.fullmatch(text) and len(text) <= LONGEST:  # most words of rules, and what is typed without marks
        return _repeated_less(_simplified.convert(text))
    text = unicodedata.normalize("NFKC", text[:LONGEST])
    text = _FACE.sub(" ", text)
    text = "".join(map(_kept, text))
    text = _simplified.convert(text).lower()
    text = _repeated_less(text)
    text = _BREAKS.sub(lambda found: "? " if "?" in found[0] else " ", text).strip(" ")
    text = _SPELLED_OUT.sub(lambda found: found[0].replace(" ", ""), text)
    return text[:LONGEST]


def _repeated_less(text: str) -> str:
    return _REPEATED.sub(lambda found: (found[1] or found[2]) * (2 if found[1] else 1), text)


def faces(text: str) -> set[str]:
    """What the emoji and faces of a message mean: names of kinds; `other` for one without meaning."""
    found = [face.strip("[]").lower() for face in _FACE.findall(text)]
    found += [char for char in text if _pictorial(char)]
    return {_FACES.get(face, "other") for face in found}


def _pictorial(char: str) -> bool:
    return unicodedata.category(char) in ("So", "Sk", "Cs") and ord(char) > 0x2000


def _kept(char: str) -> str:
    if char < "\x80" or "一" <= char <= "鿿":
        return char if char >= " " else " "
    category = unicodedata.category(char)
    if category[0] == "Z":
        return " "
    if category in ("So", "Sk"):
        return " "
    return "" if category[0] in "CM" and category not in ("Mc", "Mn") else char


def _automaton() -> ahocorasick.Automaton:
    automaton = ahocorasick.Automaton()
    for standard, variants in _lists["words"].items():
        for variant in (*variants, standard):
            automaton.add_word(variant, (len(variant), standard))
    for word in _lists["untouched"]:
        automaton.add_word(word, (len(word), word))
    automaton.make_automaton()
    return automaton


_WORDS = _automaton()


def standard_words(text: str) -> tuple[str, list[tuple[str, str]]]:
    """Dialect and slips as standard words, and which became what."""
    # Not iter_long: it forgets 啥 at the end of 干啥 once it has started on 干啥呢.
    found = sorted((last - length + 1, -length, standard) for last, (length, standard) in _WORDS.iter(text))
    parts: list[str] = []
    replaced: list[tuple[str, str]] = []
    done = 0
    for start, negative_length, standard in found:
        if start >= done:
            parts += (text[done:start], standard)
            done = start - negative_length
            if text[start:done] != standard:
                replaced.append((text[start:done], standard))
    return "".join((*parts, text[done:]))[:LONGEST], replaced
