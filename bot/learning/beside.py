"""Rules proposed beside the hand-written ones of the catalogue: only where those go wrong, never instead of them."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.understanding import MatterDefinition, Understanding
from bot.understanding.cut import Cutter
from bot.understanding.rules import RuleBook

from .evaluate import by_catalogue, macro_f1
from .fit import Fit
from .labelled import BadLabels, LabelledText
from .learn import PARTS, Lesson
from .rule_file import LabelRules, RuleFile
from .vocabulary import rows_of_words

ROUNDS = PARTS + 1
"""How often `progress` is called by `learn_beside`."""
_TEMPER = 0.7
"""What one point of the catalogue's score is worth in the fit: a margin of 3 is then nine to one."""
_LEAST, _MOST = 0.5, 4.0
_RIGHT = 0.5
"""A proposed rule hits its own matter at least this often."""

Understands = Callable[[Sequence[MatterDefinition]], Understanding]


@dataclass(frozen=True, slots=True)
class Proposal:
    """规则建议: rules for people to look through, and what they would change on rows they were not mined from."""

    file: RuleFile
    before: Counter[tuple[str, str]]
    after: Counter[tuple[str, str]]

    @property
    def gain(self) -> float:
        """Macro-F1 on rows held back."""
        return macro_f1(self.after) - macro_f1(self.before)


def learn_beside(
    rows: Sequence[LabelledText],
    definitions: Sequence[MatterDefinition],
    understands: Understands,
    most: int,
    progress: Callable[[int], object] = lambda _: None,
) -> Proposal:
    """At most `most` rules a matter, from rows labelled with codes of matters. Raises BadLabels."""
    codes = [definition.code for definition in definitions]
    lesson = Lesson.of([row for row in rows if row.labels and row.labels[0] in codes])
    alone = understands(definitions)
    cutter = Cutter()
    file = _propose(lesson, alone, codes, cutter, most)
    progress(1)
    before: Counter[tuple[str, str]] = Counter()
    after: Counter[tuple[str, str]] = Counter()
    for seen, held_back in lesson.split():
        if len(seen.labels) > 1:
            proposed = _propose(seen, alone, codes, cutter, most)
            before += _answers(held_back, alone)
            after += _answers(held_back, understands(with_rules(definitions, proposed)))
        progress(1)
    return Proposal(file, before, after)


def with_rules(definitions: Sequence[MatterDefinition], file: RuleFile) -> list[MatterDefinition]:
    """The catalogue as it would be with the rules of a file beside its own. Raises BadLabels for an unknown matter."""
    added = {label.name: label.rules for label in file.labels}
    if strange := sorted(added.keys() - {definition.code for definition in definitions}):
        raise BadLabels(f"No matter of the catalogue: {', '.join(strange[:5])}.")
    return [replace(one, keywords=(*one.keywords, *added.get(one.code, ()))) for one in definitions]


def _answers(lesson: Lesson, understanding: Understanding) -> Counter[tuple[str, str]]:
    judge = by_catalogue(understanding)
    return Counter((gold, judge(text).best) for text, gold in zip(lesson.texts, lesson.gold, strict=True))


def _propose(lesson: Lesson, alone: Understanding, codes: Sequence[str], cutter: Cutter, most: int) -> RuleFile:
    judge = by_catalogue(alone)
    opinions = [judge(text) for text in lesson.texts]
    scores = [dict(opinion.ranked) for opinion in opinions]
    start = [[_TEMPER * of_row.get(code, 0.0) for of_row in scores] for code in codes]
    fit = Fit(rows_of_words(lesson.texts, cutter), [codes.index(code) for code in lesson.gold], len(codes), start)
    fit.shrink_to(most)
    wrong = [opinion.best != gold for opinion, gold in zip(opinions, lesson.gold, strict=True)]
    labels = (
        _worthwhile(code, _lines(weights), lesson, wrong) for code, weights in zip(codes, fit.weights, strict=True)
    )
    return RuleFile(tuple(label for label in labels if label.rules), "catalogue")


def _lines(weights: Mapping[str, float]) -> list[str]:
    """Only what speaks for the matter, in steps of a half, as hand-written rules are."""
    scaled = {word: min(_MOST, round(2 * weight / _TEMPER) / 2) for word, weight in weights.items()}
    return [
        f"{word}={weight:g}"
        for word, weight in sorted(scaled.items(), key=lambda it: (-it[1], it[0]))
        if weight >= _LEAST
    ]


def _worthwhile(code: str, rules: Sequence[str], lesson: Lesson, wrong: Sequence[bool]) -> LabelRules:
    """The rules that are mostly right and stand in a text of this matter that the catalogue takes for another."""
    hits, right, mends = Counter[str](), Counter[str](), Counter[str]()
    book = RuleBook({code: rules})
    for text, gold, missed in zip(lesson.texts, lesson.gold, wrong, strict=True):
        for hit in book.find(text).get(code, ()):
            hits[hit.source] += 1
            right[hit.source] += gold == code
            mends[hit.source] += gold == code and missed
    kept = [rule for rule in rules if mends[rule] and right[rule] >= _RIGHT * hits[rule]]
    notes = {r: f"{hits[r]} hits, {right[r] / hits[r]:.0%} right, {mends[r]} of them missed so far" for r in kept}
    return LabelRules(code, tuple(kept), notes=notes)
