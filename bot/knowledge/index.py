"""The knowledge of one revision, in memory: which entry answers a question, and how sure that is."""

import heapq
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from bot.knowledge.bm25 import Bm25
from bot.knowledge.wording import case_words, terms_of
from bot.understanding import Understood, normalise

# Tried on the part “seen” of tests/knowledge/*.jsonl; “unseen” and “fresh” were measured first, and only then gave
# words to words.toml. Scores are counted in words nobody uses (see bm25.py).
_ANSWER_WORD = 0.5
"""A word of the answer says so much less of what is asked than one of a question form."""
_MATTER = 0.9
"""What it adds that the message speaks of the entry's matter most of all."""
_LEAST = 1.3
"""Below this score by words alone an entry is not what the message is about."""
_SHARE = 0.24
"""Of what the message says, the share an entry must have words for to be the answer."""
_LEAD = 0.15
"""… and how far, as a share of its own score, it must lead the next."""
_OTHER_MATTER = 0.5
"""An entry whose matter the message speaks of less than this, beside its best matter, is held for another's answer,"""
_OTHER_SHARE = 0.5
"""… unless it has words for so much of the message."""
_OFFER_SHARE = 0.2
"""From here on the two nearest are offered."""
_AREA_SHARE = 0.7
"""An area's own entry speaks instead of a general one of the same matter that scores so much more at most."""

_LOOKED_AT = 8


@dataclass(frozen=True, slots=True)
class Entry:
    """条目: one answer staff wrote, as the talk sees it."""

    code: str
    title: str
    questions: tuple[str, ...]
    answer: str
    source: str = ""
    matter_code: str | None = None
    area_code: str | None = None
    effective_from: date | None = None
    effective_until: date | None = None
    review_on: date | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """命中: an entry and what speaks for it."""

    entry: Entry
    score: float
    words: float
    """… of it, by words alone."""
    share: float
    """Of what the message says, 0 to 1."""
    matter: float
    """How much the message speaks of the entry's matter, beside its best one, 0 to 1."""


@dataclass(frozen=True, slots=True)
class Finding:
    """答复判断: answer, offer or none, and the matches, best first."""

    action: str
    matches: tuple[Match, ...] = ()


class KnowledgeIndex:
    """知识索引: every entry of a revision, ready to be asked."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.entries = tuple(entries)
        self.by_code: Mapping[str, Entry] = {entry.code: entry for entry in self.entries}
        self._areas = {place: entry.area_code for place, entry in enumerate(self.entries) if entry.area_code}
        self._of_matter: dict[str, list[int]] = {}
        self._forms: dict[str, list[int]] = {}
        self._own_cases: dict[str, frozenset[str]] = {}
        for place, entry in enumerate(self.entries):
            self._of_matter.setdefault(entry.matter_code or "", []).append(place)
            forms = [normalise(form) for form in (entry.title, *entry.questions)]
            for form in forms:
                self._forms.setdefault(_bare(form), []).append(place)
            self._own_cases[entry.code] = frozenset(case_words(" ".join(forms)))
        self._texts = Bm25([_words(entry) for entry in self.entries])

    @property
    def has_areas(self) -> bool:
        return bool(self._areas)

    def find(self, understood: Understood, line: Sequence[str] = ()) -> Finding:
        """What to answer somebody whose area and the areas above it are `line`, nearest first."""
        if understood.emergency or not self.entries:
            return Finding("none")
        matches = self.ranked(understood, line)
        if understood.kind in ("question", "report") and (known := self._written(understood, line)):
            others = (match for match in matches if match.entry is not known)
            return Finding("answer", (Match(known, 1.0, 1.0, 1.0, 1.0), *others))
        if understood.kind != "question" or not matches or understood.separate:
            return Finding("none", matches)
        return Finding(self._verdict(understood, matches), matches)

    def ranked(self, understood: Understood, line: Sequence[str] = ()) -> tuple[Match, ...]:
        """The nearest entries, at most three, best first."""
        words, most = self._texts.find(dict.fromkeys(terms_of(understood.text)))
        if not most:
            return ()
        scores = words.copy()
        matters = _shares(understood)
        for code, share in matters.items():
            for place in self._of_matter.get(code, ()):
                scores[place] += _MATTER * share
        for place, area in self._areas.items():
            if area not in line:
                scores[place] = 0.0
        # A few more than are shown: an area's own entry may stand behind the general one.
        nearest = heapq.nlargest(_LOOKED_AT, range(len(scores)), key=scores.__getitem__)
        found = [
            Match(entry, scores[place], words[place], words[place] / most, matters.get(entry.matter_code or "", 0.0))
            for place in nearest
            if words[place] > 0 and scores[place] > 0
            for entry in (self.entries[place],)
        ]
        return _own_area_first(found, line)

    def _written(self, understood: Understood, line: Sequence[str]) -> Entry | None:
        """The entry that holds this very question; the nearest area's, if several do."""
        holders = [self.entries[place] for place in self._forms.get(_bare(understood.text), ())]
        here = [entry for entry in holders if entry.area_code is None or entry.area_code in line]
        return min(here, key=lambda entry: _distance(entry, line), default=None)

    def _verdict(self, understood: Understood, matches: Sequence[Match]) -> str:
        best, *others = matches
        if case_words(understood.text) - self._own_cases[best.entry.code] or best.words < _LEAST:
            return "none"
        lead = (best.score - others[0].score) / best.score if others else 1.0
        elsewhere = best.matter < _OTHER_MATTER
        if best.share >= (_OTHER_SHARE if elsewhere else _SHARE) and lead >= _LEAD:
            return "answer"
        return "offer" if best.share >= _OFFER_SHARE and others and not elsewhere else "none"


def _words(entry: Entry) -> dict[str, float]:
    """Weighted words of an entry."""
    asked = Counter(terms_of(normalise(" ".join((entry.title, *entry.questions)))))
    answered = Counter(terms_of(normalise(entry.answer)))
    return {term: asked[term] + _ANSWER_WORD * answered[term] for term in asked | answered}


def _shares(understood: Understood) -> dict[str, float]:
    """How much a message speaks of each matter, beside its best one."""
    loudest = max((matter.score for matter in understood.matters), default=0.0) or 1.0
    return {matter.code: matter.score / loudest for matter in understood.matters}


def _own_area_first(found: list[Match], line: Sequence[str]) -> tuple[Match, ...]:
    """An entry of the own area, the nearest area first, in place of the general one it is like."""
    if not found or not line:
        return tuple(found[:3])
    best = found[0]
    own = [
        match
        for match in found
        if match.entry.area_code
        and match.entry.matter_code == best.entry.matter_code
        and match.score >= _AREA_SHARE * best.score
    ]
    if not own:
        return tuple(found[:3])
    first = min(own, key=lambda match: (_distance(match.entry, line), -match.score))
    rest = [match for match in found if match is not first and (match is not best or best is first)]
    return (first, *rest[:2])


def _distance(entry: Entry, line: Sequence[str]) -> int:
    """Steps from the resident's grid up to the entry's area; the farthest for one that holds everywhere."""
    return line.index(entry.area_code) if entry.area_code in line else len(line)


def _bare(plain: str) -> str:
    return plain.replace(" ", "").replace("?", "")
