"""回复1已阅, questions back, and the list of those who have not answered."""

import re

import pytest
from announcing.ladder_scene import (
    approved,
    goes,
    had_mass,
    house,
    lives,
    night,
    recipient,
    rows_of,
    stands,
    states,
    texts,
)
from sqlalchemy import func, select
from town import GRID, Town

from models.life import apply
from models.outbox import OutboxMessage
from models.resident import Resident
from models.ticket import Ticket, ticket_for_update
from scheduler.announce import list_unread
from simulator.resident_hand import ResidentHand
from tests.delivery.scene import CHEN, file_quietly

LONG = "".join(f"第{n}条：请各位居民提前准备好证件和材料，按时到社区服务中心办理登记手续。" for n in range(1, 30))


def told(town: Town, *, name: str = "王阿姨", **facts: object) -> tuple[ResidentHand, int]:
    """A resident who has just had an announcement by customer-service message."""
    code = house(town)
    hand, _ = lives(town, code, name, f"{name}的邻居")
    hand.says("你好")
    announcement = approved(town, code, **{"wants_receipt": True, **facts})
    goes(town)
    assert len(texts(hand, "text")) == 1
    return hand, announcement


def moved(town: Town, number: int, action: str, words: str) -> None:
    with town.database.write() as session:
        ticket = ticket_for_update(session, number)
        assert ticket
        if ticket.status == "pending":
            apply(session, ticket, "accept", CHEN, town.office.promises, town.moment, changes={"holder_key": "chen"})
        apply(session, ticket, action, CHEN, town.office.promises, town.moment, note=words)


@pytest.mark.parametrize("said", ["1", "１", "已阅", "收到", "知道了"])
def test_one_is_read(town: Town, said: str) -> None:
    wang, announcement = told(town)
    assert "收到请回复1（已阅）" in texts(wang)[0]

    answer = wang.says(said)

    assert "已记下您看过“停水通知”" in answer
    row = recipient(town, announcement, wang)
    assert (row.state, row.channel, row.receipt_at) == ("read", "official_account", town.moment)


def test_reading_it_twice_changes_nothing(town: Town) -> None:
    wang, announcement = told(town)
    wang.says("1")
    first = recipient(town, announcement, wang).receipt_at
    town.passes(hours=1)

    assert "现在没有等您回执的公告" in wang.says("已阅")
    assert recipient(town, announcement, wang).receipt_at == first


def test_the_word_of_a_stranger_marks_nobody(town: Town) -> None:
    wang, announcement = told(town)
    stranger = town.resident("路人甲")

    assert "现在没有等您回执的公告" in stranger.says("已阅")
    assert "已记下" not in stranger.says("1")
    assert stands(town, announcement, wang)[0] == "sent"


def test_an_announcement_without_a_receipt_leaves_the_numbers_alone(town: Town) -> None:
    wang, announcement = told(town, wants_receipt=False)
    assert "回复1" not in texts(wang)[0]

    assert "已记下" not in wang.says("1") and "已记下" not in wang.says("收到")
    assert stands(town, announcement, wang)[0] == "sent"


def test_what_was_asked_later_gets_the_number(town: Town) -> None:
    wang, announcement = told(town)
    number = file_quietly(town, wang)
    town.passes(minutes=10)
    moved(town, number, "handle", "换好了")
    town.deliver()

    wang.says("1")

    assert town.ticket(number)["outcome"] == "solved" and stands(town, announcement, wang)[0] == "sent"


def test_what_was_asked_before_does_not(town: Town) -> None:
    code = house(town)
    wang, _ = lives(town, code, "王阿姨", "邻居")
    wang.says("你好")
    number = file_quietly(town, wang)
    moved(town, number, "handle", "换好了")
    town.deliver()
    wang.says("你好")
    announcement = approved(town, code, wants_receipt=True)
    goes(town)

    assert "已记下您看过" in wang.says("1")
    assert stands(town, announcement, wang)[0] == "read" and town.ticket(number)["status"] == "handled"
    wang.says("1")
    assert town.ticket(number)["outcome"] == "solved", "the next one is for the ticket"


def test_a_form_opened_later_gets_the_number(town: Town) -> None:
    wang, announcement = told(town)
    assert re.search(r"1 ", wang.says("菜单"))
    wang.says("1")
    assert stands(town, announcement, wang)[0] == "sent"


def test_a_long_text_comes_in_two_parts(town: Town) -> None:
    wang, announcement = told(town, body=LONG, wants_receipt=False)
    first = texts(wang, "text")[0]
    assert len(first.encode()) <= 2048 and "没有完，看后面请回复1" in first

    rest = wang.says("1")

    assert "第29条" in rest and "第29条" not in first
    shown = first[first.index("第1条") : first.index("…")] + rest[: rest.index("谢谢，已记下")].strip()
    assert shown == LONG and stands(town, announcement, wang)[0] == "read"


def test_a_mass_message_can_be_read_before_its_result_is_known(town: Town) -> None:
    code = house(town)
    wang, li = lives(town, code, "王阿姨", "李大爷")
    announcement = approved(town, code, wants_receipt=True)
    goes(town)

    wang.says("1")
    town.world.mass.tell_results()

    assert stands(town, announcement, wang) == ("read", "mass") and stands(town, announcement, li) == ("sent", "mass")


def test_a_question_back_is_a_ticket_under_the_announcement(town: Town) -> None:
    wang, announcement = told(town)

    answer = wang.says("停水到几点？")

    assert "您问的是公告“停水通知”" in answer
    ticket = town.stored(int(re.search(r"#(\d+)", answer)[1]))  # type: ignore[index]
    assert (ticket.announcement_id, ticket.matter_code, ticket.text) == (announcement, "water_supply", "停水到几点？")


def test_a_question_no_matter_knows_goes_to_a_person(town: Town) -> None:
    wang, announcement = told(town)
    answer = wang.says("我家也会停吗")
    ticket = town.stored(int(re.search(r"#(\d+)", answer)[1]))  # type: ignore[index]
    assert (ticket.announcement_id, ticket.matter_code) == (announcement, "other")


def moves_out(town: Town, hand: ResidentHand) -> None:
    """The home is not known any more, the announcement has been read all the same."""
    with town.database.write() as session:
        resident = session.scalars(select(Resident).where(Resident.openid == hand.openid)).one()
        for home in resident.homes:
            home.ended_at = town.moment


def newest(town: Town) -> Ticket:
    with town.database.read() as session:
        return session.scalars(select(Ticket).order_by(Ticket.number.desc()).limit(1)).one()


@pytest.mark.parametrize("between", [(), ("你好",), ("紫荆苑",), ("进度",)])
def test_a_question_back_keeps_its_announcement_while_its_place_is_asked_for(
    town: Town, between: tuple[str, ...]
) -> None:
    wang, announcement = told(town)
    moves_out(town, wang)
    assert "您问的是公告“停水通知”" in wang.says("停水到几点？") and town.rows("tickets")[-1]["text"] != "停水到几点？"

    for said in between:
        wang.says(said)
    answer = wang.says("紫荆苑3栋")

    assert re.search(r"#\d+", answer), answer
    assert (newest(town).announcement_id, newest(town).text) == (announcement, "停水到几点？")


def test_what_is_reported_beside_it_is_not_about_the_announcement(town: Town) -> None:
    wang, announcement = told(town)
    moves_out(town, wang)
    wang.says("停水到几点？")

    wang.says("紫荆苑3栋，楼道灯也坏了好几天了")

    with town.database.read() as session:
        query = select(Ticket.text, Ticket.announcement_id).order_by(Ticket.number.desc()).limit(2)
        light, water = session.execute(query).all()
    assert (water.text, water.announcement_id) == ("停水到几点？", announcement)
    assert "楼道灯" in light.text and light.announcement_id is None


@pytest.mark.parametrize("said", ["楼道灯什么时候修？", "电梯坏了"])
def test_another_matter_is_not_about_the_announcement(town: Town, said: str) -> None:
    wang, _ = told(town)
    wang.says(said)
    assert newest(town).announcement_id is None and newest(town).text == said


def test_days_later_a_question_is_a_question_of_its_own(town: Town) -> None:
    wang, _ = told(town)
    town.passes(days=2)
    assert "您问的是公告" not in wang.says("停水到几点？")


def test_the_grid_learns_once_who_has_not_answered(town: Town) -> None:
    code = house(town)
    wang, li, zhang = lives(town, code, "王阿姨", "李大爷", "张叔")
    announcement = approved(town, code, wants_receipt=True)
    goes(town)
    town.world.mass.tell_results()
    wang.says("1")

    list_unread(town.office)
    assert rows_of(town, "unread") == [], "not before a day has passed"
    town.passes(hours=24)
    for _ in range(2):
        list_unread(town.office)
        town.deliver()

    [card] = [card for card in town.cards(GRID) if "还没有已阅" in card]
    assert "2位居民还没有回复已阅" in card and not any(hand.openid in card for hand in (wang, li, zhang))
    assert states(town, announcement) == {"read": 1, "sent": 2}


def test_nobody_is_listed_when_no_receipt_was_wanted_or_it_is_night(town: Town) -> None:
    code = house(town)
    lives(town, code, "王阿姨", "李大爷")
    approved(town, code, title="不要回执")
    approved(town, code, title="要回执", wants_receipt=True)
    goes(town)
    town.world.mass.tell_results()
    town.passes(hours=24)
    night(town)

    list_unread(town.office)
    assert rows_of(town, "unread") == []
    town.passes(hours=8, minutes=5)
    list_unread(town.office)
    assert len(rows_of(town, "unread")) == 1


def test_nobody_silent_means_no_list(town: Town) -> None:
    code = house(town)
    hands = lives(town, code, "王阿姨", "李大爷")
    had_mass(town, hands, 0)
    approved(town, code, wants_receipt=True)
    goes(town)
    for hand in hands:
        hand.says("已阅")
    town.passes(hours=25)

    list_unread(town.office)

    with town.database.read() as session:
        assert session.scalar(select(func.count()).where(OutboxMessage.kind == "unread")) == 0
