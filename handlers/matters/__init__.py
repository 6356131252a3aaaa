"""The shipped catalogue: one TOML file a category, one block a matter. Staff edit a copy in the database."""

import tomllib
from pathlib import Path
from typing import Any

from bot.understanding import MatterDefinition


def shipped_matters() -> list[dict[str, Any]]:
    """Every matter, in file order: code, name, category, timing, department_code, grid_admitted, confidential,
    keywords (rule lines, see bot/understanding/rules.py), examples, photo, same_metres and, for emergencies, advice.

    What stands above the matters of a file holds for all of them that do not say otherwise."""
    matters: list[dict[str, Any]] = []
    for path in sorted(Path(__file__).parent.glob("*.toml")):
        catalogue = tomllib.loads(path.read_text(encoding="utf-8"))
        plain = {
            "advice": "",
            "photo": False,
            "same_metres": 0,
            **{k: v for k, v in catalogue.items() if k != "matter"},
        }
        matters += [{**plain, **matter} for matter in catalogue["matter"]]
    return matters


def shipped_definitions() -> tuple[MatterDefinition, ...]:
    """Every shipped matter as understanding wants it."""
    return tuple(
        MatterDefinition(
            code=matter["code"],
            name=matter["name"],
            category=matter["category"],
            timing=matter["timing"],
            keywords=tuple(matter["keywords"]),
            examples=tuple(matter["examples"]),
        )
        for matter in shipped_matters()
    )
