"""Keyword rules: one short line a community officer can read, write and keep in a spreadsheet cell.

    路灯             the word stands in the message
    灯+不亮           both words stand in it, anywhere
    灯~不亮           both, near each other (at most 8 characters between them, either order)
    灯/灯泡~黑/瞎     `/` means "or": 灯 or 灯泡 near 黑 or 瞎
    漏水-修好         漏水, and 修好 nowhere in the message
    火-火锅           a word that contains the other: 火 counts, but not the one inside 火锅
    灯+坏=4           the weight; without it the number of characters that hit, at most 4
    -演练             alone, for all rules of the matter: 演练 silences them all,
    -火锅             or, as they know 火, hides the 火 of 火锅 from them

A matter's score: its heaviest rule counts in full, the next half, the next a quarter, and so on, so that many
similar rules do not outshout one good one. Words are normalised like the messages, so dialect may be written.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import ahocorasick

from .normalise import normalise

NEAR = 8
_POSITIONS_KEPT = 8  # of one word in one message: keeps matching linear when somebody pastes a word 500 times
_WEIGHT = re.compile(r"=(-?\d+(?:\.\d+)?)$")

Span = tuple[int, int]


class BadRule(ValueError):
    """A rule line nobody can follow; the text says which and why."""


@dataclass(frozen=True, slots=True)
class Rule:
    """规则: one line. `groups` must all be present, `near[i]` ties group i+1 to group i."""

    source: str
    groups: tuple[tuple[str, ...], ...]
    near: tuple[bool, ...]
    without: tuple[str, ...]
    weight: float | None

    @property
    def words(self) -> tuple[str, ...]:
        return tuple(word for group in self.groups for word in group)


@dataclass(frozen=True, slots=True)
class Hit:
    """命中: a rule found in a message, and where."""

    source: str
    weight: float
    spans: tuple[Span, ...]

    def within(self, start: int, end: int) -> bool:
        """Whether all its words stand in one stretch of the message."""
        return all(start <= first and last <= end for first, last in self.spans)


@lru_cache(maxsize=32_768)  # the catalogue's rules are looked through for bad ones, then taken up
def parse_rule(source: str) -> Rule:
    """Read one line. Raises BadRule."""
    line = source.strip().replace("＋", "+").replace("～", "~").replace("－", "-").replace("／", "/").replace("＝", "=")
    found = _WEIGHT.search(line)
    weight = float(found[1]) if found else None
    line = line[: found.start()] if found else line
    if "=" in line:
        raise BadRule(f"rule {source!r}: the weight stands at the end, behind everything else")
    wanted, *unwanted = line.split("-")
    parts = re.split(r"([+~])", wanted) if wanted.strip() else []
    groups = tuple(_alternatives(part, source) for part in parts[0::2])
    without = tuple(word for part in unwanted for word in _alternatives(part, source))
    if not groups and (not without or weight is not None):
        raise BadRule(f"rule {source!r}: no word")
    return Rule(source.strip(), groups, tuple(sign == "~" for sign in parts[1::2]), without, weight)


def _alternatives(part: str, source: str) -> tuple[str, ...]:
    words = tuple(_normalised(word) for word in part.split("/"))
    if not all(words):
        raise BadRule(f"rule {source!r}: a word is missing beside + ~ / or -")
    return words


@lru_cache(maxsize=65_536)
def _normalised(word: str) -> str:
    """A word stands in many rules."""
    return normalise(word)


def score(hits: Iterable[Hit]) -> float:
    """The heaviest in full, the next half, the next a quarter, …"""
    weights = sorted((hit.weight for hit in hits), reverse=True)
    return sum((weight * 0.5**place for place, weight in enumerate(weights)), 0.0)


@dataclass(frozen=True, slots=True)
class _Entry:
    """A rule made ready: a rule cannot hit unless every set of `needs` is touched by the words of a message."""

    owner: str
    rule: Rule
    needs: tuple[frozenset[str], ...]
    silenced_by: frozenset[str]


class RuleBook:
    """规则集: every rule of every owner (a matter, a kind), found in one pass over the message."""

    def __init__(self, owners: Mapping[str, Iterable[str]]) -> None:
        self._entries: dict[str, list[_Entry]] = defaultdict(list)
        self._automaton = ahocorasick.Automaton()
        self._words_of: dict[str, tuple[str, ...]] = {}
        for owner, sources in owners.items():
            rules = [parse_rule(source) for source in sources]
            self._words_of[owner] = tuple(word for rule in rules for word in rule.words)
            self._add(owner, rules)
        self._automaton.make_automaton()

    def _add(self, owner: str, rules: Sequence[Rule]) -> None:
        everywhere = [word for rule in rules if not rule.groups for word in rule.without]
        own_words = {word for rule in rules for word in rule.words}
        silencing = {word for word in everywhere if not any(own in word for own in own_words)}
        for rule in rules:
            silenced_by = silencing | {w for w in rule.without if not any(own in w for own in rule.words)}
            hidden_in = tuple(w for w in (*everywhere, *rule.without) if w not in silenced_by)
            complete = Rule(rule.source, rule.groups, rule.near, hidden_in, rule.weight)
            entry = _Entry(owner, complete, tuple(map(frozenset, rule.groups)), frozenset(silenced_by))
            # Looked up by the group whose words are long and not yet shared: so it is seldom looked at in vain.
            for word in max(rule.groups, key=self._rarity, default=()):
                self._entries[word].append(entry)
            for word in (*rule.words, *rule.without):
                self._automaton.add_word(word, word)

    def _rarity(self, group: tuple[str, ...]) -> tuple[int, int]:
        return min(map(len, group)), -max(len(self._entries.get(word, ())) for word in group)

    def words_of(self, owner: str) -> tuple[str, ...]:
        """The words that speak for an owner, once for each rule that has them."""
        return self._words_of.get(owner, ())

    def words(self) -> set[str]:
        """The words that speak for any owner; those that silence are none to cut by: 天塌 would cut 今天塌了."""
        return {word for words in self._words_of.values() for word in words}

    def find(self, text: str, tokens: Sequence[str] = ()) -> dict[str, list[Hit]]:
        """Every hit by owner. With `tokens` (the cut of `text`) a word that lies across two tokens,
        ending inside both, does not count: 生气 in 发生|气味."""
        places = self._places(text, _boundaries(tokens))
        present = frozenset(places)
        hits: dict[str, list[Hit]] = {}
        seen: set[int] = set()
        for word in places:
            for entry in self._entries.get(word, ()):
                if id(entry) in seen:
                    continue
                for need in entry.needs:  # a loop, not any(): this is the innermost one of understanding
                    if need.isdisjoint(present):
                        break
                else:
                    seen.add(id(entry))
                    if entry.silenced_by.isdisjoint(present) and (hit := _match(entry, places)):
                        hits.setdefault(entry.owner, []).append(hit)
        return hits

    def _places(self, text: str, boundaries: frozenset[int]) -> dict[str, list[int]]:
        places: dict[str, list[int]] = {}
        if not self._automaton:
            return places
        for last, word in self._automaton.iter(text):
            start = last - len(word) + 1
            if boundaries and len(word) > 1 and _across(start, last + 1, boundaries):
                continue
            starts = places.setdefault(word, [])
            if len(starts) < _POSITIONS_KEPT:
                starts.append(start)
        return places


def _boundaries(tokens: Sequence[str]) -> frozenset[int]:
    ends, position = {0}, 0
    for token in tokens:
        position += len(token)
        ends.add(position)
    return frozenset(ends) if tokens else frozenset()


def _across(start: int, end: int, boundaries: frozenset[int]) -> bool:
    if start in boundaries or end in boundaries:
        return False
    return any(position in boundaries for position in range(start + 1, end))


def _match(entry: _Entry, places: Mapping[str, list[int]]) -> Hit | None:
    rule = entry.rule
    hidden_in = [word for word in rule.without if word in places]
    chosen: list[Span] = []
    before: list[Span] = []
    for index, group in enumerate(rule.groups):
        spans = [span for word in group if word in places for span in _visible(word, hidden_in, places)]
        if index and rule.near[index - 1]:
            spans = [span for span in spans if any(0 <= _gap(span, other) <= NEAR for other in before)]
        if not spans:
            return None
        chosen.append(_best(spans, chosen))
        before = spans
    weight = rule.weight if rule.weight is not None else min(4, sum(end - start for start, end in chosen))
    return Hit(rule.source, weight, tuple(chosen))


def _best(spans: Sequence[Span], chosen: Sequence[Span]) -> Span:
    """The longest word of the first group; of the others the one closest to it."""
    if not chosen:
        return max(spans, key=lambda span: span[1] - span[0])
    return min(spans, key=lambda span: abs(_gap(span, chosen[0])))


def _visible(word: str, hidden_in: Iterable[str], places: Mapping[str, list[int]]) -> list[Span]:
    spans = [(start, start + len(word)) for start in places[word]]
    for longer in hidden_in:
        if word in longer:
            covers = [(start, start + len(longer)) for start in places[longer]]
            spans = [span for span in spans if not any(a <= span[0] and span[1] <= b for a, b in covers)]
    return spans


def _gap(one: Span, other: Span) -> int:
    return max(one[0], other[0]) - min(one[1], other[1])
