"""From a sentence to what it says: normalise, cut, match the rules, name the kind."""

from collections.abc import Iterable, Mapping, Sequence

from .cut import Cutter
from .decide import decide
from .kinds import Kinds
from .likeness import Likeness
from .normalise import faces, normalise
from .rules import Hit, RuleBook, score
from .separate import separate
from .terms import Decision, MatterDefinition, MatterScore, Understood

_WEAKEST = 1.0
"""Below this a matter is not worth mentioning."""
_ALARM = 3.0
"""From this score on a matter of the timing class `emergency` is one."""
_LOUD = 0.45
"""… unless another matter speaks more than twice as loudly."""


class Understanding:
    """理解力: the catalogue, ready to be asked. Raises BadRule for a keyword line nobody can follow."""

    def __init__(
        self, matters: Iterable[MatterDefinition], place_words: Iterable[str] = (), sure_margin: float = 1.0
    ) -> None:
        definitions = tuple(matters)
        self._sure_margin = sure_margin
        self._alarming = {matter.code for matter in definitions if matter.timing == "emergency"}
        self._rules = RuleBook({matter.code: matter.keywords for matter in definitions})
        self._kinds = Kinds()
        self._cutter = Cutter([*self._rules.words(), *(normalise(word) for word in place_words)])
        self._likeness = Likeness(
            {m.code: [self._features(normalise(example)) for example in m.examples] for m in definitions}
        )

    def understand(self, text: str) -> Understood:
        """Read one message of any content and length."""
        plain = normalise(text)
        if not any(char.isalnum() for char in plain):
            return Understood(plain, "courtesy" if "courtesy" in faces(text) else "smalltalk", False, (), False)
        signs = self._kinds.find(plain)
        rest = signs.unresolved_part(plain)
        ranked, hits = self._rank(rest)
        alarm = self._alarm(ranked)
        if alarm and not signs.calm:
            ranked = (alarm, *(matter for matter in ranked if matter is not alarm))
            return Understood(plain, "emergency", True, ranked, False)
        if alarm:
            ranked = tuple(matter for matter in ranked if matter.code not in self._alarming)
        kind = self._kinds.name(signs if rest == plain else self._kinds.find(rest), plain, rest, ranked)
        resolved = kind == "courtesy" and rest != plain
        if resolved:
            ranked, hits = self._rank(plain)
        beside = separate(ranked, hits) if kind in ("report", "question") else ()
        return Understood(plain, kind, False, ranked, resolved, beside)

    def decide(self, understood: Understood) -> Decision:
        return decide(understood, self._sure_margin)

    def _alarm(self, ranked: Sequence[MatterScore]) -> MatterScore | None:
        """The best emergency, when it is loud enough by itself and beside what else the message speaks of."""
        floor = max(_ALARM, _LOUD * ranked[0].score) if ranked else _ALARM
        return next((m for m in ranked if m.code in self._alarming and m.score >= floor), None)

    def _rank(self, text: str) -> tuple[tuple[MatterScore, ...], Mapping[str, Sequence[Hit]]]:
        tokens = self._cutter.cut(text)
        hits = self._rules.find(text, tokens)
        alike = self._likeness.find(self._features(text, tokens))
        scored = []
        for code in {**hits, **alike}:
            found = sorted(hits.get(code, ()), key=lambda hit: -hit.weight)
            likeness, example = alike.get(code, (0.0, ""))
            lines = (*(hit.source for hit in found), *((example,) if example else ()))
            scored.append(MatterScore(code, round(score(found) + likeness, 2), lines))
        best_first = sorted(scored, key=lambda matter: (-matter.score, matter.code))
        return tuple(matter for matter in best_first if matter.score >= _WEAKEST), hits

    def _features(self, text: str, tokens: Sequence[str] = ()) -> list[str]:
        pairs = [text[i : i + 2] for i in range(len(text) - 1) if " " not in text[i : i + 2]]
        return [*pairs, *(token for token in tokens or self._cutter.cut(text) if len(token) > 2)]
