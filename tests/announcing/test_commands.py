"""`flask announce` as staff use it: from a draft to the last one told, two people, every refusal saying what to do."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from announcing.crowd import APPROVER, AUTHOR, buildings_of, hire, settle
from sqlalchemy import select
from town import GRID, STREET, TUESDAY, Town

from models.announcement import SENT, Announcement, Consent, MassUse, Recipient
from models.outbox import OutboxMessage

TEMPLATE = "template-of-announcements"
WATER = ("--title", "停水通知", "--body", "明天上午九点到十二点停水，请提前存水。")


class Staff:
    """What a colleague types, and what they read."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.runner = town.app.test_cli_runner()

    def says(self, *words: object, fails: bool = False) -> str:
        result = self.runner.invoke(args=["announce", *map(str, words)])
        assert result.exit_code == (1 if fails else 0), result.output
        return result.output

    def asks(self, *words: object) -> Any:
        return json.loads(self.says(*words, "--json"))

    def drafts(self, *more: object, key: str = AUTHOR) -> int:
        area = () if "--area" in more or "--building" in more else ("--area", GRID)
        return self.asks("draft", *WATER, *area, *more, "--as", key)["id"]

    def looks(self, number: int) -> None:
        """The author is sent it, and it arrives."""
        self.says("preview", number, "--send-to-me")
        self.town.deliver()

    def approves(self, number: int, *more: object) -> str:
        self.looks(number)
        return self.says("approve", number, *more, "--as", APPROVER)


@pytest.fixture
def town(build_town: Callable[..., Town]) -> Town:
    town = build_town(announcements={"subscribe_template": TEMPLATE})
    with town.database.write() as session:
        hire(session)
    return town


@pytest.fixture
def staff(town: Town) -> Staff:
    return Staff(town)


@pytest.fixture
def homes(town: Town) -> list[str]:
    """The buildings of the grid."""
    with town.database.read() as session:
        return buildings_of(session)


def open_window(left: int) -> dict[str, Any]:
    return {"message_left": left, "message_until": TUESDAY + timedelta(hours=40)}


def test_from_draft_to_withdrawal(town: Town, staff: Staff, homes: list[str]) -> None:
    with town.database.write() as session:
        settle(session, "wang", homes[0])
    said = staff.says("draft", *WATER, "--building", homes[0], "--as", AUTHOR)
    number = staff.asks("list")["id"]
    assert f"flask announce preview {number}" in said and f"flask announce approve {number}" in said

    code = staff.asks("preview", number)["fingerprint"][:8]
    shown = staff.says("preview", number)
    assert "【公告】停水通知" in shown and "会收到：1 人" in shown and code in shown
    approved = staff.approves(number, "--seen", code)
    assert "已批准：《停水通知》，1 人，11月24日 10:05 开始发送。" in approved
    assert "已由 lin 批准过" in staff.says("approve", number, "--as", "street")
    assert "11月26日 07:00 开始" in staff.says("send", number, "--at", "2026-11-25 23:30", "--as", AUTHOR)
    assert "11月25日 09:00" in staff.says("send", number, "--at", "2026-11-25 09:00", "--as", AUTHOR)
    assert "待发 1" in staff.says("progress", number)
    assert "没有发出 1 人，已经发出收不回 0 人" in staff.says("withdraw", number, "--as", AUTHOR)
    assert "早已撤回" in staff.says("withdraw", number, "--as", AUTHOR)
    assert "已撤回：1 / 1 人" in staff.says("progress", number, "--watch")


def test_the_preview_says_who_is_reached_how_and_what_it_costs(town: Town, staff: Staff, homes: list[str]) -> None:
    home = homes[0]
    with town.database.write() as session:
        settle(session, "open", home, **open_window(5))
        settle(session, "reserve", home, **open_window(2))
        consented = settle(session, "consented", home)
        used = {name: settle(session, name, home) for name in ("fresh", "last", "full")}
        settle(session, "left", home, followed=False)
        settle(session, "silent", home, bulletins=False)
        session.add(
            Consent(resident_id=consented, template_id=TEMPLATE, remaining=1, lasting=False, changed_at=TUESDAY)
        )
        for name, count in (("last", 3), ("full", 4)):
            session.add(MassUse(resident_id=used[name], month="2026-11", used=count))
        session.add(MassUse(resident_id=used["fresh"], month="2026-10", used=4))
    number = staff.drafts("--building", home)

    found = staff.asks("preview", number)

    assert found["recipients"] == 6
    assert found["channels"] == {"official_account": 1, "subscribe": 1, "mass": 3, "group_push": 1}
    assert found["left_out"] == {"unfollowed": 1, "bulletins_off": 1} and found["unreachable"] == {}
    assert found["mass"] == {
        "month": "2026-11", "recipients": 3, "calls": 1, "last_of_month_for": 1, "used_before": {"0": 2, "3": 1},
    }  # fmt: skip
    assert found["passed_over"]["official_account:reserve"] == 1 and found["passed_over"]["mass:mass_quota"] == 1
    words = staff.says("preview", number)
    assert "2026-11 群发额度：3 人各用 1 次" in words and "不会收到：1 人（已退订公告）" in words
    assert "客服消息不能用：1 人（剩余条数留给工单）" in words


def test_looking_changes_nothing(town: Town, staff: Staff) -> None:
    number = staff.drafts()
    before = len(town.rows("audit")), len(town.rows("outbox"))

    for words in (("preview", number), ("progress", number), ("list",)):
        staff.says(*words)

    assert (len(town.rows("audit")), len(town.rows("outbox"))) == before and town.rows("recipients") == []


def test_the_authors_group_hears_of_an_approval_and_how_to_stop_it(town: Town, staff: Staff, homes: list[str]) -> None:
    with town.database.write() as session:
        settle(session, "wang", homes[0])
    number = staff.drafts("--building", homes[0])
    staff.approves(number)

    row = [row for row in _outbox(town) if row.kind == "staff_note"][-1]
    assert f"flask announce withdraw {number}" in row.facts["text"] and "发给1人" in row.facts["text"]


def _outbox(town: Town) -> list[OutboxMessage]:
    with town.database.read() as session:
        return list(session.scalars(select(OutboxMessage)))


def test_editing_keeps_what_was_not_named_and_clears_what_is_empty(town: Town, staff: Staff, homes: list[str]) -> None:
    with town.database.write() as session:
        settle(session, "wang", homes[0], tags=("60+",))
        settle(session, "li", homes[0])
    number = staff.drafts("--building", homes[0], "--tag", "60岁以上", "--until", "2026-12-01", "--urgent", "主管爆裂")
    staff.approves(number)

    said = staff.says("edit", number, "--tag", "", "--urgent", "", "--as", AUTHOR)

    assert "要重新批准" in said
    row = next(row for row in town.rows("announcements") if row["id"] == number)
    assert row["state"] == "draft" and row["urgent_reason"] == "" and row["title"] == "停水通知"
    assert row["audience"]["tags"] == [] and row["audience"]["buildings"] == [homes[0]]
    assert row["valid_until"] == "2026-12-01T23:59:00+08:00"
    assert town.rows("recipients") == [] and staff.asks("preview", number)["recipients"] == 2


def test_a_body_can_come_from_a_file(staff: Staff, tmp_path: Path) -> None:
    path = tmp_path / "通知.txt"
    path.write_text("第一段。\n第二段。\n", encoding="utf-8")

    number = staff.asks("draft", "--title", "通知", "--body-file", path, "--area", GRID, "--as", AUTHOR)["id"]

    assert "第一段。\n第二段。" in staff.asks("preview", number)["text"]


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (("draft", "--title", "停水", "--area", GRID, "--as", AUTHOR), "正文不能为空"),
        (("draft", *WATER, "--as", AUTHOR), "请写明发给哪里"),
        (("draft", *WATER, "--area", "99", "--as", AUTHOR), "没有这样的辖区：99"),
        (("draft", *WATER, "--area", GRID, "--as", "nobody"), "请用 people.csv 里的 key"),
        (("draft", *WATER, "--area", STREET, "--as", AUTHOR), "请换人，或缩小范围"),
        (("draft", *WATER, "--area", GRID, "--until", "2026-11-01", "--as", AUTHOR), "有效期已经过了"),
        (("approve", 1, "--as", AUTHOR), "请换一位同事来批准"),
        (("approve", 1, "--seen", "00000000", "--as", APPROVER), "请重新预览再批准"),
        (("approve", 77, "--as", APPROVER), "没有公告 77。flask announce list"),
        (("preview", 77), "没有公告 77。flask announce list"),
        (("progress", 77), "没有公告 77。flask announce list"),
        (("send", 1, "--as", AUTHOR), "请另一位同事批准（approve）"),
        (("again", 1, "--as", AUTHOR), "还没有发完"),
        (("unread", 1), "没有要回执"),
        (("edit", 1, "--as", AUTHOR), "内容和对象都没有变"),
    ],
)
def test_a_refusal_says_what_to_do(staff: Staff, words: tuple[object, ...], answer: str) -> None:
    assert staff.drafts() == 1

    assert answer in staff.says(*words, fails=True)


def test_the_unread_and_the_second_call(town: Town, staff: Staff, homes: list[str]) -> None:
    with town.database.write() as session:
        for name in ("wang", "li", "zhang"):
            settle(session, name, homes[0])
    number = staff.drafts("--building", homes[0], "--receipt")
    staff.approves(number)
    with town.database.write() as session:
        row = session.get_one(Announcement, number)
        row.state = SENT
        reader, *others = session.scalars(select(Recipient).where(Recipient.announcement_id == number))
        reader.state, reader.receipt_at = "read", TUESDAY
        for one in others:
            one.state = "sent"

    (grid,) = staff.asks("unread", number)
    assert (grid["grid_code"], grid["unread"], grid["recipients"]) == (GRID, 2, 3)
    assert staff.says("unread", number, "--grid", GRID) == f"{town_building(town, homes[0])}  2人\n"
    again = staff.asks("again", number, "--as", AUTHOR)["id"]
    assert staff.asks("preview", again)["recipients"] == 2
    assert "换一位同事" in staff.says("approve", again, "--as", AUTHOR, fails=True)
    assert "2 人" in staff.approves(again)


def town_building(town: Town, code: str) -> str:
    from models.area import Building

    with town.database.read() as session:
        return session.get_one(Building, code).title


def test_exports_show_the_account_of_an_announcement(town: Town, staff: Staff, homes: list[str]) -> None:
    with town.database.write() as session:
        ids = [settle(session, name, homes[0]) for name in ("wang", "li")]
        settle(session, "gone", homes[0], followed=False)
    number = staff.drafts("--building", homes[0], "--receipt")
    staff.approves(number)
    with town.database.write() as session:
        one = session.scalars(select(Recipient).where(Recipient.resident_id == ids[0])).one()
        one.state, one.channel, one.receipt_at = "read", "mass", TUESDAY

    (announcement,) = town.rows("announcements")
    assert announcement["state"] == "approved" and announcement["counts"] == {"read": 1, "waiting": 1}
    assert announcement["left_out"] == {"unfollowed": 1} and announcement["audience"]["buildings"] == [homes[0]]
    assert (announcement["author"], announcement["approver"]) == (AUTHOR, APPROVER)
    recipients = {row["resident"]: row for row in town.rows("recipients")}
    assert set(recipients) == {f"resident-{one}" for one in ids}
    read = recipients[f"resident-{ids[0]}"]
    assert (read["announcement"], read["channel"], read["state"], read["reason"]) == (number, "mass", "read", "")
    assert read["receipt_at"] == "2026-11-24T10:00:00+08:00"


def test_tags_are_imported_all_or_nothing(town: Town, staff: Staff, homes: list[str], tmp_path: Path) -> None:
    with town.database.write() as session:
        one, two = settle(session, "wang", homes[0]), settle(session, "li", homes[0])
    path = tmp_path / "tags.csv"
    path.write_text(f"resident,tag\n{'owang'.ljust(28, 'x')},党员\nnobody,60+\n{two},独 居\n", encoding="utf-8")
    said = staff.says("tags", path, "--as", AUTHOR, fails=True)
    assert "没有导入" in said and "第3行：没有这位居民" in said and "第4行：标签" in said
    assert "没有这样的标签：党员" in staff.says(
        "draft", *WATER, "--area", GRID, "--tag", "党员", "--as", AUTHOR, fails=True
    )

    path.write_text(
        f"\ufeffresident,tag\n{'owang'.ljust(28, 'x')},党员\nresident-{two},党员\n{one},60+\n{one},60+\n",
        encoding="utf-8",
    )
    assert staff.asks("tags", path, "--as", AUTHOR) == {"党员": 2, "60+": 1}
    assert "党员 2人" in staff.says("tags", path, "--as", AUTHOR)

    assert staff.asks("preview", staff.drafts("--tag", "党员"))["recipients"] == 2
    path.write_text("openid,label\n", encoding="utf-8")
    assert "表头要是 resident,tag" in staff.says("tags", path, "--as", AUTHOR, fails=True)


def test_every_act_is_audited_in_an_unbroken_chain(town: Town, staff: Staff, homes: list[str]) -> None:
    with town.database.write() as session:
        settle(session, "wang", homes[0])
    number = staff.drafts("--building", homes[0])
    staff.approves(number)
    staff.says("send", number, "--at", "2026-11-25 09:00", "--as", AUTHOR)
    staff.says("edit", number, "--title", "停水改期", "--as", AUTHOR)
    staff.approves(number)
    staff.says("withdraw", number, "--as", "street")

    acts = [(row["actor"], row["action"]) for row in town.rows("audit") if row["action"].startswith("announcement.")]
    assert acts == [
        (AUTHOR, "announcement.draft"), (APPROVER, "announcement.approve"), (AUTHOR, "announcement.plan"),
        (AUTHOR, "announcement.edit.voids_approval"), (APPROVER, "announcement.approve"), ("street", "announcement.withdraw"),
    ]  # fmt: skip
