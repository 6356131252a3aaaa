"""What a group's webhook may answer, and what becomes of the card (protocol §3.8)."""

from typing import Any

import pytest
from town import COMMUNITY, GRID, Town

from models.resident import Resident
from tests.delivery.scene import TO_GROUP, calls, file, note, outbox, row, second_courier, settled, waits, word, writer

REACTIONS: list[tuple[dict[str, Any], str, str, float]] = [
    ({"kind": "errcode", "code": 45033}, "errcode:45033", "waiting", 5),
    ({"kind": "errcode", "code": -1}, "errcode:-1", "waiting", 5),
    ({"kind": "http", "code": 502}, "errcode:http_502", "unknown", 5),
    ({"kind": "http", "code": 429}, "errcode:http_429", "waiting", 60),
    ({"kind": "reset"}, "errcode:broken", "unknown", 5),
    ({"kind": "cut"}, "errcode:garbage", "unknown", 5),
    ({"kind": "errcode", "code": 45009}, "errcode:45009", "waiting", 60),  # last: it stops the whole group
]


def test_each_answer_has_its_reaction(town: Town, subtests: pytest.Subtests) -> None:
    wang = writer(town)
    for fault, reason, state, wait in REACTIONS:
        with subtests.test(reason):
            number = file(town, wang)
            town.world.fault(TO_GROUP, **fault)

            with second_courier(town) as courier:
                courier.drain()

            [card] = outbox(town, ticket=number)
            assert (card["state"], card["reason"], card["attempts"]) == (state, reason, 1)
            assert waits(town, card["id"]) == pytest.approx(wait, rel=0.11)
        settled(town)


def test_a_dead_webhook_is_closed_and_the_community_gets_the_card(town: Town) -> None:
    wang = writer(town)
    number = file(town, wang)
    town.world.fault(TO_GROUP, "errcode", code=93000, times=1)

    town.deliver()
    later = file(town, wang)
    town.deliver()

    first, instead = outbox(town, ticket=number)
    assert (first["state"], first["reason"]) == ("failed", "errcode:93000")
    assert (instead["target"], instead["state"]) == (f"chat-{COMMUNITY}", "sent")
    assert [card["target"] for card in outbox(town, ticket=later)] == [f"chat-{COMMUNITY}"], "asked no second time"
    assert [f"#{number}" in text for text in town.cards(COMMUNITY)] == [True, False]
    assert town.cards(GRID) == []
    climbed = [(row["ticket"], row["cause"], row["level"]) for row in town.rows("escalations")]
    assert climbed == [(number, "undelivered", "community")]


def test_a_refused_content_climbs_too_so_that_somebody_knows(town: Town) -> None:
    number = file(town, writer(town))
    town.world.fault(TO_GROUP, "errcode", code=40058, times=1)

    town.deliver()

    assert [(r["state"], r["target"]) for r in outbox(town, ticket=number)] == [
        ("failed", f"chat-{GRID}"),
        ("sent", f"chat-{COMMUNITY}"),
    ]
    with second_courier(town) as other:
        word(town, number, "还在吗")
        other.drain()
    assert "还在吗" in town.cards(GRID)[-1], "the webhook itself is alive"


def test_what_may_have_arrived_is_sent_three_times_and_then_told_one_level_up(town: Town) -> None:
    number = file(town, writer(town))
    town.world.fault(TO_GROUP, "cut", times=3)

    for span in ({"seconds": 0}, {"seconds": 6}, {"minutes": 2}, {"hours": 1}, {"days": 1}):
        town.passes(**span)
        town.deliver()

    assert len(town.cards(GRID)) == 3
    card, instead = outbox(town, ticket=number)
    assert (card["state"], card["sends"], card["next_try_at"]) == ("unknown", 3, None)
    assert (instead["state"], instead["target"]) == ("sent", f"chat-{COMMUNITY}")


def test_a_group_that_hangs_holds_up_nobody_else(build_town: Any) -> None:
    town = build_town(delivery={"send_deadline_seconds": 0.8})
    wang = writer(town)
    first, second = file(town, wang), file(town, wang, COMMUNITY)
    town.world.fault(TO_GROUP, "silent", times=1)

    town.deliver()

    states = sorted(outbox(town, ticket=number)[0]["state"] for number in (first, second))
    assert states == ["sent", "unknown"]


def test_a_full_minute_stops_the_whole_group_for_a_minute(town: Town) -> None:
    wang = writer(town)
    number = file(town, wang)
    town.deliver()
    town.world.fault(TO_GROUP, "errcode", code=45009, times=1)
    told = [word(town, number, f"第{n}句") for n in range(4)]
    before = len(calls(town, TO_GROUP))

    town.deliver()
    town.passes(seconds=59)
    town.deliver()

    assert len(calls(town, TO_GROUP)) == before + 1
    town.passes(seconds=10)
    town.deliver()
    assert {row(town, each)["state"] for each in told} == {"sent"}


def test_a_call_task_that_climbs_keeps_its_words(town: Town) -> None:
    wang = writer(town)
    number = file(town, wang)
    town.deliver()
    wang.unfollows()
    wang.resident.following = True
    wang.windows_expire()
    with town.database.write() as session:
        session.query(Resident).update({"followed": True})
    town.world.fault(TO_GROUP, "errcode", code=40058, times=1)

    note(town, number, "下午三点上门")
    town.deliver()

    assert "下午三点上门" in town.cards(COMMUNITY)[-1]
