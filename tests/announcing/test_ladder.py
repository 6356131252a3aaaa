"""By which way each recipient is reached, and why not by the others."""

from collections.abc import Callable
from typing import Any

import pytest
from announcing.ladder_scene import (
    CUSTOM,
    MASS,
    REACHES,
    TEMPLATE,
    approved,
    calls,
    goes,
    had_mass,
    house,
    lives,
    recipient,
    recipients,
    row_of,
    stands,
    states,
    texts,
    used,
)
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update
from town import GRID, OTHER_GRID, Town

from bot.ladder.choose import KEPT_FOR_TICKETS, LADDER, MASS_A_MONTH, REASON_NAMES, Reach, choose
from models.announcement import SENDING, SENT, Consent, Recipient
from models.area import Building, Group
from models.resident import Resident
from scheduler import announce as job
from scheduler.announce import announce
from tests.delivery.scene import file_quietly, note


@pytest.fixture
def noticing(build_town: Callable[..., Town]) -> Town:
    """A town with a subscription template."""
    return build_town(announcements={"subscribe_template": TEMPLATE})


@given(REACHES, st.booleans())
def test_whoever_is_chosen_for_a_rung_may_stand_on_it_and_every_rung_above_has_its_reason(
    reach: Reach, presses: bool
) -> None:
    choice = choose(reach, presses=presses)

    assert choice.channel not in reach.tried, "no way is gone twice"
    if choice.channel == "official_account":
        assert reach.followed and reach.messages_left > KEPT_FOR_TICKETS
    if choice.channel == "subscribe":
        assert reach.followed and reach.template and reach.consented
    if choice.channel == "mass":
        assert reach.followed and reach.mass_used < MASS_A_MONTH
    if choice.channel in ("group_push", "visit"):
        assert reach.grouped
    if choice.channel in ("official_account", "subscribe", "mass"):
        assert "outcome_unknown" not in reach.tried.values(), "what may have arrived is not written again"
    assert reach.bulletins or (choice.channel, choice.reason) == ("", "unsubscribed")
    if reach.bulletins:
        above = LADDER[: LADDER.index(choice.channel)] if choice.channel else LADDER
        named = dict(choice.skipped)
        assert set(above) == set(named) | (set(above) & set(reach.tried)), "none is passed over in silence"
        assert all(named.values()) and (choice.channel or choice.reason)


def test_every_reason_of_the_ladder_has_words() -> None:
    said = {why for _, why in choose(Reach(grouped=False), presses=True).skipped}
    said |= {why for _, why in choose(Reach(followed=False), presses=True).skipped}
    said |= {why for _, why in choose(Reach(messages_left=1, template=True, mass_used=4), presses=True).skipped}
    said |= {
        choose(Reach(grouped=False, mass_used=4), presses=False).reason,
        choose(Reach(bulletins=False), presses=False).reason,
    }
    assert {"reserve", "no_consent", "mass_quota", "no_group", "unfollowed", "cannot_confirm", "unsubscribed"} <= said
    assert said <= set(REASON_NAMES)


def test_each_is_reached_by_the_first_way_that_is_open(noticing: Town) -> None:
    town, code = noticing, house(noticing)
    talker, reader, first, second, alone = lives(town, code, "能写的", "订阅的", "群发甲", "群发乙", "满额的")
    town.world.mass.accepts(reader.openid, TEMPLATE)
    had_mass(town, [alone], 4)
    talker.says("你好")

    announcement = approved(town, code)
    goes(town, 2)
    town.world.mass.tell_results()
    goes(town)

    assert stands(town, announcement, talker) == ("sent", "official_account")
    assert stands(town, announcement, reader) == ("sent", "subscribe")
    assert stands(town, announcement, first) == stands(town, announcement, second) == ("sent", "mass")
    assert stands(town, announcement, alone) == ("task", "group_push")
    assert recipient(town, announcement, alone).tried == [
        ["official_account", "window_closed"], ["subscribe", "no_consent"], ["mass", "mass_quota"],
    ]  # fmt: skip
    assert [len(texts(hand)) for hand in (talker, reader, first, second, alone)] == [1, 1, 1, 1, 0]
    assert "停水通知" in texts(talker)[0] and "退订" in texts(talker)[0]
    assert texts(reader)[0].split("\n")[0] == "停水通知" and "回复1看全文" in texts(reader)[0]
    [card] = [card for card in town.cards(GRID) if "转发" in card]
    assert "应通知5位居民，其中1位微信没有送到" in card and "九点到十二点停水" in card
    assert row_of(town, announcement).state == SENT and row_of(town, announcement).finished_at


def test_the_last_two_messages_of_a_window_belong_to_the_residents_own_tickets(town: Town) -> None:
    code = house(town)
    wang, _ = lives(town, code, "王阿姨", "邻居")
    wang.says("你好")
    for title in ("第一条", "第二条", "第三条", "第四条"):
        approved(town, code, title=title, begin=False, urgent_reason="管道爆裂")
        goes(town)

    assert sum("第" in text for text in texts(wang, "text")) == 3
    assert wang.resident.left(town.moment.timestamp()) == 2


def test_a_budget_that_shrank_since_it_was_chosen_is_respected_at_the_door(town: Town) -> None:
    code = house(town)
    wang, _ = lives(town, code, "王阿姨", "邻居")
    wang.says("你好")
    announcement = approved(town, code)
    announce(town.office, town.courier.account)
    with town.database.write() as session:
        session.execute(update(Resident).where(Resident.openid == wang.openid).values(message_left=2))
    goes(town)

    assert calls(town, CUSTOM) == []
    assert ["official_account", "reserve"] in recipient(town, announcement, wang).tried


def test_one_alone_gets_no_mass_message(town: Town) -> None:
    code = house(town)
    [wang] = lives(town, code, "王阿姨")

    announcement = approved(town, code)
    goes(town, 2)

    assert calls(town, MASS) == [] and used(town, wang) == 0
    assert stands(town, announcement, wang) == ("task", "group_push")
    assert ["mass", "mass_too_few"] in recipient(town, announcement, wang).tried


def test_nobody_is_counted_over_four_a_month_by_two_announcements_at_once(town: Town) -> None:
    code = house(town)
    hands = lives(town, code, "甲", "乙", "丙")
    had_mass(town, hands[:1], 3)
    first, second = approved(town, code, title="一"), approved(town, code, title="二")

    goes(town)

    assert used(town, hands[0]) == 4
    assert (
        stands(town, first, hands[0])[0] == "under_way"
        and ["mass", "mass_quota"] in recipient(town, second, hands[0]).tried
    )
    assert [len(texts(hand, "mass")) for hand in hands] == [1, 2, 2]


def test_a_new_month_has_room_again(town: Town) -> None:
    code = house(town)
    hands = lives(town, code, "甲", "乙")
    had_mass(town, hands, 4)
    town.passes(days=8)

    announcement = approved(town, code)
    goes(town)

    assert [len(texts(hand, "mass")) for hand in hands] == [1, 1]
    assert states(town, announcement)["under_way"] == 2


def test_who_cannot_be_written_and_must_know_is_visited(town: Town) -> None:
    code = house(town)
    hands = lives(town, code, "甲", "乙")
    had_mass(town, hands, 4)

    announcement = approved(town, code, wants_receipt=True)
    goes(town, 2)

    assert [stands(town, announcement, hand) for hand in hands] == [("task", "visit")] * 2
    [visits] = [card for card in town.cards(GRID) if "上门或电话告知" in card]
    with town.database.read() as session:
        title = session.get_one(Building, code).title
    assert "2位居民没有别的办法通知到" in visits and f"{title} 2位" in visits
    assert all(hand.openid not in visits for hand in hands)
    assert ["group_push", "cannot_confirm"] in recipient(town, announcement, hands[0]).tried


def test_two_grids_are_told_apart_and_each_once(town: Town) -> None:
    one, two = house(town), house(town, OTHER_GRID)
    hands = [*lives(town, one, "甲", "乙"), *lives(town, two, "丙")]
    had_mass(town, hands, 4)

    announcement = approved(town, one, two)
    goes(town, 3)

    assert sum("转发到居民群" in card for card in town.cards(GRID)) == 1
    assert sum("转发到居民群" in card for card in town.cards(OTHER_GRID)) == 1
    assert "其中2位" in town.cards(GRID)[-1] and "其中1位" in town.cards(OTHER_GRID)[-1]
    assert states(town, announcement) == {"task": 3}


def test_a_grid_without_any_group_leaves_its_reason(town: Town) -> None:
    code = house(town)
    hands = lives(town, code, "甲", "乙")
    had_mass(town, hands, 4)
    with town.database.write() as session:
        session.execute(update(Group).values(closed_reason="webhook_gone"))

    announcement = approved(town, code)
    goes(town)

    assert {(row.state, row.reason) for row in recipients(town, announcement)} == {("skipped", "no_group")}


def test_news_of_a_ticket_goes_first_and_apart(town: Town) -> None:
    from scheduler.announce import announce

    code = house(town)
    wang, _ = lives(town, code, "王阿姨", "邻居")
    wang.says("你好")
    number = file_quietly(town, wang)
    approved(town, code)
    announce(town.office, town.courier.account)
    note(town, number, "下午三点上门")

    town.deliver()

    said = texts(wang, "text")
    assert "下午三点上门" in said[0] and "停水通知" in said[1] and len(said) == 2


def test_a_consent_is_good_for_one_notice_and_a_lasting_one_for_many(build_town: Callable[..., Any]) -> None:
    town = build_town(announcements={"subscribe_template": TEMPLATE})
    code = house(town)
    wang, _ = lives(town, code, "王阿姨", "邻居")
    had_mass(town, [wang], 4)
    town.world.mass.accepts(wang.openid, TEMPLATE)

    for title in ("第一条", "第二条"):
        approved(town, code, title=title)
        goes(town, 2)

    assert [text.split("\n")[0] for text in texts(wang, "subscribe")] == ["第一条"]
    with town.database.write() as session:
        resident = session.scalars(select(Resident).where(Resident.openid == wang.openid)).one()
        consent = session.get_one(Consent, (resident.id, TEMPLATE))
        assert consent.remaining == 0
        consent.lasting = True
    town.world.mass.consents[(wang.openid, TEMPLATE)] = -1
    for title in ("第三条", "第四条"):
        approved(town, code, title=title, begin=False, urgent_reason="管道爆裂")
        goes(town, 2)
    assert [text.split("\n")[0] for text in texts(wang, "subscribe")] == ["第一条", "第三条", "第四条"]


def test_a_title_longer_than_a_field_is_shortened_for_the_notice(noticing: Town) -> None:
    town, code = noticing, house(noticing)
    wang, _ = lives(town, code, "王阿姨", "邻居")
    town.world.mass.accepts(wang.openid, TEMPLATE)

    announcement = approved(town, code, title="关于开展二〇二六年度城乡居民基本医疗保险集中参保缴费工作的通知")
    goes(town)

    assert stands(town, announcement, wang) == ("sent", "subscribe")
    assert len(texts(wang)[0].split("\n")[0]) == 20


def test_pages_end_and_begin_at_any_row(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three to a page, and a job that is stopped after each page, make the same account as one run."""
    code = house(town)
    hands = lives(town, code, *(f"邻居{n}" for n in range(8)))
    monkeypatch.setattr(job, "PAGE", 3)
    monkeypatch.setattr(job, "SPAN_SECONDS", -1.0)

    announcement = approved(town, code)
    goes(town, 8)
    town.world.mass.tell_results()
    goes(town)

    assert [len(texts(hand)) for hand in hands] == [1] * 8
    assert states(town, announcement) == {"sent": 8}


def test_a_sending_announcement_is_seen_as_such(town: Town) -> None:
    code = house(town)
    lives(town, code, "甲", "乙")
    announcement = approved(town, code)
    goes(town)
    assert row_of(town, announcement).state == SENDING
    with town.database.read() as session:
        assert session.scalar(select(Recipient.chunk_id).where(Recipient.announcement_id == announcement).limit(1))
