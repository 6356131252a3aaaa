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
_ABOUT_A_TICKET = ("cancel", "correction", "progress_query")
_ENDINGS = tuple(_lists["question"]["endings"])
_CLAUSE = re.compile(r"[^ ?]+?(?:[ ?]+|(?=但是|可是|不过|但|可下|可我|就是还|只是|结果|然后|$))|[ ?]+")
_WHOLE = 99.0
_CLEAR = 4.5
"""From this strength on a kind wins over any matter the message names: 我报的路灯什么时候来修."""
_LONGEST_WHOLE = 24
_STILL_A_MATTER = 2.0


@dataclass(frozen=True)
class Signs:
    """迹象: what the words of a message say of its kind."""

    hits: Mapping[str, Sequence[Hit]]
    whole: str

    def strength(self, kind: str) -> float:
        return _WHOLE if self.whole == kind else score(self.hits.get(kind, ()))

    def heaviest(self, kind: str) -> float:
        return max((hit.weight for hit in self.hits.get(kind, ())), default=0.0)

    def unresolved_part(self, plain: str) -> str:
        """The text without the clauses that say that something is over or never was."""
        done = [span for hit in self.hits.get("resolved", ()) for span in hit.spans]
        if not done:
            return plain
        still = [span for hit in self.hits.get("still", ()) for span in hit.spans]
        kept = ""
        for clause in _CLAUSE.finditer(plain):
            over = _inside(done, clause) and not _inside(still, clause)
            kept += "" if over else clause[0]
        return kept.strip()

    @property
    def calm(self) -> bool:
        """Speaks of an emergency, but of a past, practised or imagined one."""
        return bool(self.hits.get("calm")) and not self.hits.get("now")


class Kinds:
    """意图: the lists of kinds.toml, ready to be asked."""

    def __init__(self) -> None:
        rules = {kind: words["rules"] for kind, words in _lists.items() if kind != "fillers"}
        self._rules = RuleBook({**rules, "now": _lists["calm"]["now"]})
        self._whole = {kind: _Whole(_lists[kind].get("whole", ())) for kind in _SPOKEN}

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
        if signs.strength(strongest) > best or (strongest in _ABOUT_A_TICKET and signs.heaviest(strongest) >= _CLEAR):
            # 不是煤气 是我把汤烧糊了 corrects nobody: it calls off.
            weak = strongest == "smalltalk" or (strongest == "correction" and signs.heaviest(strongest) < _CLEAR)
            return "courtesy" if weak and rest != plain else strongest
        if rest != plain and best < _STILL_A_MATTER:
            return "courtesy"
        return "question" if _asks(signs, plain) else "report"


def _asks(signs: Signs, plain: str) -> bool:
    asked = signs.strength("question") + ("?" in plain)
    if any(clause.endswith(_ENDINGS) for clause in plain.replace("?", "").split(" ")):
        asked += 1.5
    return asked >= 1.5 and asked > signs.strength("complaint")


def _inside(spans: Sequence[tuple[int, int]], clause: "re.Match[str]") -> bool:
    return any(clause.start() <= start < clause.end() for start, _ in spans)


class _Whole:
    """整句: recognises a text that consists of a list's words and of fillers, with one word at least."""

    def __init__(self, words: Sequence[str]) -> None:
        self._words = {normalise(word) for word in words}
        self._pattern = re.compile(f"({_any_of(self._words)})|{_any_of(_lists['fillers'])}")

    def match(self, text: str, exactly: bool) -> bool:
        if exactly:
            return text.rstrip("?") in self._words
        position, spoken = 0, False
        while found := self._pattern.match(text, position):
            position, spoken = found.end(), spoken or bool(found[1])
        return spoken and position == len(text)


def _any_of(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(set(words), key=len, reverse=True)) or r"(?!)"
