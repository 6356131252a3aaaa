"""How well the shipped rules understand: the fixed sets of tests/understanding, seen while tuning and not.

`dev` came with the task, `fresh` was written by several hands before they saw the rules. Rules and examples were
written from the seen part; from the part `weighed` no rule was, but examples, and the weights of an alarm
(bench/alarm.py). The rest was kept unseen.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bot.understanding import Understanding
from handlers.matters import shipped_definitions

FOLDER = Path(__file__).parents[1] / "tests" / "understanding"
SETS = {
    "dev": ("messages_dev.jsonl", "emergency_dev.jsonl", ""),
    "fresh, seen half": ("fresh_messages.jsonl", "fresh_emergencies.jsonl", "seen"),
    "fresh, unseen half": ("fresh_messages.jsonl", "fresh_emergencies.jsonl", "unseen"),
}


def rows_of(name: str, half: str = "") -> list[dict[str, Any]]:
    rows = [json.loads(line) for line in (FOLDER / name).read_text(encoding="utf-8").splitlines() if line]
    return [row for row in rows if not half or row["half"] == half]


def of_messages(understanding: Understanding, rows: Sequence[dict[str, Any]]) -> dict[str, float]:
    """Shares: right at first, right among two, kind; coverage and precision of what is filed without asking."""
    named = [row for row in rows if row["matters"]]
    read = {row["text"]: understanding.understand(row["text"]) for row in rows}
    wanted = {row["text"]: {*row["matters"], *row.get("also", [])} for row in rows}
    ranked = {text: [matter.code for matter in found.matters] or ["other"] for text, found in read.items()}
    decided = [(understanding.decide(read[row["text"]]), wanted[row["text"]]) for row in named]
    filed = [(decision, gold) for decision, gold in decided if decision.action == "ticket"]
    return {
        "right at first": _share(ranked[row["text"]][0] in wanted[row["text"]] for row in named),
        "right among two": _share(bool(wanted[row["text"]] & {*ranked[row["text"]][:2]}) for row in named),
        "filed without asking": len(filed) / len(named),
        "… of these right": _share(decision.matters[0] in gold for decision, gold in filed),
        "kind": _share(read[row["text"]].kind == row["kind"] for row in rows),
    }


def of_emergencies(understanding: Understanding, rows: Sequence[dict[str, Any]]) -> dict[str, float]:
    """Shares: emergencies heard, and look-alikes that raised a false alarm."""
    heard = [(row["emergency"], understanding.understand(row["text"]).emergency) for row in rows]
    return {
        "emergencies heard": _share(alarm for real, alarm in heard if real),
        "false alarms": _share(alarm for real, alarm in heard if not real),
    }


def of_doubles(understanding: Understanding, rows: Sequence[dict[str, Any]]) -> dict[str, float]:
    """Shares: messages with several matters filed as just these, and messages with one torn. An emergency is filed
    alone, whatever else is said with it."""
    decided = [(understanding.decide(understanding.understand(row["text"])), row) for row in rows if row["matters"]]
    several = [(d, row) for d, row in decided if len(row["matters"]) > 1 and row["kind"] != "emergency"]
    return {
        "several matters understood": _share({*d.matters} == {*row["matters"]} for d, row in several),
        "one matter torn": _share(
            d.action == "ticket" and len(d.matters) > 1 for d, row in decided if len(row["matters"]) == 1
        ),
    }


def _share(values: Any) -> float:
    found = list(values)
    return sum(found) / len(found)


def measure() -> list[dict[str, Any]]:
    """One row a figure and set, in per cent."""
    understanding, measured = Understanding(shipped_definitions()), []
    for name, (messages, emergencies, half) in SETS.items():
        said, alarms = rows_of(messages, half), rows_of(emergencies, half)
        figures = of_messages(understanding, said) | of_emergencies(understanding, alarms)
        note = f"{len(said)} messages, {len(alarms)} emergencies and look-alikes"
        measured += [
            {"name": f"{name}: {what}", "value": 100 * value, "unit": "%", "note": note}
            for what, value in figures.items()
        ]
    for half in ("seen", "unseen"):
        for set_name, rows in (
            ("doubles", rows_of("fresh_doubles.jsonl", half)),
            ("fresh", rows_of("fresh_messages.jsonl", half)),
        ):
            measured += [
                {
                    "name": f"{set_name}, {half} half: {what}",
                    "value": 100 * value,
                    "unit": "%",
                    "note": f"{len(rows)} messages",
                }
                for what, value in of_doubles(understanding, rows).items()
            ]
    return measured
