"""What understanding one message costs, the start, and how the cost grows with the number of rules."""

import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from bench.street import new_street
from bot.understanding import Understanding, normalise
from handlers.matters import shipped_definitions, shipped_matters

SHORT = "俺们三楼楼道灯又不亮了麻烦来人看看吧谢谢"
LONG = (SHORT + "，电梯也老停，门口垃圾好几天没人收") * 9
FEW, MANY = 1_000, 10_000


def measure() -> list[dict[str, Any]]:
    """Median milliseconds of one core for 20, 400 and 2,048 characters, the start, and 10,000 rules beside 1,000."""
    _, office = new_street()
    began = time.perf_counter()
    catalogue = office.catalogue
    start = time.perf_counter() - began
    understanding = catalogue.understanding
    varied = " ".join(matter.examples[0] for matter in shipped_definitions())
    rows = [_row("catalogue read", start, "s", "90 matters, 1,481 buildings, jieba from its cache")]
    for name, text, times, note in (
        ("20 characters", SHORT[:20], 400, "matters, kind, decision"),
        ("400 characters", LONG[:400], 60, "matters, kind, decision"),
        ("400 varied characters", varied[:400], 60, "as many matters as sentences: the worst case"),
        ("2,048 varied characters", (varied * 3)[:2048], 20, "the longest message"),
    ):
        spent = _median(partial(_decide, understanding, text), times)
        rows.append(_row(f"understand {name}", spent, "ms", note))
    rows.append(_row("find a place", _median(lambda: catalogue.gazetteer.find(SHORT[:20]), 400), "ms", "20 characters"))
    return [*rows, _growth()]


def _decide(understanding: Understanding, text: str) -> None:
    understanding.decide(understanding.understand(text))


def _growth() -> dict[str, Any]:
    texts = [example for matter in shipped_matters() for example in matter["examples"][:3]]
    few, many = _with_rules(FEW), _with_rules(MANY)
    base = _median(lambda: [few.understand(text) for text in texts], 9)
    ratio = _median(lambda: [many.understand(text) for text in texts], 9) / base
    return _row(f"{MANY:,} ÷ {FEW:,} rules", ratio, "×", f"{len(texts)} sentences, rules of two of their words each")


def _with_rules(number: int) -> Understanding:
    """The shipped matters with other rules, shared out among them."""
    rules, definitions = _rules(number), shipped_definitions()
    return Understanding(
        replace(definition, keywords=tuple(rules[place :: len(definitions)]))
        for place, definition in enumerate(definitions)
    )


def _rules(number: int) -> list[str]:
    """Rules of the shipped catalogue's own words, two by two, so that each of them could hit."""
    words = sorted(
        {
            example[i : i + 2]
            for m in shipped_matters()
            for example in m["examples"]
            for i in range(0, len(example) - 2, 2)
        }
    )
    words = [word for word in words if normalise(word) == word and word.isalnum()]
    return [
        f"{words[i * 7919 % len(words)]}~{words[(i * 104729 + i // len(words)) % len(words)]}" for i in range(number)
    ]


def _median(work: Callable[[], object], times: int) -> float:
    spent = []
    for _ in range(times):
        began = time.process_time()
        work()
        spent.append((time.process_time() - began) * 1000)
    return sorted(spent)[times // 2]


def _row(name: str, value: float, unit: str, note: str) -> dict[str, Any]:
    return {"name": name, "value": value, "unit": unit, "note": note}
