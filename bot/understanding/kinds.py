"""What a message is for: report, question, courtesy, …; and which of its clauses say that all is well.

The words are in kinds.toml. A kind's rules compete with the matters' on one scale, so 取消 alone withdraws and
公交站取消了 reports.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from .normalise import normalise
from .rules import Hit, RuleBook, score
from .terms import MatterScore

_lists = tomllib.loads((Path(__file__).parent / "kinds.toml").read_text(encoding="utf-8"))
_SPOKEN = ("cancel", "correction", "progress_query", "courtesy", "smalltalk")
_ENDINGS = tuple(_lists["question"]["endings"])
_CLAUSE = re.compile(r"[^ ?]+?(?:[ ?]+|(?=但是|可是|不过|但|可下|可我|就是还|只是|结果|然后|$))|[ ?]+")
_WHOLE = 99.0
_CLEAR = 4.5
"""From this strength on a kind wins over any matter the message names: 我报的路灯什么时候来修."""
_DROWNED = 2.0
"""… unless the matter is this many times as loud: 喊了三次 他还说楼道不是你家的."""
_LONGEST_WHOLE = 24
_STILL_A_MATTER = 2.0
"""After 不漏了 可…: what the rest must score to be a matter; and without such a 可 (修好了 now names what was wrong):"""
_A_MATTER_OF_ITS_OWN = 9.0
_COMPLAINS = 2.5
_FIRST = 6
"""A denial that starts within so many characters speaks of what was reported before: 没着火 是雾气."""
_HALF_CALM = 2.0
"""Words of this strength make a message calm only together with others: 差点 alone may still be going on."""
_WITHDRAWN = 5.0
"""How calm such a message is, on the scale of [calm] and [now]."""


@dataclass(frozen=True)
class Signs:
    """迹象: what the words of a message say of its kind."""

    hits: Mapping[str, Sequence[Hit]]
    whole: str

    def strength(self, kind: str) -> float:
        return _WHOLE if self.whole == kind else score(self.hits.get(kind, ()))

    def heaviest(self, kind: str) -> float:
        return max((hit.weight for hit in self.hits.get(kind, ())), default=0.0)

    def unresolved_part(self, plain: str, *also: str) -> str:
        """The text without the clauses that say that something is over or never was, and those of the kinds `also`."""
        done = self._spans("resolved", "mistaken", "unfounded", *also)
        if not done:
            return plain
        still = self._spans("still")
        kept = ""
        for clause in _CLAUSE.finditer(plain):
            over = _inside(done, clause) and not _inside(still, clause)
            kept += "" if over else clause[0]
        return kept.strip()

    @property
    def calm(self) -> bool:
        """Speaks of an emergency, but of a past, practised, imagined or mistaken one, more than of one now."""
        calm = self.strength("calm") + (_WITHDRAWN if self.withdrawn else 0)
        return calm > max(self.strength("now"), _HALF_CALM)

    @property
    def withdrawn(self) -> bool:
        """Takes back what was said before: it was a mistake, or not that."""
        denied = any(start < _FIRST for start, _ in self._spans("unfounded"))
        return bool(self.hits.get("mistaken")) or denied

    def _spans(self, *kinds: str) -> list[tuple[int, int]]:
        return [span for kind in kinds for hit in self.hits.get(kind, ()) for span in hit.spans]


class Kinds:
    """意图: the lists of kinds.toml, ready to be asked."""

    def __init__(self) -> None:
        rules = {kind: words["rules"] for kind, words in _lists.items() if kind != "fillers"}
        self._rules = RuleBook({**rules, "now": _lists["calm"]["now"]})
        self._whole = {kind: _Whole(_lists[kind].get("whole", ()), _lists[kind].get("beside", ())) for kind in _SPOKEN}

    def find(self, plain: str) -> Signs:
        short = plain if len(plain) <= _LONGEST_WHOLE else ""
        kinds = (
            kind for exactly in (True, False) for kind, words in self._whole.items() if words.match(short, exactly)
        )
        whole = next(kinds, "")
        return Signs(self._rules.find(plain), whole)

    def name(self, signs: Signs, plain: str, rest: str, ranked: Sequence[MatterScore]) -> str:
        """The kind of a message that is no emergency; `rest` is what it leaves unresolved."""
        best = ranked[0].score if ranked else 0.0
        strongest = max(_SPOKEN, key=signs.strength)
        strength = signs.strength(strongest)
        clear = signs.heaviest(strongest) >= _CLEAR and best < _DROWNED * strength
        if strength > best or clear:
            # 不是煤气 是我把汤烧糊了 corrects nobody: it calls off.
            weak = strongest == "smalltalk" or (strongest == "correction" and signs.heaviest(strongest) < _CLEAR)
            return "courtesy" if weak and rest != plain else strongest
        if rest != plain and not self._goes_on(plain, signs, best):
            return "courtesy"
        return "question" if _asks(signs, plain) else "report"

    def _goes_on(self, plain: str, rest: Signs, best: float) -> bool:
        """Whether a message that calls something settled still speaks of a matter with score `best`."""
        whole = self.find(plain)
        if whole.hits.get("contrast"):
            return best >= _STILL_A_MATTER
        if whole.withdrawn:
            return best >= _STILL_A_MATTER and rest.strength("complaint") >= _COMPLAINS
        return best >= _A_MATTER_OF_ITS_OWN


def _asks(signs: Signs, plain: str) -> bool:
    asked = signs.strength("question") + ("?" in plain)
    if any(clause.endswith(_ENDINGS) for clause in plain.replace("?", "").split(" ")):
        asked += 1.5
    return asked >= 1.5 and asked > signs.strength("complaint")


def _inside(spans: Sequence[tuple[int, int]], clause: "re.Match[str]") -> bool:
    return any(clause.start() <= start < clause.end() for start, _ in spans)


class _Whole:
    """整句: recognises a text that consists of a list's words and of fillers, with one word at least."""

    def __init__(self, words: Sequence[str], beside: Sequence[str]) -> None:
        self._words = {normalise(word) for word in words}
        fillers = [*_lists["fillers"], *(normalise(word) for word in beside)]
        self._pattern = re.compile(f"({_any_of(self._words)})|{_any_of(fillers)}")

    def match(self, text: str, exactly: bool) -> bool:
        if exactly:
            return text.rstrip("?") in self._words
        position, spoken = 0, False
        while found := self._pattern.match(text, position):
            position, spoken = found.end(), spoken or bool(found[1])
        return spoken and position == len(text)


def _any_of(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(set(words), key=len, reverse=True)) or r"(?!)"
