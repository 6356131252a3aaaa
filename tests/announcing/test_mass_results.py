"""What the platform answers to a mass message and reports of it afterwards (protocol.md §2.5, §2.13)."""

import json
from typing import Any

import pytest
from announcing.ladder_scene import (
    MASS,
    approved,
    calls,
    chunks_of,
    goes,
    house,
    lives,
    recipient,
    recipients,
    row_of,
    stands,
    states,
    texts,
    used,
    withdraw,
)
from sqlalchemy import select
from town import Town

from models.announcement import SENDING, SENT, MassChunk
from models.resident import Resident
from scheduler.announce import announce, send_mass


def test_the_finish_event_closes_the_account_and_says_how_many_the_platform_skipped(town: Town) -> None:
    place = house(town)
    hands = lives(town, place, "甲", "乙", "丙")
    month = town.world.mass.month
    town.world.mass.used[(hands[0].openid, month)] = 4  # the console has sent to them: we do not know
    hands[1].resident.following = False

    announcement = approved(town, place)
    goes(town)
    assert states(town, announcement) == {"under_way": 3} and row_of(town, announcement).state == SENDING
    town.world.mass.tell_results()
    goes(town)

    [chunk] = chunks_of(town, announcement)
    assert {name: chunk.counts[name] for name in ("members", "total", "filtered", "sent", "errors")} == {
        "members": 3, "total": 3, "filtered": 2, "sent": 1, "errors": 1,
    }  # fmt: skip
    assert states(town, announcement) == {"sent": 3} and row_of(town, announcement).state == SENT


def progress_of(town: Town, announcement: int) -> tuple[Any, str]:
    """As `flask announce progress` shows it: facts, and words."""
    runner = town.app.test_cli_runner()
    said = runner.invoke(args=["announce", "progress", str(announcement), "--json"]).output
    return json.loads(said)["mass"], runner.invoke(args=["announce", "progress", str(announcement)]).output


def test_progress_adds_up_what_the_platform_counted_of_every_call(town: Town) -> None:
    place = house(town)
    hands = lives(town, place, "甲", "乙", "丙", "丁", "戊")
    hands[0].resident.following = False
    for hand in hands[1:3]:
        town.world.mass.used[(hand.openid, town.world.mass.month)] = 4
    announcement = approved(town, place)
    assert "群发" not in progress_of(town, announcement)[1]

    goes(town)
    facts, words = progress_of(town, announcement)
    assert (facts["batches"], facts["reported"], facts["sent"]) == (1, 0, 0) and "群发 1 批：平台还没有报数" in words
    town.world.mass.tell_results()

    assert progress_of(town, announcement)[0] == {
        "batches": 1, "reported": 1, "total": 5, "sent": 2, "errors": 1, "over_quota": 2,
    }  # fmt: skip
    with town.database.write() as session:  # two more calls as a city has them, one of them not through yet
        more = {"total": 20_000, "filtered": 19_790, "sent": 19_760, "errors": 30}
        for name, counts in (("more", more), ("open", {})):
            session.add(MassChunk(announcement_id=announcement, client_id=name, platform_id=name, state="accepted",
                                  counts=counts, created_at=town.moment))  # fmt: skip
    words = progress_of(town, announcement)[1]
    assert "群发 3 批（2 批已报数）：平台说发出 19,762、失败 31、因次数过滤 212（共 20,005）" in words


def test_a_call_that_was_never_made_is_no_batch(town: Town) -> None:
    place = house(town)
    lives(town, place, "独居的")

    announcement = approved(town, place)
    goes(town, 2)

    assert chunks_of(town, announcement)[0].state == "failed"
    facts, words = progress_of(town, announcement)
    assert facts["batches"] == 0 and "批" not in words


@pytest.mark.parametrize("status", ["err(40002)", "send fail", "err(20008)"])
def test_a_mass_message_that_review_or_the_administrator_stops_goes_on_to_the_grid(town: Town, status: str) -> None:
    place = house(town)
    hands = lives(town, place, "甲", "乙")
    town.world.mass.verdicts.append(status)

    announcement = approved(town, place)
    goes(town)
    town.world.mass.tell_results()
    goes(town, 2)

    assert [stands(town, announcement, hand) for hand in hands] == [("task", "group_push")] * 2
    assert ["mass", f"mass:{status}"] in recipient(town, announcement, hands[0]).tried
    assert [used(town, hand) for hand in hands] == [0, 0], "it cost nothing of the month"


def test_a_result_that_gets_lost_is_asked_for(town: Town) -> None:
    place = house(town)
    lives(town, place, "甲", "乙")
    announcement = approved(town, place)
    goes(town)
    town.world.mass.forget_results()

    goes(town)
    assert states(town, announcement) == {"under_way": 2}
    town.passes(minutes=11)
    goes(town)

    assert states(town, announcement) == {"sent": 2} and row_of(town, announcement).state == SENT


def test_a_result_that_comes_twice_or_late_changes_nothing_more(town: Town) -> None:
    place = house(town)
    lives(town, place, "甲", "乙")
    announcement = approved(town, place)
    goes(town)
    town.world.mass.tell_results()
    before = recipients(town, announcement)
    [chunk] = chunks_of(town, announcement)
    job_of_platform = town.world.mass.jobs[int(chunk.platform_id)]
    for _ in range(2):
        town.passes(seconds=1)
        job_of_platform.status = "send fail"
        town.world.mass._tell_mass(job_of_platform)

    after = recipients(town, announcement)
    assert [(row.state, row.sent_at) for row in after] == [(row.state, row.sent_at) for row in before]


def test_the_platforms_helper_account_is_nobody_to_write_to(town: Town) -> None:
    place = house(town)
    lives(town, place, "甲", "乙")
    approved(town, place)
    goes(town)
    town.world.mass.tell_results()

    with town.database.read() as session:
        helper = session.scalars(select(Resident).where(Resident.openid == "mphelper")).one_or_none()
    assert helper is None or not (helper.followed or helper.bulletins)


def test_a_result_that_overtakes_the_answer_is_found(town: Town) -> None:
    """The platform's event is here before we have written down what the call was answered."""
    place = house(town)
    lives(town, place, "甲", "乙")
    announcement = approved(town, place)
    account = town.courier.account

    class Overtaken(type(account)):  # type: ignore[misc]
        """被超过的接口: the real door, and the event right behind the answer."""

        def send_mass(self, *arguments: Any) -> str:
            platform_id: str = super().send_mass(*arguments)
            town.world.mass.tell_results()
            return platform_id

    account.__class__ = Overtaken
    goes(town)

    assert states(town, announcement) == {"sent": 2}


def test_the_months_quota_said_by_the_platform_is_believed(town: Town) -> None:
    place = house(town)
    hands = lives(town, place, "甲", "乙")
    town.world.fault(MASS, "errcode", code=45028, times=1)

    first = approved(town, place, title="一")
    goes(town, 2)
    second = approved(town, place, title="二")
    goes(town, 2)

    assert [stands(town, first, hand) for hand in hands] == [("task", "group_push")] * 2
    assert ["mass", "errcode:45028"] in recipient(town, first, hands[0]).tried
    assert ["mass", "mass_quota"] in recipient(town, second, hands[0]).tried and len(calls(town, MASS)) == 1


@pytest.mark.parametrize("code", [40130, 48001, 45066, 40155])
def test_a_mass_message_refused_for_good_goes_on_to_the_grid(town: Town, code: int) -> None:
    place = house(town)
    hands = lives(town, place, "甲", "乙")
    town.world.fault(MASS, "errcode", code=code)

    announcement = approved(town, place)
    goes(town, 3)

    assert [stands(town, announcement, hand) for hand in hands] == [("task", "group_push")] * 2
    assert len(calls(town, MASS)) == 1 and [used(town, hand) for hand in hands] == [0, 0]


@pytest.mark.parametrize(("code", "wait"), [(-1, 6), (45011, 61), (89504, 61), (40164, 601)])
def test_a_mass_message_refused_for_now_is_sent_later(town: Town, code: int, wait: int) -> None:
    place = house(town)
    hands = lives(town, place, "甲", "乙")
    town.world.fault(MASS, "errcode", code=code, times=1)

    announcement = approved(town, place)
    goes(town)
    assert [len(texts(hand)) for hand in hands] == [0, 0] and [used(town, hand) for hand in hands] == [0, 0]
    town.passes(seconds=wait)
    goes(town)
    town.world.mass.tell_results()

    assert [stands(town, announcement, hand) for hand in hands] == [("sent", "mass")] * 2
    assert [len(texts(hand)) for hand in hands] == [1, 1] == [used(town, hand) for hand in hands]


@pytest.mark.parametrize("fault", ["reset", "cut", "http"])
def test_a_mass_message_nobody_answered_for_is_repeated_as_the_same_one(town: Town, fault: Any) -> None:
    place = house(town)
    hands = lives(town, place, "甲", "乙")
    town.world.fault(MASS, fault, code=502, times=1)

    announcement = approved(town, place)
    goes(town, 3)
    town.world.mass.tell_results()
    goes(town)

    assert [len(texts(hand)) for hand in hands] == [1, 1] and [used(town, hand) for hand in hands] == [1, 1]
    assert len({call.sent["clientmsgid"] for call in calls(town, MASS)}) == 1 and len(calls(town, MASS)) == 2
    assert states(town, announcement) == {"sent": 2}


def test_a_mass_message_that_stays_unanswered_for_a_day_is_unknown_and_not_sent_anew(town: Town) -> None:
    place = house(town)
    hands = lives(town, place, "甲", "乙")
    town.world.fault(MASS, "http", code=502)

    announcement = approved(town, place)
    goes(town, 2)
    town.passes(hours=24)
    town.world.faults.clear()
    goes(town, 3)

    assert states(town, announcement) == {"unknown": 2} and [texts(hand) for hand in hands] == [[], []]
    assert row_of(town, announcement).state == SENT


def test_withdrawing_a_mass_message_nobody_answered_for_repeats_nothing(town: Town) -> None:
    place = house(town)
    lives(town, place, "甲", "乙")
    town.world.fault(MASS, "reset", times=1)
    announcement = approved(town, place)
    send_one = len(calls(town, MASS))
    announce(town.office, town.courier.account)
    withdraw(town, announcement)

    goes(town, 3)

    assert len(calls(town, MASS)) == send_one + 1 and states(town, announcement) == {"unknown": 2}
    assert not send_mass(town.office, town.courier.account, announcement)
