"""The table of moves is the only truth: every status × action × role, and nothing besides."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from models.database import Refused
from models.life import apply
from models.telling import ANEW
from models.ticket import Actor, Ticket
from models.transitions import (
    ACCEPTED,
    EVERY,
    MOVES,
    OUTCOME_NAMES,
    PENDING,
    ROLE_NAMES,
    STATUS_NAMES,
    STAYS,
    Move,
    allowed,
    drawing,
)
from tests.models.life import ACTORS, PROMISES, belongings, brought_to

AFTER = {"stop": "stopped", "pause": "paused", "resume": "running", "start": "running", "restart": "running"}


def try_move(session: Session, ticket: Ticket, now: datetime, move: Move, actor: Actor) -> None:
    before = belongings(session, ticket)
    until = {"deferred_until": now + timedelta(days=9)}
    changes: dict[str, Any] = {"accept": {"holder_key": actor.key}, "defer": until}.get(move.action, {})

    if ticket.status in move.frm and actor.role in move.by:
        apply(session, ticket, move.action, actor, PROMISES, now, note="说明", changes=changes)
        moved_as_written(move, actor, before, belongings(session, ticket))
    else:
        with pytest.raises(Refused, match=f"#{ticket.number}"):
            apply(session, ticket, move.action, actor, PROMISES, now, note="说明", changes=changes)
        assert belongings(session, ticket) == before


def moved_as_written(move: Move, actor: Actor, before: dict[str, Any], after: dict[str, Any]) -> None:
    status = before["ticket"][0]["status"]
    to = landing(move, status, after["ticket"][0])
    assert after["ticket"][0]["status"] == to
    assert after["events"][:-1] == before["events"]
    event = after["events"][-1]
    assert (event["action"], event["frm"], event["to"], event["note"]) == (move.action, status, to, "说明")
    assert event["seq"] == before["events"][-1]["seq"] + 1 == after["ticket"][0]["version"]
    assert after["outbox"][: len(before["outbox"])] == before["outbox"]
    told_as_written(move, actor, after["outbox"][len(before["outbox"]) :])
    assert clock_states(after) == turned(move, to, clock_states(before))


def landing(move: Move, status: str, ticket: dict[str, Any]) -> str:
    """A ticket nobody holds has to be signed, whatever the table says."""
    if move.to == ACCEPTED and ticket["holder_key"] is None:
        return PENDING
    return status if move.to == STAYS else move.to


def told_as_written(move: Move, actor: Actor, promised: list[dict[str, Any]]) -> None:
    """Whoever acts is answered directly, never by the outbox as well."""
    to_resident = [row for row in promised if row["channel"] == "official_account"]
    to_groups = [row for row in promised if row["channel"] == "group_push"]
    assert len(to_resident) == ("resident" in move.tell and actor.role != "resident")
    assert bool(to_groups) == bool({"group", "above"} & set(move.tell))
    assert all(row["kind"] == move.action for row in to_resident)
    assert all(row["kind"] == ("card" if move.action in ANEW else move.action) for row in to_groups)


def clock_states(seen: dict[str, Any]) -> dict[str, str]:
    """The state of the newest clock of each kind."""
    return {clock["kind"]: clock["state"] for clock in seen["clocks"]}


def turned(move: Move, to: str, states: dict[str, str]) -> dict[str, str]:
    effects = move.clocks
    if to == PENDING and move.to == ACCEPTED:
        effects = tuple("restart response" if effect.endswith("handling") else effect for effect in effects)
    for verb, kind in (effect.split() for effect in effects):
        if kind == "all":
            states = dict.fromkeys(states, "stopped")
            continue
        if verb == "extend":
            continue
        if (verb in ("start", "restart") or kind in states) and not (verb == "pause" and states[kind] != "running"):
            states |= {kind: AFTER[verb]}
    return states


@pytest.mark.parametrize("move", MOVES, ids=lambda move: move.action)
def test_every_status_and_role_meets_the_table(session: Session, move: Move) -> None:
    for status in EVERY:
        ticket, now = brought_to(session, status)
        for actor in ACTORS.values():
            with session.begin_nested() as tried:
                try_move(session, ticket, now, move, actor)
                tried.rollback()


def test_a_word_means_one_thing() -> None:
    verbs = Counter(verb for move in MOVES for verb in move.verbs)
    assert set(verbs.values()) == {1}
    assert len({move.action for move in MOVES}) == len(MOVES) == len({move.name for move in MOVES})
    assert len(set(STATUS_NAMES.values())) == len(STATUS_NAMES) and len(set(OUTCOME_NAMES.values())) == len(
        OUTCOME_NAMES
    )


def test_the_table_names_only_what_exists() -> None:
    for move in MOVES:
        assert set(move.frm) <= set(EVERY) and move.to in {*EVERY, STAYS}
        assert move.by and set(move.by) <= set(ROLE_NAMES)
        assert set(move.tell) <= {"resident", "followers", "group", "above"}
        assert all(effect.split()[0] in {*AFTER, "extend"} for effect in move.clocks)


def test_no_status_is_a_dead_end_for_the_resident() -> None:
    for status in EVERY:
        assert any(move.action in ("withdraw", "reopen") for move in allowed(status, "resident")), status


def test_every_status_short_of_the_end_can_be_closed() -> None:
    assert all(any(move.to == "closed" for move in allowed(status, "system")) for status in EVERY if status != "closed")


def test_the_drawing_shows_each_change_of_status_once() -> None:
    edges = [line.strip().split(": ") for line in drawing().splitlines() if " --> " in line and "[*]" not in line]

    drawn = {(frm, to): names.split("、") for frm, to, names in ((*edge[0].split(" --> "), edge[1]) for edge in edges)}

    assert len(drawn) == len(edges)
    expected: dict[tuple[str, str], list[str]] = {}
    for move in MOVES:
        for frm in move.frm:
            if move.to not in (STAYS, frm):
                expected.setdefault((frm, move.to), []).append(move.name)
    assert drawn == expected
    assert all(f"{status}: {name}" in drawing() for status, name in STATUS_NAMES.items())
