"""Shipped policy answers, invented for the fictional 清溪街道 and marked as examples; and the topics of their menu."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Topic:
    """办事主题: one line of the menu, and the matters whose entries stand under it; none: all the others."""

    name: str
    matters: tuple[str, ...]


def shipped_entries() -> list[dict[str, Any]]:
    """Every entry as columns of KnowledgeEntry. What stands above the entries of a file holds for all that do not say
    otherwise."""
    entries: list[dict[str, Any]] = []
    for path in sorted(_HERE.glob("[0-9]*.toml")):
        file = tomllib.loads(path.read_text(encoding="utf-8"))
        common = {name: value for name, value in file.items() if name != "entry"}
        entries += [{"example": True, "effective_until": None, **common, **entry} for entry in file["entry"]]
    return entries


def topics() -> tuple[Topic, ...]:
    file = tomllib.loads((_HERE / "topics.toml").read_text(encoding="utf-8"))
    return tuple(Topic(topic["name"], tuple(topic["matters"])) for topic in file["topic"])
