"""History is enough: after any legal walk the ticket can be rebuilt from its events, and has one holder."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy.orm import Session
from town import COMMUNITY, GRID, OTHER_GRID, TUESDAY

from models.database import Database
from models.life import apply
from models.ticket import Actor, may_reopen
from models.transitions import ACCEPTED, CLOSED, DEFERRED, HANDLED, NEED_INFO, PENDING, Move, allowed
from tests.models.life import ACTORS, PROMISES, belongings, columns, filed, rebuilt

WORKERS = ("chen", "zhou")
FACTS: dict[str, Callable[[str], dict[str, Any]]] = {
    "accept": lambda who: {"holder_key": who},
    "transfer": lambda who: {"area_code": OTHER_GRID, "turn_code": OTHER_GRID, "level": "grid", "asked_key": who},
    "return": lambda who: {"turn_code": COMMUNITY, "level": "community", "department_code": None},
    "reclassify": lambda who: {"matter_code": "garbage"},
    "relocate": lambda who: {"place": "紫荆苑5栋", "door": "502", "latitude": 30.5, "longitude": 104.1},
    "confirm": lambda who: {"outcome": "solved"},
    "close": lambda who: {"outcome": "unconfirmed"},
    "rate": lambda who: {"rating": 5},
    "defer": lambda who: {"deferred_until": TUESDAY + timedelta(days=40)},
    "extend": lambda who: {"due_at": TUESDAY + timedelta(days=60)},
    "hand_over": lambda who: {"holder_key": who},
    "ruling": lambda who: {"department_code": "cg", "level": "department"},
    "merge": lambda who: {"merged_into": None},
    "visit": lambda who: {"outcome": "solved"},
    "request": lambda who: {"request": {"kind": "extend", "by": who}},
}


class TicketLife(RuleBasedStateMachine):
    """一件事的一生: any allowed move at any moment, by anybody who may make it."""

    def __init__(self, database: Database) -> None:
        super().__init__()
        self.session = Session(database.engine, expire_on_commit=False, autoflush=False)
        self.now = TUESDAY

    @initialize(matter=st.sampled_from(["street_light", "gas_leak"]))
    def file(self, matter: str) -> None:
        self.ticket = filed(
            self.session, matter, self.now, area_code=GRID, latitude=30.6, longitude=104.0, explained={"rule": 7}
        )

    @rule(minutes=st.integers(0, 3 * 24 * 60))
    def time_goes_by(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    def choices(self) -> list[tuple[Move, Actor]]:
        found = [(move, actor) for actor in ACTORS.values() for move in allowed(self.ticket.status, actor.role)]
        return [(move, actor) for move, actor in found if self.sensible(move)]

    def sensible(self, move: Move) -> bool:
        if move.action == "reopen":
            return may_reopen(self.ticket, timedelta(hours=72), self.now)
        if move.action == "unmerge":
            return self.ticket.outcome == "duplicate"
        if move.action == "unfollow":
            return self.ticket.followers > 0
        if move.action in ("handle", "hand_over"):
            return self.ticket.holder_key is not None
        # Only what somebody worked on closes by silence.
        return move.action != "close" or self.ticket.status == HANDLED

    @precondition(lambda self: bool(self.choices()))
    @rule(data=st.data(), who=st.sampled_from(WORKERS))
    def move(self, data: st.DataObject, who: str) -> None:
        move, actor = data.draw(st.sampled_from(self.choices()))
        facts = FACTS[move.action](who) if move.action in FACTS else {}
        apply(self.session, self.ticket, move.action, actor, PROMISES, self.now, note="说", changes=facts)

    @invariant()
    def history_is_enough(self) -> None:
        events = belongings(self.session, self.ticket)["events"]
        row = columns(self.ticket)
        told = rebuilt(events)
        assert {name: told.get(name) for name in row} == row
        assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
        assert [event["frm"] for event in events] == [None, *(event["to"] for event in events[:-1])]

    @invariant()
    def whoever_works_on_it_is_one_person(self) -> None:
        if self.ticket.status in (ACCEPTED, NEED_INFO, HANDLED):
            assert self.ticket.holder_key in WORKERS
        if self.ticket.status == PENDING:
            assert self.ticket.holder_key is None

    @invariant()
    def clocks_fit_the_status(self) -> None:
        clocks = belongings(self.session, self.ticket)["clocks"]
        newest = {clock["kind"]: clock for clock in clocks}
        running = {kind for kind, clock in newest.items() if clock["state"] == "running"}
        assert running == {
            PENDING: {"response", "overall"}, ACCEPTED: {"handling", "overall"},
            NEED_INFO: {"supply"}, DEFERRED: {"review"}, HANDLED: {"silence"}, CLOSED: set(),
        }[self.ticket.status]  # fmt: skip
        assert sum(clock["kind"] == "overall" for clock in clocks) == 1
        assert sum(clock["state"] != "stopped" for clock in clocks) <= 3
        assert newest["overall"]["due_at"] == self.ticket.due_at
        assert newest["response"]["due_at"] == self.ticket.response_due_at

    def teardown(self) -> None:
        self.session.close()


def test_a_ticket_can_be_rebuilt_from_its_events_after_any_walk(standing: Database) -> None:
    run_state_machine_as_test(
        lambda: TicketLife(standing),  # type: ignore[arg-type]
        settings=settings(
            max_examples=15, stateful_step_count=14, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
