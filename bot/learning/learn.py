"""Mining a small table of readable rules from labelled texts, and saying what each rule is worth.

The rules are single words with a weight of one decimal. Pairs (`a+b`) and exceptions (`a-b`) were tried on 6,000
titles and gained nothing over words that may also speak against a label.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from bot.understanding import normalise
from bot.understanding.cut import Cutter
from bot.understanding.rules import RuleBook

from .evaluate import macro_f1
from .fit import Fit
from .labelled import BadLabels, LabelledText
from .rule_file import LabelRules, RuleFile
from .vocabulary import rows_of_words

PARTS = 5
ROUNDS = PARTS + 1
"""How often `progress` is called by `learn`."""
_FEWEST_ROWS = 10


@dataclass(frozen=True, slots=True)
class Lesson:
    """课文: normalised texts and the label of each."""

    texts: tuple[str, ...]
    gold: tuple[str, ...]

    @classmethod
    def of(cls, rows: Sequence[LabelledText]) -> "Lesson":
        """Raises BadLabels when there is too little to learn from."""
        labelled = [(normalise(row.text), row.labels[0]) for row in rows if row.labels]
        found = [(text, label) for text, label in labelled if text]
        if len(found) < _FEWEST_ROWS or len({label for _, label in found}) < 2:
            raise BadLabels(f"Too little to learn from: at least {_FEWEST_ROWS} texts and two labels are needed.")
        return cls(tuple(text for text, _ in found), tuple(label for _, label in found))

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(sorted(set(self.gold)))

    def split(self) -> Iterator[tuple["Lesson", "Lesson"]]:
        """(seen, held back), `PARTS` times; every row is held back once, equal texts always together."""
        parts = [hashlib.blake2b(text.encode("utf-8", "replace")).digest()[0] % PARTS for text in self.texts]
        for part in range(PARTS):
            yield (
                self._rows([row for row, other in enumerate(parts) if other != part]),
                self._rows([row for row, other in enumerate(parts) if other == part]),
            )

    def _rows(self, rows: Sequence[int]) -> "Lesson":
        return Lesson(tuple(self.texts[row] for row in rows), tuple(self.gold[row] for row in rows))


@dataclass(frozen=True, slots=True)
class RuleWorth:
    """规则价值: what one rule does on the rows it was mined from, and what is lost without it."""

    label: str
    rule: str
    hits: int
    precision: float
    """Share of the rows it hits that are of its label."""
    gain: float | None
    """What macro-F1 on rows held back loses without it; None if it was never chosen while they were."""

    def __str__(self) -> str:
        gain = "" if self.gain is None else f", gain {100 * self.gain:+.2f}"
        return f"{self.hits} hits, {self.precision:.0%} right{gain}"


@dataclass(frozen=True, slots=True)
class Learnt:
    """学习结果: the rules, what each is worth, and how such rules did on rows they had not seen."""

    file: RuleFile
    worth: tuple[RuleWorth, ...]
    held_back: Counter[tuple[str, str]]
    """(right, said) → rows; every row was held back once, from rules mined without it."""

    @property
    def macro_f1(self) -> float:
        return macro_f1(self.held_back)

    @property
    def accuracy(self) -> float:
        return sum(n for (gold, said), n in self.held_back.items() if gold == said) / max(1, self.held_back.total())


def learn(rows: Sequence[LabelledText], most: int, progress: Callable[[int], object] = lambda _: None) -> Learnt:
    """At most `most` rules a label, from all rows; what they are worth is measured on rows held back.

    Raises BadLabels. `progress(1)` is called `ROUNDS` times.
    """
    lesson, cutter, examination = Lesson.of(rows), Cutter(), _Examination()
    file = mine(lesson, cutter, most)
    progress(1)
    for seen, held_back in lesson.split():
        examination.sit(mine(seen, cutter, most), held_back)
        progress(1)
    gains = examination.gains()
    worth = tuple(_worth(file, lesson, gains))
    notes = {(one.label, one.rule): str(one) for one in worth}
    labels = (replace(label, notes={rule: notes[label.name, rule] for rule in label.rules}) for label in file.labels)
    return Learnt(replace(file, labels=tuple(labels)), worth, examination.answers)


def mine(lesson: Lesson, cutter: Cutter, most: int) -> RuleFile:
    """The rules alone."""
    labels = lesson.labels
    fit = Fit(rows_of_words(lesson.texts, cutter), [labels.index(label) for label in lesson.gold], len(labels))
    fit.shrink_to(most)
    found = zip(labels, fit.weights, fit.priors, strict=True)
    return RuleFile(tuple(LabelRules(label, _lines(weights), round(prior, 1)) for label, weights, prior in found))


def _lines(weights: dict[str, float]) -> tuple[str, ...]:
    """Rule lines, the heaviest first; what rounds to nothing is left out."""
    rounded = sorted(((round(weight, 1), word) for word, weight in weights.items()), key=lambda it: (-it[0], it[1]))
    return tuple(f"{word}={weight:g}" for weight, word in rounded if weight)


def _word(rule: str) -> str:
    return rule.rpartition("=")[0]


class _Examination:
    """Answers of rule files on rows they had not seen, kept so that each rule can be taken away again."""

    def __init__(self) -> None:
        self.answers: Counter[tuple[str, str]] = Counter()
        self._rows: list[tuple[str, dict[str, float]]] = []
        self._hits: dict[tuple[str, str], list[tuple[int, float]]] = defaultdict(list)

    def sit(self, file: RuleFile, held_back: Lesson) -> None:
        book = RuleBook({label.name: label.rules for label in file.labels})
        for text, gold in zip(held_back.texts, held_back.gold, strict=True):
            scores = {label.name: label.prior for label in file.labels}
            for name, hits in book.find(text).items():
                for hit in hits:
                    scores[name] += hit.weight
                    self._hits[name, _word(hit.source)].append((len(self._rows), hit.weight))
            self._rows.append((gold, scores))
            self.answers[gold, _best(scores)] += 1

    def gains(self) -> dict[tuple[str, str], float]:
        """(label, word) → what macro-F1 loses without it."""
        whole = macro_f1(self.answers)
        return {rule: whole - macro_f1(self._without(rule[0], hits)) for rule, hits in self._hits.items()}

    def _without(self, label: str, hits: Sequence[tuple[int, float]]) -> Counter[tuple[str, str]]:
        answers = self.answers.copy()
        for row, weight in hits:
            gold, scores = self._rows[row]
            answers[gold, _best(scores)] -= 1
            answers[gold, _best({**scores, label: scores[label] - weight})] += 1
        return answers


def _best(scores: dict[str, float]) -> str:
    return min(scores, key=lambda name: (-scores[name], name))


def _worth(file: RuleFile, lesson: Lesson, gains: dict[tuple[str, str], float]) -> Iterator[RuleWorth]:
    hits: Counter[tuple[str, str]] = Counter()
    right: Counter[tuple[str, str]] = Counter()
    book = RuleBook({label.name: label.rules for label in file.labels})
    for text, gold in zip(lesson.texts, lesson.gold, strict=True):
        for name, found in book.find(text).items():
            for hit in found:
                hits[name, hit.source] += 1
                right[name, hit.source] += name == gold
    for label in file.labels:
        for rule in label.rules:
            one = label.name, rule
            yield RuleWorth(*one, hits[one], right[one] / max(1, hits[one]), gains.get((label.name, _word(rule))))
