"""Floors on messages as residents type them: a change that falls below one is not an improvement."""

from typing import Any

from bot.understanding import Understanding

Rows = list[dict[str, Any]]


def test_the_right_matter_comes_first(understanding: Understanding, messages: Rows) -> None:
    rows = [row for row in messages if row["matters"] and row["matters"] != ["other"]]
    ranked = [([matter.code for matter in understanding.understand(row["text"]).matters], row) for row in rows]
    first = sum(codes[:1] != [] and codes[0] in row["matters"] for codes, row in ranked)
    among_two = sum(any(code in row["matters"] for code in codes[:2]) for codes, row in ranked)
    assert first / len(rows) >= 0.95
    assert among_two / len(rows) >= 0.98


def test_the_kind_is_right(understanding: Understanding, messages: Rows) -> None:
    right = sum(understanding.understand(row["text"]).kind == row["kind"] for row in messages)
    assert right / len(messages) >= 0.95


def test_double_messages_are_told_from_single_ones(understanding: Understanding, messages: Rows) -> None:
    decided = [(understanding.decide(understanding.understand(row["text"])), row) for row in messages]
    double = [set(decision.matters) == set(row["matters"]) for decision, row in decided if len(row["matters"]) > 1]
    torn = [d for d, row in decided if len(row["matters"]) == 1 and d.action == "ticket" and len(d.matters) > 1]
    assert sum(double) >= 5
    assert len(torn) <= 2


def test_emergencies_are_heard_and_look_alikes_stay_calm(understanding: Understanding, alarms: Rows) -> None:
    heard = [(understanding.understand(row["text"]).emergency, row["emergency"]) for row in alarms]
    real = [got for got, wanted in heard if wanted]
    calm = [got for got, wanted in heard if not wanted]
    assert sum(real) / len(real) >= 0.98
    assert sum(calm) / len(calm) <= 0.03
