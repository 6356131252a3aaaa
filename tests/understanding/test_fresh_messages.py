"""Floors on what several hands wrote before they saw the rules; the unseen half tells what a stranger will meet."""

from typing import Any

import pytest

from bench.quality import of_emergencies, of_messages, rows_of
from bot.understanding import Understanding

FLOORS = {
    "seen": {"right at first": 0.97, "right among two": 0.99, "… of these right": 0.96, "kind": 0.94},
    "unseen": {"right at first": 0.87, "right among two": 0.94, "filed without asking": 0.70, "… of these right": 0.90},
}


@pytest.mark.parametrize("half", FLOORS)
def test_messages_are_understood(understanding: Understanding, half: str) -> None:
    found = of_messages(understanding, rows_of("fresh_messages.jsonl", half))
    assert {name: found[name] for name, floor in FLOORS[half].items() if found[name] < floor} == {}


@pytest.mark.parametrize(("half", "heard", "alarmed"), [("seen", 0.99, 0.01), ("unseen", 0.97, 0.06)])
def test_emergencies_are_heard(understanding: Understanding, half: str, heard: float, alarmed: float) -> None:
    found = of_emergencies(understanding, rows_of("fresh_emergencies.jsonl", half))
    assert found["emergencies heard"] >= heard and found["false alarms"] <= alarmed


PLAIN = rows_of("plain_emergencies.jsonl")


@pytest.mark.parametrize("row", [row for row in PLAIN if not row["composed"]], ids=lambda row: str(row["text"]))
def test_a_plain_cry_for_help_is_heard_and_a_plain_word_is_none(
    understanding: Understanding, row: dict[str, Any]
) -> None:
    assert understanding.understand(row["text"]).emergency == row["emergency"]


def test_plain_words_are_heard_at_any_place_and_with_any_ending(understanding: Understanding) -> None:
    """养老院着火了 怎么办: no other matter named beside may drown it."""
    found = of_emergencies(understanding, [row for row in PLAIN if row["composed"]])
    assert found["emergencies heard"] >= 0.95 and found["false alarms"] <= 0.08
