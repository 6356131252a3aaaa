"""What a resident's platform may answer, and what becomes of the message (protocol §2.13)."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from town import GRID, Town

from models.ticket import Ticket
from simulator.resident_hand import ResidentHand
from tests.delivery.scene import (
    TO_RESIDENT,
    TOKEN,
    calls,
    file_quietly,
    note,
    outbox,
    row,
    second_courier,
    settled,
    waits,
    writer,
)

UNTIL_MIDNIGHT = -1.0


@dataclass(frozen=True)
class Case:
    """一种应答: how the platform answers, and what must become of the row."""

    fault: dict[str, Any]
    reason: str
    state: str
    wait: float | None = None
    call: bool = False
    followed: bool = True


def refused(code: int, state: str, wait: float | None = None, **more: bool) -> Case:
    return Case({"kind": "errcode", "code": code}, f"errcode:{code}", state, wait, **more)


REACTIONS = [
    refused(45015, "waiting", call=True),
    refused(45047, "waiting", call=True),
    refused(40003, "failed", call=True, followed=False),
    refused(43004, "failed", call=True, followed=False),
    refused(43019, "failed", call=True, followed=False),
    refused(50002, "failed", call=True, followed=False),
    refused(44004, "failed", call=True),
    refused(48001, "failed", call=True),
    refused(45009, "waiting", UNTIL_MIDNIGHT),
    refused(45011, "waiting", 60),
    refused(40164, "waiting", 600),
    refused(40001, "waiting", 60),
    refused(-1, "waiting", 5),
    Case({"kind": "http", "code": 502}, "errcode:http_502", "unknown", 5),
    Case({"kind": "http", "code": 403}, "errcode:http_403", "waiting", 5),
    Case({"kind": "reset"}, "errcode:broken", "unknown", 5),
    Case({"kind": "cut"}, "errcode:garbage", "unknown", 5),
]
TOO_LATE = [{"kind": "silent"}, {"kind": "slow", "seconds": 30}, {"kind": "drip", "seconds": 1}]


def until_midnight(town: Town) -> float:
    local = town.moment.astimezone(town.settings.deployment.zone)
    return 86400.0 - timedelta(hours=local.hour, minutes=local.minute, seconds=local.second).total_seconds()


def warmed_up(town: Town, name: str = "王阿姨") -> tuple[ResidentHand, int]:
    """A resident with a ticket, and a token that is some minutes old."""
    wang = writer(town, name)
    number = file_quietly(town, wang)
    note(town, number, "收到")
    town.deliver()
    town.passes(minutes=5)
    return wang, number


def test_each_answer_has_its_reaction(town: Town, subtests: pytest.Subtests) -> None:
    for case in REACTIONS:
        with subtests.test(case.reason):
            _, number = warmed_up(town, f"邻居 {case.reason}")
            town.world.fault(TO_RESIDENT, **case.fault)
            told = note(town, number, "下午三点上门")

            with second_courier(town) as courier:
                courier.drain()

            after = row(town, told)
            assert (after["state"], after["reason"], after["attempts"]) == (case.state, case.reason, 1)
            wait = until_midnight(town) if case.wait == UNTIL_MIDNIGHT else case.wait
            assert waits(town, told) == (pytest.approx(wait, rel=0.11) if wait else None)
            assert [each["state"] for each in outbox(town, kind="call", ticket=number)] == ["sent"] * case.call
            with town.database.read() as session:
                assert session.get_one(Ticket, number).resident.followed == case.followed
        settled(town)


@pytest.mark.parametrize("fault", TOO_LATE, ids=lambda fault: fault["kind"])
def test_an_answer_after_the_deadline_may_mean_anything(build_town: Any, fault: dict[str, Any]) -> None:
    town = build_town(delivery={"send_deadline_seconds": 0.8})
    _, number = warmed_up(town)
    town.world.fault(TO_RESIDENT, **fault)

    told = note(town, number, "下午三点上门")
    town.deliver()

    after = row(town, told)
    assert (after["state"], waits(town, told), after["sends"]) == ("unknown", 5, 1)
    assert after["reason"] in ("errcode:deadline", "errcode:broken")


def test_whoever_cannot_be_reached_is_called_by_the_grid(town: Town) -> None:
    wang = writer(town)
    number = file_quietly(town, wang)
    town.world.fault(TO_RESIDENT, "errcode", code=43004)

    note(town, number, "下午三点上门")
    town.deliver()

    card = town.cards(GRID)[-1]
    assert f"#{number}" in card and "电话或上门" in card and "下午三点上门" in card
    assert wang.openid not in card


def test_a_stale_token_is_replaced_once_and_the_message_arrives(town: Town) -> None:
    wang = writer(town)
    number = file_quietly(town, wang)
    note(town, number, "第一句")
    town.deliver()
    town.passes(minutes=5)
    town.world.tokens.withdraw_all()

    second = note(town, number, "第二句")
    town.deliver()

    assert row(town, second)["state"] == "sent" and row(town, second)["attempts"] == 1
    assert "第二句" in wang.seen[-1]
    assert len(calls(town, TOKEN)) == 2 and len(calls(town, TO_RESIDENT)) == 3


def test_a_token_that_stays_bad_costs_two_token_calls_a_minute_at_most(town: Town) -> None:
    wang = writer(town)
    number = file_quietly(town, wang)
    town.world.fault(TO_RESIDENT, "errcode", code=40001)
    told = [note(town, number, f"第{n}句") for n in range(6)]

    for _ in range(12):
        town.deliver()
        town.passes(seconds=10)

    assert len(calls(town, TOKEN)) <= 4, "two minutes"
    assert {row(town, each)["state"] for each in told} == {"waiting"}
    town.world.faults.clear()


def test_what_may_have_arrived_is_sent_three_times_at_most(town: Town) -> None:
    wang = writer(town)
    number = file_quietly(town, wang)
    town.world.fault(TO_RESIDENT, "reset")

    told = note(town, number, "只说三遍")
    for span in ({"seconds": 0}, {"seconds": 6}, {"minutes": 2}, {"hours": 1}, {"days": 1}):
        town.passes(**span)
        town.deliver()

    assert sum("只说三遍" in text for text in wang.seen) == 3
    after = row(town, told)
    assert (after["state"], after["sends"], after["next_try_at"]) == ("unknown", 3, None)


def test_what_surely_did_not_arrive_is_tried_until_it_does(town: Town) -> None:
    wang = writer(town)
    number = file_quietly(town, wang)
    town.world.fault(TO_RESIDENT, "errcode", code=-1, times=3)

    told = note(town, number, "下午三点上门")
    for _ in range(4):
        town.deliver()
        town.passes(minutes=2)

    assert row(town, told)["state"] == "sent" and sum("下午三点上门" in text for text in wang.seen) == 1
    assert row(town, told)["attempts"] == 4 and row(town, told)["sends"] == 1
