import json
from pathlib import Path
from typing import Any

import pytest

from bot.understanding import MatterDefinition, Understanding
from handlers.matters import shipped_definitions

HERE = Path(__file__).parent


def lines(name: str) -> list[dict[str, Any]]:
    """The rows of a JSON-lines file beside the tests."""
    return [json.loads(line) for line in (HERE / name).read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="session")
def definitions() -> tuple[MatterDefinition, ...]:
    return shipped_definitions()


@pytest.fixture(scope="session")
def understanding(definitions: tuple[MatterDefinition, ...]) -> Understanding:
    return Understanding(definitions, place_words=["翠竹苑", "紫荆苑", "望月街"])


@pytest.fixture(scope="session")
def messages() -> list[dict[str, Any]]:
    return lines("messages_dev.jsonl")


@pytest.fixture(scope="session")
def alarms() -> list[dict[str, Any]]:
    return lines("emergency_dev.jsonl")
