"""From a sentence to what it says: normalise, cut, match the rules, compare with the examples, name the kind."""

import math
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from .alarm import LONGEST, AlarmSigns
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
_BESIDE = 0.7
"""From this part of the best one's score on a matter may be asked about: it too has the example named it is like."""
_PAIRS = 2
"""A matter no rule speaks for must share as many pairs of characters with the message: 紫 alone is no bruise."""
_SIGNS_OF_AN_ALARM = 7
"""… and nobody is woken by three characters that may be a name: four have this many signs."""
_STORY = 40
"""Characters from which on a message is a story: its danger may lie in one passage of it,"""
_SPOKEN_FOR = 2.5
"""… which a rule of this weight points to."""
_PLAIN = 3.0
"""How much more a text must be like the examples of a kind than like any matter's to be of that kind without a rule."""

_KIND = "*"
"""Stands before a kind's name beside the codes of matters, which cannot hold it."""
_lists = tomllib.loads((Path(__file__).parent / "kind_examples.toml").read_text(encoding="utf-8"))
_SPOKEN_KINDS = tuple(_KIND + kind for kind in _lists if kind != "calm")
KIND_EXAMPLES: Mapping[str, Sequence[str]] = {_KIND + kind: examples for kind, examples in _lists.items()}
"""kind_examples.toml; `calm` is no kind of its own but tells danger from its look-alikes."""


@dataclass(frozen=True, slots=True)
class Ranking:
    """排名: the matters a text speaks of, best first, and what speaks for each."""

    matters: tuple[MatterScore, ...]
    hits: Mapping[str, Sequence[Hit]]
    alike: Mapping[str, float]
    scores: Mapping[str, float]
    """Of every matter something speaks for."""
    signs: Mapping[str, None]
    """See likeness.signs_of."""
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
    alarm: AlarmSigns | None
    """Weighed when any emergency comes into question."""
    understood: Understood


class Understanding:
    """理解力: the catalogue, ready to be asked. Raises BadRule for a keyword line nobody can follow."""

    def __init__(
        self,
        matters: Iterable[MatterDefinition],
        place_words: Iterable[str] = (),
        sure_margin: float = 2.5,
        alarm_from: float = -0.55,
        places_in: Callable[[str], Iterable[str]] = lambda text: (),
        kind_examples: Mapping[str, Sequence[str]] = KIND_EXAMPLES,
    ) -> None:
        """`places_in` finds the words of a text that name places: 火车站路 is no fire, so matters do not see them."""
        definitions = tuple(matters)
        self._places_in = places_in
        self._sure_margin = sure_margin
        self._alarm_from = alarm_from
        self._alarming = {matter.code for matter in definitions if matter.timing == "emergency"}
        self._rules = RuleBook({matter.code: matter.keywords for matter in definitions})
        self._kinds = Kinds()
        self._cutter = Cutter([*self._rules.words(), *(normalise(word) for word in place_words)])
        self._examples = {matter.code: matter.examples for matter in definitions}
        self._likeness = Likeness(
            {
                code: [normalise(example) for example in examples]
                for code, examples in {**self._examples, **kind_examples}.items()
            },
            {matter.code: self._rules.words_of(matter.code) for matter in definitions},
            self._alarming,
        )

    def understand(self, text: str) -> Understood:
        """Read one message of any content and length."""
        return self.read(text).understood

    def read(self, text: str) -> Reading:
        """As `understand`, with every step on the way."""
        plain = normalise(text)
        if not any(char.isalnum() for char in plain):
            kind = "courtesy" if "courtesy" in faces(text) else "smalltalk"
            empty = Ranking((), {}, {}, {}, {}, ())
            return Reading(plain, (), "", self._kinds.find(""), empty, None, Understood(plain, kind, False, (), False))
        signs = self._kinds.find(plain)
        open_part = signs.unresolved_part(plain)
        places = tuple(normalise(place) for place in self._places_in(text))
        whole, shown = _without(plain, places), _without(open_part, places)
        ranking = self._rank(whole)
        alarm, danger = self._weighed(whole, signs, ranking)
        if danger:
            ranked = (danger, *(matter for matter in ranking.matters if matter.code != danger.code))
            return Reading(
                plain, places, whole, signs, ranking, alarm, Understood(plain, "emergency", True, ranked, False)
            )
        left = ranking if shown == whole else self._rank(shown)
        understood = self._conclude(plain, open_part, signs, left, shown)
        if understood.resolved:
            left, understood = ranking, replace(understood, matters=self._calm(ranking))
        return Reading(plain, places, shown, signs, left, alarm, understood)

    def decide(self, understood: Understood) -> Decision:
        return decide(understood, self._sure_margin)

    def _conclude(self, plain: str, open_part: str, signs: Signs, ranking: Ranking, shown: str) -> Understood:
        """What a message says that raises no alarm."""
        ranked, over = self._calm(ranking), open_part != plain
        kind = self._kinds.name(self._kinds.find(open_part) if over else signs, plain, open_part, ranked)
        if kind in ("report", "question"):
            kind = self._spoken(ranking.alike, ranking.signs) or kind
        beside: tuple[str, ...] = ()
        if kind in ("report", "question"):
            beside = separate(shown, ranked, ranking.hits, self._between, asked=kind == "question")
        return Understood(plain, kind, False, ranked, kind == "courtesy" and over, beside)

    def _calm(self, ranking: Ranking) -> tuple[MatterScore, ...]:
        return tuple(matter for matter in ranking.matters if matter.code not in self._alarming)

    def _weighed(self, text: str, signs: Signs, ranking: Ranking) -> tuple[AlarmSigns | None, MatterScore | None]:
        """The signs of an alarm, and the emergency if they are loud enough; in a long story, of its loudest passage."""
        parts = self._passages(text, ranking) if len(text) > _STORY else []
        if signs.hits.get("contrast") or signs.hits.get("now"):
            parts.append(signs.unresolved_part(text, "calm"))
        apart = {part for part in parts if part not in ("", text)}
        found = [self._danger(self._kinds.find(part), self._rank(part)) for part in apart]
        spoken_for = [one for one in found if one[0] and one[0].rules]
        alarm, code, ranked = max(
            (self._danger(signs, ranking), *spoken_for), key=lambda one: one[0].loudness if one[0] else -math.inf
        )
        if not alarm or alarm.loudness < self._alarm_from:
            return alarm, None
        return alarm, MatterScore(code, ranked.scores[code], self._lines(code, ranked.hits, ranked.signs))

    def _danger(self, signs: Signs, ranking: Ranking) -> tuple[AlarmSigns | None, str, Ranking]:
        scores, alike = ranking.scores, ranking.alike
        code = max((code for code in scores if code in self._alarming), key=scores.__getitem__, default="")
        few = len(ranking.signs) < _SIGNS_OF_AN_ALARM or not self._likeness.shares_pairs(code, ranking.signs, _PAIRS)
        if not code or (few and code not in ranking.hits):
            return None, "", ranking
        length = math.sqrt(max(len(ranking.signs), 1))
        alarm = AlarmSigns(
            rules=score(ranking.hits.get(code, ())) / length,
            likeness=alike.get(code, 0.0) / length,
            danger=self._likeness.danger(ranking.signs),
            length=min(length, LONGEST),
            now=signs.strength("now"),
            other=max((value for code, value in scores.items() if code not in self._alarming), default=0.0),
            kind=max((share for code, share in alike.items() if code.startswith(_KIND)), default=0.0) / length,
            calm=signs.strength("calm"),
            over=sum(signs.strength(kind) for kind in ("resolved", "mistaken", "unfounded")),
        )
        return alarm, code, ranking

    def _passages(self, text: str, ranking: Ranking) -> list[str]:
        """Where the rules of an emergency speak in a long text, with the clauses around; the first few will do."""
        places = sorted(
            {
                hit.spans[0][0]
                for code in self._alarming
                for hit in ranking.hits.get(code, ())
                if hit.weight >= _SPOKEN_FOR
            }
        )
        parts = (text[max(0, place - _STORY // 2) : place + _STORY // 2] for place in places[:_MOST])
        return [part[part.find(" ") + 1 : part.rfind(" ") if part.count(" ") > 1 else None] for part in parts]

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
        told = _BESIDE * scores[best_first[0]] if best_first else 0.0
        founded = (code for code in best_first if code in hits or self._likeness.shares_pairs(code, seen, _PAIRS))
        ranked = tuple(
            MatterScore(code, scores[code], self._lines(code, hits, seen if scores[code] >= told else ()))
            for code in islice(founded, _MOST)
        )
        return Ranking(ranked, hits, alike, scores, seen, tuple(tokens))

    def _spoken(self, alike: Mapping[str, float], signs: Iterable[str]) -> str:
        """The kind whose examples a text is plainly like, more than any matter's; empty if none."""
        like_a_kind = {kind: alike[kind] for kind in _SPOKEN_KINDS if kind in alike}
        like_a_matter = max((share for code, share in alike.items() if not code.startswith(_KIND)), default=0.0)
        best = max(like_a_kind, key=like_a_kind.__getitem__, default="")
        if (
            not best
            or like_a_kind[best] < like_a_matter + _PLAIN
            or not self._likeness.shares_pairs(best, signs, _PAIRS)
        ):
            return ""
        return best.removeprefix(_KIND)

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
