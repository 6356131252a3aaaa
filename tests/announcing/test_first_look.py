"""Sent to the author first: nobody approves by hand what its author has not been sent, as it stands, for a look."""

import pytest
from announcing.crowd import APPROVER, AUTHOR, settle
from announcing.test_commands import Staff, homes, staff, town
from sqlalchemy import select, update
from town import COMMUNITY, Town

from models.area import Group
from models.outbox import OutboxMessage

__all__ = ["homes", "staff", "town"]
WEBHOOK = "/cgi-bin/webhook/send"


@pytest.fixture(autouse=True)
def follower(town: Town, homes: list[str]) -> None:
    with town.database.write() as session:
        settle(session, "wang", homes[0])


def unseen(town: Town) -> list[str]:
    """What the audit trail says of announcements released unseen."""
    return [row["subject"] for row in town.rows("audit") if row["action"] == "announcement.unseen"]


def without_groups(town: Town) -> None:
    """No area can be pushed to, however high."""
    with town.database.write() as session:
        session.execute(update(Group).where(Group.area_code.is_not(None)).values(webhook_key=""))


def test_the_author_gets_it_as_residents_will_read_it_in_the_own_group(town: Town, staff: Staff) -> None:
    number = staff.drafts("--receipt", "--link", "https://example.org/water")
    assert staff.asks("preview", number)["look"]["state"] == "none"

    assert "正在发到" in staff.says("preview", number, "--send-to-me")
    town.deliver()

    [card] = town.cards(COMMUNITY)
    assert "【试发】" in card and "起草人gao" in card and "https://example.org/water" in card
    assert staff.asks("preview", number)["text"] in card
    assert staff.asks("preview", number)["look"]["state"] == "seen"
    assert town.cards("990102001002") == [], "nobody else is shown it"


def test_nobody_approves_what_the_author_has_not_been_sent(town: Town, staff: Staff) -> None:
    number = staff.drafts()

    said = staff.says("approve", number, "--as", APPROVER, fails=True)
    assert f"flask announce preview {number} --send-to-me" in said and town.rows("recipients") == []
    staff.says("approve", number, "--unseen-reason", "太忙", "--as", APPROVER, fails=True)
    staff.says("preview", number, "--send-to-me")
    assert "还在路上" in staff.says("approve", number, "--as", APPROVER, fails=True)
    town.deliver()

    assert "已批准" in staff.says("approve", number, "--as", APPROVER) and unseen(town) == []


def test_other_words_have_to_be_seen_again(town: Town, staff: Staff) -> None:
    number = staff.drafts()
    staff.looks(number)
    staff.says("edit", number, "--title", "停水改期", "--as", AUTHOR)
    assert "还没有看过" in staff.says("approve", number, "--as", APPROVER, fails=True)

    staff.says("edit", number, "--title", "停水通知", "--as", AUTHOR)

    assert "还没有看过" in staff.says("approve", number, "--as", APPROVER, fails=True), "back again is edited, too"
    assert "已批准" in staff.approves(number)


def test_the_look_at_one_announcement_is_none_at_another(town: Town, staff: Staff) -> None:
    seen, other = staff.drafts(), staff.drafts()
    staff.looks(seen)

    assert "还没有看过" in staff.says("approve", other, "--as", APPROVER, fails=True)
    assert "已批准" in staff.says("approve", seen, "--as", APPROVER)


def test_asking_twice_while_it_is_on_its_way_sends_it_once(town: Town, staff: Staff) -> None:
    number = staff.drafts()
    for _ in range(2):
        staff.says("preview", number, "--send-to-me")
    town.deliver()
    assert len(town.cards(COMMUNITY)) == 1

    town.passes(minutes=1)
    staff.says("preview", number, "--send-to-me")

    assert staff.asks("preview", number)["look"]["state"] == "seen", "another look takes nothing back"
    town.deliver()
    assert len(town.cards(COMMUNITY)) == 2


def test_a_look_nobody_confirmed_does_not_count(town: Town, staff: Staff) -> None:
    number = staff.drafts()
    town.world.fault(WEBHOOK, "reset")
    staff.says("preview", number, "--send-to-me")
    for _ in range(4):
        town.deliver()
        assert "已批准" not in staff.says("approve", number, "--as", APPROVER, fails=True)
        town.passes(hours=1)
    assert staff.asks("preview", number)["look"]["state"] == "lost"
    assert "没有确认送到" in staff.says("approve", number, "--as", APPROVER, fails=True)

    town.world.faults.clear()
    town.passes(hours=1)

    assert "已批准" in staff.approves(number)


def test_a_look_that_cannot_arrive_needs_a_reason(town: Town, staff: Staff) -> None:
    number = staff.drafts()
    town.world.fault(WEBHOOK, "errcode", code=40008)
    staff.looks(number)

    assert "没有确认送到" in staff.says("approve", number, "--as", APPROVER, fails=True)
    staff.says("approve", number, "--unseen-reason", "群坏了，电话13800001111念过", "--as", APPROVER)

    assert unseen(town) == [f"announcement {number}: 群坏了，电话138****1111念过"]


def test_an_author_without_any_group_is_told_how_to_get_one_or_says_why(town: Town, staff: Staff) -> None:
    number = staff.drafts()
    without_groups(town)
    assert "groups.csv" in staff.says("preview", number, "--send-to-me", fails=True)
    assert "收不到试发" in staff.says("preview", number)
    assert "--unseen-reason" in staff.says("approve", number, "--as", APPROVER, fails=True)
    too_long = staff.says("approve", number, "--unseen-reason", "长" * 201, "--as", APPROVER, fails=True)
    assert "最多200字" in too_long

    assert "已批准" in staff.says("approve", number, "--unseen-reason", "群还没建", "--as", APPROVER)

    assert unseen(town) == [f"announcement {number}: 群还没建"]


def test_an_emergency_does_not_wait_and_that_is_recorded(town: Town, staff: Staff) -> None:
    hurried, seen = staff.drafts("--urgent", "主管爆裂"), staff.drafts("--urgent", "主管爆裂")
    staff.says("approve", hurried, "--as", APPROVER)
    staff.approves(seen)

    assert unseen(town) == [f"announcement {hurried}: urgent"]


def test_a_look_taken_back_before_it_left_does_not_count(town: Town, staff: Staff) -> None:
    number = staff.drafts()
    staff.says("preview", number, "--send-to-me")
    with town.database.write() as session:
        row = session.scalars(select(OutboxMessage).where(OutboxMessage.kind == "staff_note")).one()
        row.state, row.next_try_at, row.reason = "skipped", None, "by hand"

    assert "没有确认送到" in staff.says("approve", number, "--as", APPROVER, fails=True)
