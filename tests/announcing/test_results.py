"""What the platform answers and reports afterwards, and what becomes of the recipients (protocol.md §2.5, §2.13)."""

from collections.abc import Callable
from typing import Any

import pytest
from announcing.ladder_scene import (
    BIZSEND,
    CUSTOM,
    TEMPLATE,
    WEBHOOK,
    approved,
    calls,
    goes,
    had_mass,
    house,
    lives,
    recipient,
    row_of,
    rows_of,
    stands,
    states,
    texts,
)
from sqlalchemy import select
from town import COMMUNITY, GRID, Town

from models.announcement import SENDING, SENT, Consent
from models.resident import Resident
from scheduler import announce as job
from simulator.resident_hand import ResidentHand


def resident(town: Town, hand: ResidentHand) -> Resident:
    with town.database.read() as session:
        return session.scalars(select(Resident).where(Resident.openid == hand.openid)).one()


def consent(town: Town, hand: ResidentHand) -> Consent | None:
    with town.database.read() as session:
        return session.get(Consent, (resident(town, hand).id, TEMPLATE))


@pytest.fixture
def noticing(build_town: Callable[..., Town]) -> Town:
    return build_town(announcements={"subscribe_template": TEMPLATE})


@pytest.mark.parametrize(
    ("code", "followed"),
    [(45015, True), (45047, True), (44004, True), (45009, True), (43004, False), (40003, False), (43019, False)],
)
def test_a_refused_message_goes_on_to_the_next_rung(town: Town, code: int, followed: bool) -> None:
    """Alone on the mass rung there are too few, so the grid is asked, as it is for those who left."""
    place = house(town)
    [wang] = lives(town, place, "王阿姨")
    wang.says("你好")
    announcement = approved(town, place)
    town.world.fault(CUSTOM, "errcode", code=code, times=1)

    goes(town, 3)

    after = recipient(town, announcement, wang)
    assert (after.state, after.channel) == ("task", "group_push") and texts(wang) == []
    assert after.tried == [
        ["official_account", f"errcode:{code}"],
        *([["subscribe", "no_template"], ["mass", "mass_too_few"]] if followed else []),
        *([] if followed else [["subscribe", "unfollowed"], ["mass", "unfollowed"]]),
    ]
    assert resident(town, wang).followed == followed


def test_two_who_fall_together_still_make_a_mass_message(town: Town) -> None:
    place = house(town)
    hands = lives(town, place, "甲", "乙")
    for hand in hands:
        hand.says("你好")
    announcement = approved(town, place)
    town.world.fault(CUSTOM, "errcode", code=45015, times=2)

    goes(town, 2)
    town.world.mass.tell_results()
    goes(town)

    assert [stands(town, announcement, hand) for hand in hands] == [("sent", "mass")] * 2
    assert [len(texts(hand)) for hand in hands] == [1, 1]


def test_an_unknown_outcome_is_not_repeated_anywhere(town: Town) -> None:
    place = house(town)
    wang, *_ = lives(town, place, "王阿姨", "甲", "乙")
    wang.says("你好")
    announcement = approved(town, place)
    town.world.fault(CUSTOM, "reset", times=1)

    for _ in range(4):
        goes(town)
        town.passes(minutes=10)

    after = recipient(town, announcement, wang)
    assert (after.state, after.channel, after.reason) == ("unknown", "official_account", "outcome_unknown")
    assert len(texts(wang)) == 1 and len(calls(town, CUSTOM)) == 1


def test_an_unknown_outcome_in_an_emergency_is_made_sure_of_on_foot(town: Town) -> None:
    place = house(town)
    wang, *_ = lives(town, place, "王阿姨", "甲", "乙")
    wang.says("你好")
    announcement = approved(town, place, begin=False, urgent_reason="燃气泄漏")
    town.world.fault(CUSTOM, "reset", times=1)

    goes(town, 3)

    after = recipient(town, announcement, wang)
    assert (after.state, after.channel) == ("task", "visit")
    assert ["official_account", "outcome_unknown"] in after.tried and ["mass", "may_have_arrived"] in after.tried
    assert len(texts(wang)) == 1 and any("上门或电话告知" in card for card in town.cards(GRID))


def test_what_certainly_did_not_leave_is_tried_again_on_the_same_rung(town: Town) -> None:
    place = house(town)
    wang, _ = lives(town, place, "王阿姨", "甲")
    wang.says("你好")
    announcement = approved(town, place)
    town.world.fault(CUSTOM, "errcode", code=-1, times=2)

    for _ in range(3):
        goes(town)
        town.passes(minutes=1)

    assert stands(town, announcement, wang) == ("sent", "official_account") and len(texts(wang)) == 1


def test_a_notice_without_consent_goes_on_and_is_not_tried_again(noticing: Town) -> None:
    town, place = noticing, house(noticing)
    hands = lives(town, place, "甲", "乙")
    for hand in hands:
        town.world.mass.accepts(hand.openid, TEMPLATE)
        town.world.mass.consents.clear()  # used up elsewhere: 43101

    announcement = approved(town, place)
    goes(town, 2)
    town.world.mass.tell_results()

    assert [stands(town, announcement, hand) for hand in hands] == [("sent", "mass")] * 2
    assert ["subscribe", "errcode:43101"] in recipient(town, announcement, hands[0]).tried
    known = consent(town, hands[0])
    assert known and known.remaining == 0
    approved(town, place, title="下一条")
    goes(town, 2)
    assert len(calls(town, BIZSEND)) == 2


def test_consent_is_known_from_what_residents_tap(noticing: Town) -> None:
    town, place = noticing, house(noticing)
    wang, li = lives(town, place, "王阿姨", "李大爷")

    town.world.mass.accepts(wang.openid, TEMPLATE)
    town.passes(seconds=1)
    town.world.mass.accepts(wang.openid, TEMPLATE)
    town.world.mass.refuses(li.openid, TEMPLATE)
    allowed = consent(town, wang)
    assert allowed and (allowed.remaining, allowed.lasting) == (2, False)
    assert consent(town, li) is None

    town.world.mass.turns_off(wang.openid, TEMPLATE)
    refused = consent(town, wang)
    assert refused and refused.remaining == 0


def test_two_templates_accepted_in_one_tap_are_both_known(noticing: Town) -> None:
    town, place = noticing, house(noticing)
    [wang] = lives(town, place, "王阿姨")
    both = [{"TemplateId": name, "SubscribeStatusString": "accept", "PopupScene": 1} for name in (TEMPLATE, "ANOTHER")]

    wang.event("subscribe_msg_popup_event", SubscribeMsgPopupEvent={"List": both})

    with town.database.read() as session:
        found = session.scalars(select(Consent).where(Consent.resident_id == resident(town, wang).id)).all()
    assert {one.template_id: one.remaining for one in found} == {TEMPLATE: 1, "ANOTHER": 1}


def test_a_long_term_template_is_accepted_once_for_all(build_town: Callable[..., Town]) -> None:
    town = build_town(announcements={"subscribe_template": TEMPLATE, "subscribe_lasting": True})
    wang, _ = lives(town, (place := house(town)), "王阿姨", "李大爷")
    town.world.mass.accepts(wang.openid, TEMPLATE, lasting=True)

    for title in ("一", "二"):
        approved(town, place, title=title)
        goes(town, 2)

    assert len(texts(wang, "subscribe")) == 2


def test_a_notice_that_did_not_arrive_after_all_opens_the_account_again(noticing: Town) -> None:
    town, place = noticing, house(noticing)
    [wang] = lives(town, place, "王阿姨")
    town.world.mass.accepts(wang.openid, TEMPLATE)
    announcement = approved(town, place)
    goes(town, 2)
    assert row_of(town, announcement).state == SENT

    town.world.mass.fails(wang.openid, TEMPLATE)
    assert (stands(town, announcement, wang), row_of(town, announcement).state) == (("waiting", ""), SENDING)
    goes(town, 2)

    assert stands(town, announcement, wang) == ("task", "group_push") and row_of(town, announcement).state == SENT


def test_a_failed_result_of_something_else_changes_nothing(noticing: Town) -> None:
    town, place = noticing, house(noticing)
    [wang] = lives(town, place, "王阿姨")
    town.world.mass.accepts(wang.openid, TEMPLATE)
    announcement = approved(town, place)
    goes(town, 2)

    town.world.mass.fails(wang.openid, "ANOTHER")
    town.world.mass.fails(wang.openid, TEMPLATE, code=0)
    town.passes(days=3)
    town.world.mass.fails(wang.openid, TEMPLATE)

    assert stands(town, announcement, wang) == ("sent", "subscribe")


def test_a_template_result_is_recorded_and_answered_with_silence(town: Town) -> None:
    wang = town.resident("王阿姨")
    assert wang.event("TEMPLATESENDJOBFINISH", MsgID=7, Status="failed:user block") == ""
    assert town.rows("messages")[-1]["type"] == "templatesendjobfinish"


def test_a_group_without_webhook_hands_the_text_to_the_one_above(town: Town) -> None:
    place = house(town)
    hands = lives(town, place, "甲", "乙")
    had_mass(town, hands, 4)
    town.world.fault(WEBHOOK, "errcode", code=93000, times=1)

    announcement = approved(town, place)
    goes(town, 2)

    assert any("转发到居民群" in card for card in town.cards(COMMUNITY)) and town.cards(GRID) == []
    assert states(town, announcement) == {"task": 2}
    assert [row.state for row in rows_of(town, "forward")] == ["failed", "sent"]


def test_an_announcement_nobody_can_compute_delays_no_other(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    place = house(town)
    hands = lives(town, place, "甲", "乙")
    poisoned, fine = approved(town, place, title="坏的"), approved(town, place, title="好的")
    real = job._begin

    def breaks(office: Any, announcement: int) -> bool:
        if announcement == poisoned:
            raise ValueError("poison")
        return real(office, announcement)

    monkeypatch.setattr(job, "_begin", breaks)
    goes(town)

    assert states(town, poisoned) == {"waiting": 2} and states(town, fine) == {"under_way": 2}
    assert all("好的" in texts(hand)[0] for hand in hands)
