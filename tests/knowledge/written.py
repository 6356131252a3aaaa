"""Entries for tests: the shipped ones, and new ones in a line."""

import json
from pathlib import Path
from typing import Any

from bot.knowledge import Entry
from handlers.knowledge import shipped_entries

TESTS = Path(__file__).parents[1]


def rows(name: str) -> list[dict[str, Any]]:
    """`knowledge/paraphrases.jsonl` → its rows."""
    return [json.loads(line) for line in (TESTS / name).read_text(encoding="utf-8").splitlines()]


def shipped() -> list[Entry]:
    fields = Entry.__dataclass_fields__
    return [
        Entry(**{name: tuple(v) if name == "questions" else v for name, v in facts.items() if name in fields})
        for facts in shipped_entries()
    ]


def entry(code: str, title: str, *questions: str, answer: str = "请到社区便民服务站。", **more: Any) -> Entry:
    return Entry(code, title, questions, answer, **more)
