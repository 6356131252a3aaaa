"""What must not leave: at night, too late, to who has left, withdrawn, or never approved."""

from datetime import timedelta

import pytest
from announcing.crowd import buildings_of
from announcing.ladder_scene import (
    BIZSEND,
    CUSTOM,
    MASS,
    approved,
    calls,
    goes,
    had_mass,
    house,
    lives,
    night,
    recipient,
    recipients,
    row_of,
    rows_of,
    stands,
    states,
    texts,
    withdraw,
)
from town import GRID, Town

from bot.ladder.quiet import quiet_until
from models.announcement import SENT, Announcement
from scheduler.announce import announce


def test_nothing_leaves_at_night_and_all_of_it_in_the_morning(town: Town) -> None:
    code = house(town)
    hands = lives(town, code, "甲", "乙")
    hands[0].says("你好")
    night(town)
    hands[0].says("还没睡")
    announcement = approved(town, code)

    goes(town)
    assert calls(town, MASS) == calls(town, CUSTOM) == []
    planned = row_of(town, announcement).send_at
    assert planned and f"{planned.astimezone(town.settings.deployment.zone):%H:%M}" == "07:00"

    town.passes(hours=8)
    goes(town, 4)
    assert states(town, announcement)["waiting"] == 0 and len(texts(hands[0])) == 1


def test_a_message_promised_before_the_quiet_hours_waits_for_their_end(town: Town) -> None:
    code = house(town)
    wang, _ = lives(town, code, "王阿姨", "邻居")
    wang.says("你好")
    approved(town, code)
    announce(town.office, town.courier.account)
    night(town)

    town.deliver()

    assert texts(wang) == []
    [row] = rows_of(town, "announcement")
    assert row.state == "waiting" and row.next_try_at == quiet_until(
        town.settings.quiet_hours, town.moment, town.settings.deployment.zone
    )
    town.passes(hours=8, minutes=1)
    town.deliver()
    assert len(texts(wang)) == 1


def test_an_emergency_wakes_people_up(town: Town) -> None:
    code = house(town)
    hands = lives(town, code, "甲", "乙")
    night(town)

    announcement = approved(town, code, begin=False, urgent_reason="燃气泄漏")
    goes(town)

    assert [len(texts(hand, "mass")) for hand in hands] == [1, 1]
    assert "紧急通知" in texts(hands[0])[0] and states(town, announcement)["under_way"] == 2


def test_what_has_expired_is_not_sent_late(town: Town) -> None:
    code = house(town)
    hands = lives(town, code, "甲", "乙", "丙")
    hands[0].says("你好")
    announcement = approved(town, code, valid_until=town.moment + timedelta(hours=1), begin=False)
    town.passes(hours=2)

    goes(town, 2)

    assert calls(town, MASS) == calls(town, CUSTOM) == []
    assert {(row.state, row.reason) for row in recipients(town, announcement)} == {("skipped", "expired")}
    assert row_of(town, announcement).state == SENT


def test_a_promise_that_expired_on_its_way_is_not_kept_late(town: Town) -> None:
    code = house(town)
    wang, _ = lives(town, code, "王阿姨", "邻居")
    wang.says("你好")
    announcement = approved(town, code, valid_until=town.moment + timedelta(hours=1))
    announce(town.office, town.courier.account)
    town.passes(hours=1)

    town.deliver()

    assert texts(wang) == [] and recipient(town, announcement, wang).reason == "expired"


def test_whoever_left_or_unsubscribed_since_the_approval_gets_nothing(town: Town) -> None:
    code = house(town)
    gone, silent, *others = lives(town, code, "离开的", "退订的", "甲", "乙")
    announcement = approved(town, code, begin=False)
    gone.unfollows()
    silent.says("退订")
    town.passes(minutes=6)

    goes(town, 2)

    assert texts(gone) == texts(silent) == []
    assert stands(town, announcement, gone) == ("waiting", "group_push"), "told to the grid when the others are through"
    assert recipient(town, announcement, silent).reason == "unsubscribed"
    town.world.mass.tell_results()
    goes(town)
    assert stands(town, announcement, gone) == ("task", "group_push")
    assert [stands(town, announcement, hand) for hand in others] == [("sent", "mass")] * 2


def test_leaving_while_a_message_is_promised_ends_on_another_rung(town: Town) -> None:
    code = house(town)
    [wang] = lives(town, code, "王阿姨")
    wang.says("你好")
    announcement = approved(town, code)
    announce(town.office, town.courier.account)

    wang.unfollows()
    goes(town, 2)

    assert stands(town, announcement, wang) == ("task", "group_push") and texts(wang) == []
    assert ["official_account", "unfollowed"] in recipient(town, announcement, wang).tried


def test_a_withdrawn_one_stays_unsent(town: Town) -> None:
    code = house(town)
    talker, *others = lives(town, code, "能写的", "甲", "乙")
    talker.says("你好")
    before, midway = approved(town, code, title="还没开始", begin=False), approved(town, code, title="发到一半")
    withdraw(town, before)
    had_mass(town, others, 4)
    announce(town.office, town.courier.account)
    withdraw(town, midway)

    goes(town, 3)

    assert [texts(hand) for hand in (talker, *others)] == [[], [], []] and calls(town, MASS) == calls(
        town, CUSTOM
    ) == []
    for announcement in (before, midway):
        assert states(town, announcement)["waiting"] == states(town, announcement)["under_way"] == 0
    assert recipient(town, midway, talker).reason == "withdrawn"
    assert not any("发到一半" in card for card in town.cards(GRID))


def test_withdrawing_between_claim_and_send_stops_the_message(town: Town) -> None:
    """The row is held by a courier already: the last look before the send finds it withdrawn."""
    code = house(town)
    wang, _ = lives(town, code, "王阿姨", "邻居")
    wang.says("你好")
    announcement = approved(town, code)
    announce(town.office, town.courier.account)
    with town.database.write() as session:
        session.get_one(Announcement, announcement).state = "withdrawn"

    goes(town)

    assert texts(wang) == []
    assert [(row.state, row.reason) for row in rows_of(town, "announcement")] == [("skipped", "withdrawn")]
    assert recipient(town, announcement, wang).reason == "withdrawn"


@pytest.mark.parametrize("change", ["draft", "text", "audience", "approver"])
def test_what_nobody_approved_never_leaves(town: Town, change: str) -> None:
    code = house(town)
    hands = lives(town, code, "甲", "乙")
    hands[0].says("你好")
    announcement = approved(town, code)
    with town.database.write() as session:
        row = session.get_one(Announcement, announcement)
        match change:
            case "draft":
                row.state = "draft"
            case "text":
                row.body = "改过的话"
            case "audience":
                row.audience = {**row.audience, "buildings": buildings_of(session)}
            case "approver":
                row.approver_key = ""

    goes(town, 2)

    assert calls(town, MASS) == calls(town, CUSTOM) == calls(town, BIZSEND) == []
    assert states(town, announcement) == {"waiting": 2}


def test_a_text_changed_after_the_promise_does_not_leave_either(town: Town) -> None:
    code = house(town)
    wang, _ = lives(town, code, "王阿姨", "邻居")
    wang.says("你好")
    announcement = approved(town, code)
    announce(town.office, town.courier.account)
    with town.database.write() as session:
        session.get_one(Announcement, announcement).body = "改过的话"

    goes(town)

    assert texts(wang) == [] and recipient(town, announcement, wang).reason == "not_approved"
