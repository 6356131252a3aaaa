"""The shipped catalogue: one TOML file a category, one block a matter. Staff edit a copy in the database."""

import tomllib
from pathlib import Path
from typing import Any


def shipped_matters() -> list[dict[str, Any]]:
    """Every matter, in file order: code, name, category, timing, department_code, grid_admitted, confidential,
    keywords (rule lines, see bot/understanding/rules.py), examples and, for emergencies, advice (said first)."""
    matters: list[dict[str, Any]] = []
    for path in sorted(Path(__file__).parent.glob("*.toml")):
        catalogue = tomllib.loads(path.read_text(encoding="utf-8"))
        matters += [{"category": catalogue["category"], "advice": "", **matter} for matter in catalogue["matter"]]
    return matters
