"""From a sentence to what it says: normalise, cut, match the rules, compare with the examples, name the kind."""

import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from .cut import Cutter
from .decide import decide
from .kinds import Kinds, Signs
from .likeness import Likeness, signs_of
from .normalise import faces, normalise
from .rules import Hit, RuleBook, score
from .separate import separate
from .terms import Decision, MatterDefinition, MatterScore, Understood

_WEAKEST = 1.0
"""Below this a matter is not worth mentioning."""
_MOST = 5
"""More candidates than this help nobody."""
_EXPLAINED = 2
"""As many as are asked about have an example named that the message is like."""
_ALARM = 3.0
"""From this score on a matter of the timing class `emergency` is one."""
_ALARM_ALONE = 4.5
"""… where likeness alone speaks: 根本没来人 is a little like somebody who has not come home."""
_LOUD = 0.55
"""… unless another matter speaks much more loudly: 学校 beside a fire in it counts for little,"""
_LOUD_ALONE = 0.85
"""… but where likeness alone speaks of an emergency, hardly anything may speak more loudly."""
_SPOKEN_FOR = 2.5
"""From this weight on the rules speak for an emergency, not likeness alone."""
_PAIRS = 2
"""A matter no rule speaks for must share as many pairs of characters with the message: 紫 alone is no bruise,"""
_PAIRS_OF_AN_ALARM = 3
"""… and an emergency one more."""
_PLAIN = 3.0
"""How much more a text must be like the examples of a kind than like any matter's to be of that kind without a rule."""

_KIND = "*"
"""Stands before a kind's name beside the codes of matters, which cannot hold it."""
_lists = tomllib.loads((Path(__file__).parent / "kind_examples.toml").read_text(encoding="utf-8"))
_kind_examples: dict[str, list[str]] = {_KIND + kind: examples for kind, examples in _lists.items()}


@dataclass(frozen=True, slots=True)
class Ranking:
    """排名: the matters a text speaks of, best first, and what speaks for each."""

    matters: tuple[MatterScore, ...]
    hits: Mapping[str, Sequence[Hit]]
    alike: Mapping[str, float]
    tokens: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """读法: every step from the words to what they mean, for whoever wants to know why."""

    plain: str
    """Normalised, as the rules of the kinds see it."""
    places: tuple[str, ...]
    shown: str
    """… without places and without the clauses that say that something is over: what the matters' rules see."""
    signs: Signs
    ranking: Ranking
    understood: Understood


class Understanding:
    """理解力: the catalogue, ready to be asked. Raises BadRule for a keyword line nobody can follow."""

    def __init__(
        self,
        matters: Iterable[MatterDefinition],
        place_words: Iterable[str] = (),
        sure_margin: float = 2.5,
        places_in: Callable[[str], Iterable[str]] = lambda text: (),
    ) -> None:
        """`places_in` finds the words of a text that name places: 火车站路 is no fire, so matters do not see them."""
        definitions = tuple(matters)
        self._places_in = places_in
        self._sure_margin = sure_margin
        self._alarming = {matter.code for matter in definitions if matter.timing == "emergency"}
        self._rules = RuleBook({matter.code: matter.keywords for matter in definitions})
        self._kinds = Kinds()
        self._cutter = Cutter([*self._rules.words(), *(normalise(word) for word in place_words)])
        self._examples = {matter.code: matter.examples for matter in definitions}
        self._likeness = Likeness(
            {
                code: [normalise(example) for example in examples]
                for code, examples in {**self._examples, **_kind_examples}.items()
            },
            {matter.code: self._rules.words_of(matter.code) for matter in definitions},
        )

    def understand(self, text: str) -> Understood:
        """Read one message of any content and length."""
        return self.read(text).understood

    def read(self, text: str) -> Reading:
        """As `understand`, with every step on the way."""
        plain = normalise(text)
        if not any(char.isalnum() for char in plain):
            kind = "courtesy" if "courtesy" in faces(text) else "smalltalk"
            empty = Ranking((), {}, {}, ())
            return Reading(plain, (), "", self._kinds.find(""), empty, Understood(plain, kind, False, (), False))
        signs = self._kinds.find(plain)
        open_part = signs.unresolved_part(plain)
        places = tuple(normalise(place) for place in self._places_in(text))
        shown = _without(open_part, places)
        ranking = self._rank(shown)
        understood = self._conclude(plain, open_part, signs, ranking, shown)
        if understood.resolved:
            ranking = self._rank(_without(plain, places))
            understood = replace(understood, matters=ranking.matters)
        return Reading(plain, places, shown, signs, ranking, understood)

    def decide(self, understood: Understood) -> Decision:
        return decide(understood, self._sure_margin)

    def _conclude(self, plain: str, open_part: str, signs: Signs, ranking: Ranking, shown: str) -> Understood:
        ranked = ranking.matters
        alarm = self._alarm(ranking)
        if alarm and not signs.calm:
            ranked = (alarm, *(matter for matter in ranked if matter is not alarm))
            return Understood(plain, "emergency", True, ranked, False)
        if alarm:
            ranked = tuple(matter for matter in ranked if matter.code not in self._alarming)
        over = open_part != plain
        kind = self._kinds.name(self._kinds.find(open_part) if over else signs, plain, open_part, ranked)
        if kind in ("report", "question"):
            kind = self._spoken(ranking.alike, shown) or kind
        beside: tuple[str, ...] = ()
        if kind in ("report", "question"):
            beside = separate(shown, ranked, ranking.hits, self._between, asked=kind == "question")
        return Understood(plain, kind, False, ranked, kind == "courtesy" and over, beside)

    def _alarm(self, ranking: Ranking) -> MatterScore | None:
        """The best emergency, when it is loud enough by itself and beside what else the message speaks of."""
        best = ranking.matters[0].score if ranking.matters else 0.0
        alarms = (matter for matter in ranking.matters if matter.code in self._alarming)
        return next((m for m in alarms if m.score >= self._floor(m.code, ranking, best)), None)

    def _floor(self, code: str, ranking: Ranking, best: float) -> float:
        """How loud an emergency must be: by itself, and beside the loudest matter."""
        if score(ranking.hits.get(code, ())) >= _SPOKEN_FOR:
            return max(_ALARM, _LOUD * best)
        return max(_ALARM_ALONE, _LOUD_ALONE * best)

    def _rank(self, text: str) -> Ranking:
        tokens = self._cutter.cut(text)
        hits = self._rules.find(text, tokens)
        seen = signs_of(text)
        alike = self._likeness.find(seen)
        scores = {
            code: round(score(hits.get(code, ())) + alike.get(code, 0.0), 2)
            for code in {**hits, **alike}
            if code in self._examples
        }
        best_first = sorted(
            (code for code in scores if scores[code] >= _WEAKEST), key=lambda code: (-scores[code], code)
        )
        founded = (code for code in best_first if code in hits or self._likeness.pairs(code, seen) >= self._least(code))
        ranked = tuple(
            MatterScore(code, scores[code], self._lines(code, hits, seen if place < _EXPLAINED else ()))
            for place, code in enumerate(islice(founded, _MOST))
        )
        return Ranking(ranked, hits, alike, tuple(tokens))

    def _spoken(self, alike: Mapping[str, float], text: str) -> str:
        """The kind whose examples a text is plainly like, more than any matter's; empty if none."""
        like_a_kind = {code: share for code, share in alike.items() if code.startswith(_KIND)}
        like_a_matter = max((share for code, share in alike.items() if not code.startswith(_KIND)), default=0.0)
        best = max(like_a_kind, key=like_a_kind.__getitem__, default="")
        if (
            not best
            or like_a_kind[best] < like_a_matter + _PLAIN
            or self._likeness.pairs(best, signs_of(text)) < _PAIRS
        ):
            return ""
        return best.removeprefix(_KIND)

    def _least(self, code: str) -> int:
        return _PAIRS_OF_AN_ALARM if code in self._alarming else _PAIRS

    def _between(self, codes: Sequence[str], part: str) -> Mapping[str, float]:
        return self._likeness.between(codes, signs_of(part))

    def _lines(self, code: str, hits: Mapping[str, Sequence[Hit]], seen: Iterable[str]) -> tuple[str, ...]:
        """What speaks for a matter: its rules that hit, heaviest first, and the example most alike."""
        lines = tuple(hit.source for hit in sorted(hits.get(code, ()), key=lambda hit: -hit.weight))
        nearest = self._likeness.nearest(code, seen)
        return lines if nearest is None else (*lines, f"像例句「{self._examples[code][nearest]}」")


def _without(plain: str, places: Iterable[str]) -> str:
    for place in places:
        plain = plain.replace(place, " ") if place else plain
    return plain
