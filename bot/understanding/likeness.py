"""Likeness to the example sentences: the second kind of evidence beside the rules.

An officer who adds an example teaches the bot without writing a rule: every character and every pair of neighbours
becomes a sign for its matter, the stronger the rarer it is elsewhere. The words of the rules teach too, a little:
a rule needs all its words, a sign needs only one.
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import pairwise

# Tried over a grid on messages nobody had looked at when the rules were written; all of it is flat around these.
_RULE_WORD = 0.4
"""A rule's word teaches as much as this part of an example that consists of it."""
_USUAL_LENGTH = 20
"""Signs of an example of usual length; those of a long one count less each."""
_DOUBT = 0.5
"""Uses of a sign every matter is taken to have on top of those seen: one example proves little."""
_SCALE = 0.14
"""From the logarithm of a likelihood to the scale of the rules' weights."""
_CROWD = 10
"""A matter is like a message as far as it is more so than the tenth best: what all share says nothing."""
_TELLING = 6
"""To name the example most alike, only signs count that fewer than every sixth example of the matter has."""

_NO_HANZI = re.compile(r"[^\W一-鿿]+|[^\w ]")


class Likeness:
    """相似: which matters' examples a message resembles, and how much. A naive Bayes model of signs that are there."""

    def __init__(
        self,
        examples: Mapping[str, Sequence[str]],
        words: Mapping[str, Iterable[str]],
        alarming: Collection[str] = (),
    ) -> None:
        """`examples` (normalised) and `words` of rules by matter; `alarming` are the codes of emergencies."""
        self._examples = examples
        self._looked_up: dict[str, dict[str, list[int]]] = {}
        uses: dict[str, dict[str, float]] = defaultdict(dict)
        taught: dict[str, float] = defaultdict(float)
        for sentences, share in ((examples, 1.0), (words, _RULE_WORD)):
            for code, texts in sentences.items():
                for text, times in Counter(texts).items():  # a word stands in many rules
                    taught[code] += share * times
                    seen = signs_of(text)
                    each = share * math.sqrt(_USUAL_LENGTH / max(len(seen), 1)) if share == 1 else share * times
                    for sign in seen:
                        row = uses[sign]
                        row[code] = row.get(code, 0.0) + each
        self._codes = tuple(taught)
        self._place = {code: place for place, code in enumerate(self._codes)}
        self._weights = _weights(uses, taught)
        self._dangerous = _dangerous(uses, taught, frozenset(alarming))

    def find(self, signs: Iterable[str]) -> dict[str, float]:
        """Matter code → what likeness adds to its score, for those that stand out; `signs` of a message."""
        sums = self._sums(signs)
        ranked = sorted(sums, reverse=True)
        crowd = max(ranked[_CROWD], 0.0) if len(ranked) > _CROWD else 0.0
        return {code: total - crowd for code, total in zip(self._codes, sums, strict=True) if total > crowd}

    def _sums(self, signs: Iterable[str]) -> list[float]:
        """What the signs say for each of `_codes`."""
        sums = [0.0] * len(self._codes)
        for sign in signs:
            for place, weight in self._weights.get(sign, ()):
                sums[place] += weight
        return sums

    def danger(self, signs: Collection[str]) -> float:
        """How much more a message is like all emergencies together than like all else, long or short."""
        return sum(self._dangerous.get(sign, 0.0) for sign in signs) / math.sqrt(max(len(signs), 1))

    def shares_pairs(self, code: str, signs: Iterable[str], least: int) -> bool:
        """Whether a message shares so many signs of more than one character with a matter: one alone is chance."""
        here = self._place.get(code)
        for sign in signs:
            if len(sign) > 1:
                for place, _ in self._weights.get(sign, ()):
                    if place == here:
                        least -= 1
                        if not least:
                            return True
                        break
        return False

    def between(self, codes: Sequence[str], signs: Iterable[str]) -> dict[str, float]:
        """How a part of a message speaks for some matters: only the differences mean something."""
        sums = dict(zip(self._codes, self._sums(signs), strict=True))
        return {code: sums.get(code, 0.0) for code in codes}

    def nearest(self, code: str, signs: Iterable[str]) -> int | None:
        """Which of a matter's examples shares the most with a message, weighed by how few others do."""
        users = self._users(code)
        shared: dict[int, float] = defaultdict(float)
        for sign in signs:
            if places := users.get(sign):
                share = 1 / len(places)
                for place in places:
                    shared[place] += share
        return max(shared, key=shared.__getitem__, default=None)

    def _users(self, code: str) -> dict[str, list[int]]:
        if code not in self._looked_up:
            users: dict[str, list[int]] = defaultdict(list)
            for place, example in enumerate(self._examples.get(code, ())):
                for sign in signs_of(example):
                    users[sign].append(place)
            most = max(1, len(self._examples.get(code, ())) // _TELLING)
            self._looked_up[code] = {sign: places for sign, places in users.items() if len(places) <= most}
        return self._looked_up[code]


def signs_of(text: str) -> dict[str, None]:
    """Every hanzi, every two neighbours of one clause and every word of letters or digits, each once."""
    words = [word for word in _NO_HANZI.findall(text) if word != "?"]
    plain = _NO_HANZI.sub(" ", text) if words else text.replace("?", " ")
    found = dict.fromkeys(plain) | dict.fromkeys(
        first + second for first, second in pairwise(plain) if " " not in (first, second)
    )
    found.pop(" ", None)
    return found | dict.fromkeys(words) if words else found


def _weights(
    uses: Mapping[str, Mapping[str, float]], taught: Mapping[str, float]
) -> dict[str, tuple[tuple[int, float], ...]]:
    """For each sign the matters that use it, by their place in `taught`, and how much likelier it is there than in all
    others, over never having it."""
    whole, number = sum(taught.values()), max(len(taught), 1)
    never = math.log(_DOUBT / (_DOUBT + whole / number))
    sizes = {
        code: (place, math.log(whole - size + _DOUBT * number) - math.log(size + _DOUBT) - never)
        for place, (code, size) in enumerate(taught.items())
    }
    log, weights = math.log, {}
    for sign, codes in uses.items():
        total = sum(codes.values())
        doubt = _DOUBT * total / whole
        rest = total + doubt * number
        row = []
        for code, count in codes.items():  # a quarter of a million times at every start
            place, rarity = sizes[code]
            row.append((place, _SCALE * (log((count + doubt) / (rest - count)) + rarity)))
        weights[sign] = tuple(row)
    return weights


def _dangerous(
    uses: Mapping[str, Mapping[str, float]], taught: Mapping[str, float], alarming: frozenset[str]
) -> dict[str, float]:
    """For each sign how much likelier it is in an emergency's examples than in all others."""
    whole = sum(taught.values())
    dangerous = sum(taught[code] for code in alarming if code in taught)
    if not 0 < dangerous < whole:
        return {}
    share, weights = dangerous / whole, {}
    for sign, codes in uses.items():
        total = sum(codes.values())
        count = sum(codes[code] for code in alarming.intersection(codes))
        in_danger, elsewhere = count + _DOUBT * share, total - count + _DOUBT * (1 - share)
        weights[sign] = math.log(in_danger / dangerous) - math.log(elsewhere / (whole - dangerous))
    return weights
