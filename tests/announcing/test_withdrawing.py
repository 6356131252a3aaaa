"""`flask announce withdraw` tells the truth: what was stopped, what is on the wire, what is gone, also of texts in groups."""

import json
from datetime import timedelta
from typing import Any

import pytest
from announcing.crowd import AUTHOR
from announcing.ladder_scene import approved, goes, had_mass, house, lives, recipients, rows_of, states, texts
from sqlalchemy import select
from town import COMMUNITY, GRID, OTHER_GRID, Town

from models.audience import Audience
from models.outbox import OutboxMessage, claim_due
from scheduler.announce import announce
from simulator.resident_hand import ResidentHand

WEBHOOK = "/cgi-bin/webhook/send"


def said(town: Town, *words: object) -> str:
    result = town.app.test_cli_runner().invoke(args=["announce", *map(str, words)])
    assert result.exit_code == 0, result.output
    return result.output


def account(town: Town, announcement: int) -> tuple[int, int, int]:
    """Not sent, going, gone; together they are everybody."""
    facts: dict[str, Any] = json.loads(said(town, "progress", announcement, "--json"))
    skipped = facts["states"].get("skipped", 0) + facts["states"].get("waiting", 0)
    assert skipped + facts["going"] + facts["gone"] == facts["recipients"]
    return skipped, facts["going"], facts["gone"]


def only_by_group(town: Town, *names: str, **facts: Any) -> tuple[int, list[ResidentHand]]:
    """An announcement whose residents can only be told by their grid; the group's text is promised, not sent."""
    code = house(town)
    hands = lives(town, code, *names)
    had_mass(town, hands, 4)
    announcement = approved(town, code, **facts)
    announce(town.office, town.courier.account)
    return announcement, hands


def claimed(town: Town, claim: str) -> None:
    """Another process takes every due row for sending, and gets no further."""
    with town.database.write() as session:
        claim_due(session, town.moment, claim, timedelta(seconds=30), 100, ())


def test_a_text_the_group_has_not_had_is_stopped(town: Town) -> None:
    announcement, _ = only_by_group(town, "甲", "乙")
    assert states(town, announcement) == {"task": 2}

    assert "没有发出 2 人，已经发出收不回 0 人" in said(town, "withdraw", announcement, "--as", AUTHOR)

    goes(town, 2)
    assert account(town, announcement) == (2, 0, 0) and not any("停水" in card for card in town.cards(GRID))


@pytest.mark.parametrize("receipt", [False, True])
def test_a_text_that_is_claimed_is_going_until_its_last_look_stops_it(town: Town, receipt: bool) -> None:
    announcement, _ = only_by_group(town, "甲", "乙", wants_receipt=receipt)
    claimed(town, "another worker")

    words = said(town, "withdraw", announcement, "--as", AUTHOR)

    assert "没有发出 0 人，正在送 2 人" in words and "收不回 0 人" in words
    assert account(town, announcement) == (0, 2, 0)
    town.passes(minutes=1)  # that worker has died, and another one takes what it held
    goes(town, 2)
    assert account(town, announcement) == (2, 0, 0) and not any("停水" in card for card in town.cards(GRID))
    assert "正在送" not in said(town, "progress", announcement)


def test_a_text_the_group_has_had_is_gone(town: Town) -> None:
    announcement, _ = only_by_group(town, "甲", "乙")
    town.deliver()

    assert "没有发出 0 人，已经发出收不回 2 人" in said(town, "withdraw", announcement, "--as", AUTHOR)
    assert account(town, announcement) == (0, 0, 2)


def test_a_text_that_may_have_arrived_is_not_called_stopped(town: Town) -> None:
    announcement, _ = only_by_group(town, "甲", "乙")
    town.world.fault(WEBHOOK, "reset", accepted=True)
    town.deliver()
    said(town, "withdraw", announcement, "--as", AUTHOR)
    town.world.faults.clear()
    town.passes(hours=1)
    goes(town, 2)

    assert account(town, announcement) == (0, 0, 2)
    assert len([card for card in town.cards(GRID) if "停水" in card]) == 1


def test_a_claimed_text_that_may_have_arrived_before_stays_unknown(town: Town) -> None:
    announcement, _ = only_by_group(town, "甲", "乙")
    town.world.fault(WEBHOOK, "reset", accepted=True, times=1)
    town.deliver()
    town.passes(minutes=2)
    claimed(town, "another worker")
    said(town, "withdraw", announcement, "--as", AUTHOR)
    town.passes(minutes=1)
    goes(town, 2)

    assert account(town, announcement) == (0, 0, 2)
    assert [row.state for row in rows_of(town, "forward")] == ["unknown"]


def test_a_text_whose_group_is_gone_was_nobodys_task(town: Town) -> None:
    """The webhook is dead everywhere up the line: the row failed, and nobody was asked to forward anything."""
    announcement, _ = only_by_group(town, "甲", "乙")
    town.world.fault(WEBHOOK, "errcode", code=93000)
    for _ in range(5):
        goes(town)
    assert {row.state for row in rows_of(town, "forward")} == {"failed"}

    assert "没有发出 2 人，已经发出收不回 0 人" in said(town, "withdraw", announcement, "--as", AUTHOR)


def test_a_text_that_went_on_to_the_group_above_is_gone(town: Town) -> None:
    announcement, _ = only_by_group(town, "甲", "乙")
    town.world.fault(WEBHOOK, "errcode", code=93000, times=1)
    goes(town, 2)
    assert any("停水" in card for card in town.cards(COMMUNITY))

    said(town, "withdraw", announcement, "--as", AUTHOR)

    assert account(town, announcement) == (0, 0, 2)


def test_one_group_has_had_it_and_another_has_not(town: Town) -> None:
    here, there = house(town), house(town, OTHER_GRID)
    hands = [*lives(town, here, "甲"), *lives(town, there, "乙", "丙")]
    had_mass(town, hands, 4)
    announcement = approved(town, audience=Audience(buildings=(here, there)))
    announce(town.office, town.courier.account)
    with town.database.write() as session:
        query = select(OutboxMessage).filter_by(kind="forward", target=f"chat-{OTHER_GRID}")
        session.scalars(query).one().next_try_at = town.moment + timedelta(hours=1)
    town.deliver()

    assert "没有发出 2 人，已经发出收不回 1 人" in said(town, "withdraw", announcement, "--as", AUTHOR)
    assert {row.grid_code for row in recipients(town, announcement) if row.state == "task"} == {GRID}


def test_a_message_claimed_for_a_resident_is_going_until_it_is_stopped(town: Town) -> None:
    code = house(town)
    wang, _ = lives(town, code, "王阿姨", "邻居")
    wang.says("你好")
    announcement = approved(town, code)
    announce(town.office, town.courier.account)
    claimed(town, "another worker")

    assert "没有发出 1 人，正在送 1 人" in said(town, "withdraw", announcement, "--as", AUTHOR)
    town.passes(minutes=1)
    goes(town, 2)

    assert account(town, announcement) == (2, 0, 0) and texts(wang) == []


def test_a_text_that_expires_on_its_way_to_the_group_is_nobodys_task(town: Town) -> None:
    announcement, _ = only_by_group(town, "甲", "乙", valid_until=town.moment + timedelta(hours=1))
    town.passes(hours=2)

    town.deliver()

    assert {(row.state, row.reason) for row in recipients(town, announcement)} == {("skipped", "expired")}
