"""Two people, one text: what was approved is what leaves, once, and not before it can still be stopped (TH42, TH43)."""

from datetime import date, datetime, timedelta

import pytest
from announcing.crowd import (
    APPROVER,
    AUTHOR,
    NEIGHBOUR,
    RULES,
    approved,
    buildings_of,
    drafted,
    frozen,
    settle,
    wording,
)
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from town import COMMUNITY, GRID, OTHER_GRID, TUESDAY

from bot.announcing.progress import progress, unread_by_grid, unread_in
from models.announcement import APPROVED, DRAFT, SENDING, SENT, WITHDRAWN, Announcement, Recipient
from models.area import Building
from models.audience import Audience
from models.audit import AuditRow, broken_links
from models.database import Refused
from models.outbox import OutboxMessage, promise
from models.person import Posting
from models.release import approve, call_again, edit, fingerprint_of, plan, still_as_approved
from models.withdrawal import withdraw

LATER = TUESDAY + timedelta(minutes=2)


@pytest.fixture(autouse=True)
def residents(session: Session) -> list[int]:
    """Four followers of the grid; others, in the noise, live elsewhere."""
    first = buildings_of(session)[0]
    return [settle(session, f"follower{n}", first) for n in range(4)]


def acts(session: Session) -> list[tuple[str, str]]:
    """Who did what to announcements, in order."""
    rows = session.scalars(select(AuditRow).where(AuditRow.action.like("announcement.%")).order_by(AuditRow.seq))
    return [(row.actor, row.action.removeprefix("announcement.")) for row in rows]


def states(session: Session, row: Announcement) -> dict[str, int]:
    session.expire_all()
    return dict(progress(session, row).states)


def test_a_second_person_freezes_the_recipients_and_starts_the_delay(session: Session, residents: list[int]) -> None:
    row = drafted(session)
    assert frozen(session, row) == set() and not still_as_approved(row)

    approve(session, TUESDAY, RULES, APPROVER, row.id)

    assert row.state == APPROVED and row.send_at == TUESDAY + timedelta(minutes=5)
    assert set(residents) <= frozen(session, row) and set(states(session, row)) == {"waiting"}
    assert still_as_approved(row)
    assert acts(session) == [(AUTHOR, "draft"), (APPROVER, "approve")] and not list(broken_links(session))


def test_nobody_approves_their_own_words(session: Session) -> None:
    row = drafted(session)

    with pytest.raises(Refused, match="换一位同事"):
        approve(session, TUESDAY, RULES, AUTHOR, row.id)
    assert row.state == DRAFT


def test_whoever_edits_is_the_author_from_then_on(session: Session) -> None:
    row = drafted(session)
    edit(session, TUESDAY, RULES, APPROVER, row.id, wording(title="停水通知（改期）"))

    with pytest.raises(Refused, match="换一位同事"):
        approve(session, TUESDAY, RULES, APPROVER, row.id)
    assert approve(session, TUESDAY, RULES, AUTHOR, row.id) is row


def test_a_second_approval_changes_nothing(session: Session) -> None:
    row = approved(session)
    before = frozen(session, row)

    assert approve(session, LATER, RULES, "street", row.id) is None
    assert approve(session, LATER, RULES, AUTHOR, row.id) is None

    assert row.approver_key == APPROVER and row.send_at == TUESDAY + RULES.delay and frozen(session, row) == before


@pytest.mark.parametrize(
    ("change", "value"),
    [
        ("title", "停电通知"),
        ("body", "明天停电。"),
        ("link", "https://example.org/water"),
        ("valid_until", TUESDAY + timedelta(days=1)),
        ("audience", Audience(areas=(COMMUNITY,))),
        ("wants_receipt", True),
        ("urgent_reason", "主管爆裂"),
    ],
)
def test_whatever_is_edited_voids_the_approval(session: Session, change: str, value: object) -> None:
    row = approved(session)
    edit(session, LATER, RULES, AUTHOR, row.id, wording(**{change: value}))

    assert (row.state, row.approver_key, row.fingerprint, row.send_at) == (DRAFT, "", "", None)
    assert frozen(session, row) == set() and not still_as_approved(row)
    assert acts(session)[-1] == (AUTHOR, "edit.voids_approval")


@pytest.mark.parametrize("column", ["title", "body", "link", "audience", "wants_receipt", "urgent_reason"])
def test_a_row_changed_behind_the_rules_back_is_noticed(session: Session, column: str) -> None:
    row = approved(session)
    changed = {"audience": Audience(areas=(COMMUNITY,)).facts(), "wants_receipt": True}
    setattr(row, column, changed.get(column, "别的内容"))

    assert not still_as_approved(row)


def test_what_the_approver_read_is_what_they_approve(session: Session) -> None:
    row = drafted(session)
    seen = fingerprint_of(row)[:8]
    edit(session, TUESDAY, RULES, AUTHOR, row.id, wording(body="点开这个链接领钱。"))

    with pytest.raises(Refused, match="内容又改了"):
        approve(session, TUESDAY, RULES, APPROVER, row.id, seen)
    assert approve(session, TUESDAY, RULES, APPROVER, row.id, fingerprint_of(row)[:8]) is row


def test_an_edit_without_a_change_keeps_the_approval(session: Session) -> None:
    row = approved(session)

    with pytest.raises(Refused, match="没有变"):
        edit(session, LATER, RULES, AUTHOR, row.id, wording())
    assert row.approver_key == APPROVER


@pytest.mark.parametrize("state", [SENDING, SENT, WITHDRAWN])
def test_what_has_begun_to_leave_is_not_edited(session: Session, state: str) -> None:
    row = approved(session)
    row.state = state
    session.flush()

    with pytest.raises(Refused, match="不能再改"):
        edit(session, LATER, RULES, AUTHOR, row.id, wording(body="改了。"))


def test_only_staff_of_the_area_or_above_may_write_or_approve(session: Session) -> None:
    with pytest.raises(Refused, match="没有工作人员 nobody"):
        drafted(session, author="nobody")
    with pytest.raises(Refused, match=r"不是.*或其上级的工作人员"):
        drafted(session, author=NEIGHBOUR)
    with pytest.raises(Refused, match=r"不是.*或其上级的工作人员"):
        drafted(session, author="chen")  # her own grid, but no staff
    row = drafted(session)
    with pytest.raises(Refused, match=r"不是.*或其上级的工作人员"):
        approve(session, TUESDAY, RULES, NEIGHBOUR, row.id)

    assert approve(session, TUESDAY, RULES, "street", row.id) is row


def test_every_area_of_the_audience_counts_not_only_the_first(session: Session) -> None:
    foreign = session.scalars(select(Building.code).where(~Building.grid_code.startswith(COMMUNITY)).limit(1)).one()

    with pytest.raises(Refused, match="不能给那里发公告"):
        drafted(session, Audience(areas=(GRID,), buildings=(foreign,)))
    assert drafted(session, Audience(areas=(GRID,), buildings=(foreign,)), author="street").id


def test_an_author_who_is_no_longer_posted_releases_nothing(session: Session) -> None:
    row = drafted(session)
    session.scalars(select(Posting).where(Posting.person_key == AUTHOR)).one().to_day = date(2026, 11, 24)
    session.flush()

    with pytest.raises(Refused, match=f"{AUTHOR} 不是"):
        approve(session, TUESDAY, RULES, APPROVER, row.id)


def test_the_fourth_of_a_day_waits_for_tomorrow(session: Session) -> None:
    for _ in range(3):
        approved(session)
    fourth = drafted(session)

    with pytest.raises(Refused, match="每日上限"):
        approve(session, LATER, RULES, APPROVER, fourth.id)
    midnight = datetime(2026, 11, 24, 16, 0, tzinfo=TUESDAY.tzinfo)  # in Shanghai
    with pytest.raises(Refused, match="每日上限"):
        approve(session, midnight - timedelta(seconds=1), RULES, APPROVER, fourth.id)
    assert approve(session, midnight, RULES, APPROVER, fourth.id) is fourth


def test_a_colleague_as_author_does_not_double_the_cap(session: Session) -> None:
    for author, second in ((AUTHOR, APPROVER), (APPROVER, AUTHOR), (AUTHOR, APPROVER)):
        approve(session, TUESDAY, RULES, second, drafted(session, author=author).id)

    with pytest.raises(Refused, match="每日上限"):
        approve(session, LATER, RULES, AUTHOR, drafted(session, author=APPROVER).id)
    assert approve(session, LATER, RULES, APPROVER, drafted(session, author="street").id)


def test_only_what_never_left_is_free_of_the_cap(session: Session) -> None:
    stopped, leaving, third = (approved(session) for _ in range(3))
    session.scalars(select(Recipient).where(Recipient.announcement_id == leaving.id)).first().state = "sent"
    for row in (stopped, leaving):
        withdraw(session, LATER, RULES, AUTHOR, row.id)

    assert approved(session, now=LATER).id > third.id
    with pytest.raises(Refused, match="每日上限"):
        approved(session, now=LATER)


def test_an_emergency_takes_the_short_path_with_two_people_and_its_reason_on_record(session: Session) -> None:
    for _ in range(3):
        approved(session)
    row = drafted(session, urgent_reason="主管爆裂，联系人13800000000")
    with pytest.raises(Refused, match="换一位同事"):
        approve(session, LATER, RULES, AUTHOR, row.id)

    approve(session, LATER, RULES, APPROVER, row.id)

    assert row.send_at == LATER
    reason = session.scalars(select(AuditRow).where(AuditRow.action == "announcement.urgent")).one()
    assert "主管爆裂" in reason.subject and "13800000000" not in reason.subject and reason.actor == APPROVER


@pytest.mark.parametrize("until", [timedelta(minutes=5), timedelta(minutes=3)])
def test_nothing_is_approved_that_would_be_out_of_date_when_it_leaves(session: Session, until: timedelta) -> None:
    row = drafted(session, valid_until=TUESDAY + until)

    with pytest.raises(Refused, match="有效期已经过了"):
        approve(session, TUESDAY, RULES, APPROVER, row.id)
    with pytest.raises(Refused, match="有效期已经过了"):
        drafted(session, valid_until=TUESDAY)


def test_an_announcement_to_nobody_is_refused(session: Session) -> None:
    row = drafted(session, Audience(areas=(GRID,), tags=("pupil",)))

    with pytest.raises(Refused, match="没有人会收到"):
        approve(session, TUESDAY, RULES, APPROVER, row.id)
    assert row.state == DRAFT


def test_it_can_be_planned_for_later_but_never_before_the_delay_is_over(session: Session) -> None:
    row = drafted(session, valid_until=TUESDAY + timedelta(days=2))
    with pytest.raises(Refused, match="还没有批准"):
        plan(session, TUESDAY, RULES, AUTHOR, row.id)
    approve(session, TUESDAY, RULES, APPROVER, row.id)

    for at, words in ((timedelta(minutes=4), "太早"), (timedelta(days=2), "有效期")):
        with pytest.raises(Refused, match=words):
            plan(session, LATER, RULES, AUTHOR, row.id, TUESDAY + at)
    assert plan(session, LATER, RULES, AUTHOR, row.id, TUESDAY + timedelta(days=1)).send_at == TUESDAY + timedelta(
        days=1
    )
    assert plan(session, LATER, RULES, APPROVER, row.id).send_at == TUESDAY + RULES.delay
    assert still_as_approved(row)


def promised(session: Session, row: Announcement, key: str, state: str = "waiting", **facts: object) -> OutboxMessage:
    kind, channel = str(facts.pop("kind", "announcement")), str(facts.pop("channel", "official_account"))
    facts["announcement"] = row.id
    message = promise(session, TUESDAY, key=f"a{row.id}:{key}", kind=kind, channel=channel, target="o", facts=facts)
    message.state = state
    session.flush()
    return message


def move(session: Session, row: Announcement, resident: int, state: str, channel: str = "official_account") -> None:
    one = session.scalars(
        select(Recipient).where(Recipient.announcement_id == row.id, Recipient.resident_id == resident)
    )
    found = one.one()
    found.state, found.channel = state, channel
    session.flush()


def test_withdrawing_in_the_delay_leaves_nobody_reached(session: Session) -> None:
    row = approved(session)
    number = len(frozen(session, row))

    assert withdraw(session, LATER, RULES, "street", row.id) is True

    assert row.state == WITHDRAWN and states(session, row) == {"skipped": number}
    assert progress(session, row).gone == 0 and progress(session, row).reasons == {"withdrawn": number}
    assert withdraw(session, LATER, RULES, AUTHOR, row.id) is False
    with pytest.raises(Refused, match="已撤回"):
        approve(session, LATER, RULES, APPROVER, row.id)


def test_withdrawing_stops_what_waits_and_counts_what_is_gone(session: Session, residents: list[int]) -> None:
    row = approved(session)
    row.state = SENDING
    held, claimed, done, noticed = residents
    move(session, row, held, "under_way")
    move(session, row, claimed, "under_way")
    move(session, row, done, "sent")
    move(session, row, noticed, "under_way", "subscribe")
    waiting, leaving = promised(session, row, f"r{held}"), promised(session, row, f"r{claimed}", "sending")
    gone, notice = (
        promised(session, row, f"r{done}", "sent"),
        promised(session, row, f"s{noticed}", channel="subscribe"),
    )
    doubtful = promised(session, row, "r0", "unknown")
    foreign = promised(session, Announcement(id=row.id * 10 + 1), f"r{held}")
    others = len(frozen(session, row)) - 4

    withdraw(session, LATER, RULES, APPROVER, row.id)

    assert (waiting.state, waiting.reason, waiting.next_try_at) == ("skipped", "withdrawn", None)
    assert notice.state == "skipped" and (leaving.state, gone.state) == ("sending", "sent")
    assert (doubtful.state, doubtful.next_try_at) == ("unknown", None)
    assert foreign.state == "waiting", "another announcement whose number begins with the same digits"
    assert states(session, row) == {"skipped": 2 + others, "under_way": 1, "sent": 1}
    found = progress(session, row)
    assert (found.gone, found.going) == (1, 1), "what is claimed for sending is neither stopped nor gone"


def test_withdrawing_takes_back_the_tasks_of_a_text_no_group_has_read(session: Session, residents: list[int]) -> None:
    row = approved(session, Audience(areas=(COMMUNITY,)))
    row.state = SENDING
    told = settle(session, "told", buildings_of(session, OTHER_GRID)[0])
    session.add(
        Recipient(announcement_id=row.id, resident_id=told, grid_code=OTHER_GRID, state="task", channel="group_push")
    )
    for resident in residents:
        move(session, row, resident, "task", "group_push")
    promised(session, row, "g1", kind="forward", channel="group_push", grids=[GRID])
    promised(session, row, "g2", "sent", kind="forward", channel="group_push", grids=[OTHER_GRID])

    withdraw(session, LATER, RULES, AUTHOR, row.id)

    assert states(session, row)["task"] == 1


def sent_with_receipts(session: Session, residents: list[int], read: int) -> Announcement:
    row = approved(session, Audience(buildings=(buildings_of(session)[0],)), wants_receipt=True)
    for number, resident in enumerate(residents):
        move(session, row, resident, "read" if number < read else "sent")
    row.state = SENT
    session.flush()
    return row


def test_a_second_call_goes_to_the_unread_alone_and_needs_two_people_again(
    session: Session, residents: list[int]
) -> None:
    first = sent_with_receipts(session, residents, read=1)
    again = call_again(session, LATER, RULES, AUTHOR, first.id)
    assert (again.state, again.title, again.second_call_of) == (DRAFT, "再次通知：停水通知", first.id)
    with pytest.raises(Refused, match="换一位同事"):
        approve(session, LATER, RULES, AUTHOR, again.id)
    move(session, first, residents[1], "read")  # in time

    approve(session, LATER, RULES, APPROVER, again.id)

    assert set(residents[:2]).isdisjoint(frozen(session, again)) and set(residents[2:]) <= frozen(session, again)


def test_a_second_call_is_refused_where_it_makes_no_sense(session: Session, residents: list[int]) -> None:
    silent = approved(session)
    silent.state = SENT
    unsent = approved(session, wants_receipt=True)
    first = sent_with_receipts(session, residents, read=0)
    again = call_again(session, LATER, RULES, AUTHOR, first.id)

    for row, words in ((silent, "没有要回执"), (unsent, "还没有发完"), (first, f"公告 {again.id}")):
        with pytest.raises(Refused, match=words):
            call_again(session, LATER, RULES, APPROVER, row.id)
    with pytest.raises(Refused, match="对象不能改"):
        edit(session, LATER, RULES, AUTHOR, again.id, wording(Audience(areas=(COMMUNITY,))))
    withdraw(session, LATER, RULES, AUTHOR, again.id)
    for one in session.scalars(select(Recipient).where(Recipient.announcement_id == first.id)):
        one.state = "read"
    session.flush()
    with pytest.raises(Refused, match="都已读"):
        call_again(session, LATER, RULES, APPROVER, first.id)


def test_an_expired_one_is_called_again_with_a_new_end(session: Session, residents: list[int]) -> None:
    row = sent_with_receipts(session, residents, read=0)
    row.valid_until = LATER
    session.flush()
    tomorrow = LATER + timedelta(days=1)

    with pytest.raises(Refused, match="有效期"):
        call_again(session, tomorrow, RULES, AUTHOR, row.id)
    assert call_again(session, LATER, RULES, AUTHOR, row.id, tomorrow).valid_until == tomorrow


def test_the_unread_are_listed_by_grid_and_building(session: Session, residents: list[int]) -> None:
    row = sent_with_receipts(session, residents, read=3)
    session.get_one(Recipient, _of(session, row, residents[3])).state = "task"
    session.flush()
    total = session.scalar(select(func.count()).select_from(Recipient).where(Recipient.announcement_id == row.id))

    (grid,) = unread_by_grid(session, row)

    assert (grid.grid_code, grid.recipients, grid.unread) == (GRID, total, total - 3)
    title = session.get_one(Building, buildings_of(session)[0]).title
    assert unread_in(session, row, GRID) == [(title, total - 3)] and unread_in(session, row, OTHER_GRID) == []


def _of(session: Session, row: Announcement, resident: int) -> int:
    query = select(Recipient.id).where(Recipient.announcement_id == row.id, Recipient.resident_id == resident)
    return session.scalars(query).one()
