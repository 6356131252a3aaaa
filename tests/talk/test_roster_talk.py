"""值班 in talk and by the clock: whose tickets go where when somebody is away, gone, or back."""

from datetime import date, timedelta

from sqlalchemy import select, update
from town import GRID, OTHER_GRID, TUESDAY, Town

from models.audit import AuditRow
from models.person import Person, Posting
from models.roster import LEAVE, RosterEntry
from models.ticket import Ticket
from scheduler.hand_over import hand_over_open

TODAY = date(2026, 11, 24)
CHEN, ZHENG, XIE = "chen", "p0032", "p0039"


def home(town: Town) -> str:
    return town.building("紫荆苑3栋")


def in_hand(town: Town, words: str = "楼道灯不亮了") -> int:
    """A ticket of 王阿姨 that 小陈 has signed."""
    town.resident("王阿姨", home=home(town)).says(words)
    number = town.ticket()["number"]
    assert "陈网格员接单" in town.group(GRID).says(town.staff()["小陈"], f"接单 {number}")
    return int(number)


def says(town: Town, who: str, words: str) -> str:
    return town.group(GRID).says(town.staff()[who], words)


def userid(town: Town, key: str) -> str:
    with town.database.read() as session:
        return session.get_one(Person, key).wecom_userid


def posting_ends(town: Town, key: str, day: date = TODAY) -> None:
    with town.database.write() as session:
        session.execute(update(Posting).where(Posting.person_key == key).values(to_day=day))


def worker(town: Town, key: str, duty: str = "full_time", area: str = GRID) -> None:
    with town.database.write() as session:
        session.add(Person(key=key, name="测小试", wecom_userid=key, userid_folded=key))
        session.flush()
        session.add(Posting(person_key=key, area_code=area, duty=duty))


def moves(town: Town, number: int) -> list[tuple[str, str]]:
    return [(row["action"], row["actor_kind"]) for row in town.rows("events") if row["ticket"] == number]


def nothing_left_over(town: Town) -> None:
    """Other people's tickets stand still, so that a test may count what moves."""
    with town.database.write() as session:
        session.execute(update(Ticket).where(Ticket.status == "accepted").values(status="handled"))


def acts(town: Town) -> list[tuple[str, str]]:
    with town.database.read() as session:
        return [(row.actor, row.action) for row in session.scalars(select(AuditRow).order_by(AuditRow.seq))]


def test_whose_posting_ends_hands_over_to_the_other_of_the_grid(town: Town) -> None:
    nothing_left_over(town)
    number = in_hand(town)
    worker(town, "li")
    posting_ends(town, CHEN)

    assert hand_over_open(town.office) == 1
    assert hand_over_open(town.office) == 0, "done once"

    ticket = town.stored(number)
    assert (ticket.holder_key, ticket.status, ticket.turn_code) == ("li", "accepted", GRID)
    town.deliver()
    assert sum("改由测网格员接着办" in text for text in town.resident("王阿姨").seen) == 1
    assert any(f"#{number}" in card and "<@li>" in card for card in town.cards(GRID))


def test_with_nobody_to_name_everybody_of_the_grid_may_sign(town: Town) -> None:
    nothing_left_over(town)
    number = in_hand(town)
    posting_ends(town, CHEN)

    assert hand_over_open(town.office) == 1

    ticket = town.stored(number)
    assert (ticket.status, ticket.holder_key, ticket.turn_code) == ("pending", None, GRID)
    assert "周网格长接单" in says(town, "周网格长", f"接单 {number}")


def test_a_grid_without_anybody_gives_it_to_the_community(town: Town) -> None:
    nothing_left_over(town)
    number = in_hand(town)
    for key in (CHEN, ZHENG, "zhou"):
        posting_ends(town, key)

    assert hand_over_open(town.office) == 1

    assert (town.stored(number).status, town.stored(number).level) == ("pending", "community")


def test_a_posting_that_goes_on_elsewhere_in_the_grid_keeps_its_tickets(town: Town) -> None:
    number = in_hand(town)
    posting_ends(town, CHEN)
    with town.database.write() as session:
        session.add(Posting(person_key=CHEN, area_code=GRID, duty="part_time"))
    nothing = hand_over_open(town.office)
    assert nothing == 0 and town.stored(number).holder_key == CHEN


def test_a_short_leave_keeps_the_tickets_and_a_long_one_hands_them_over(town: Town) -> None:
    nothing_left_over(town)
    number = in_hand(town)

    assert "请假" in says(town, "小陈", "请假 今天")
    assert hand_over_open(town.office) == 0
    says(town, "小陈", "请假 明天到后天")
    town.passes(minutes=1)
    assert hand_over_open(town.office) == 1

    assert town.stored(number).holder_key == ZHENG, "whoever is there, part-time too"
    assert moves(town, number)[-1] == ("hand_over", "system")


def test_with_a_stand_in_the_tickets_stay_however_long_the_leave(town: Town) -> None:
    nothing_left_over(town)
    number = in_hand(town)
    says(town, "小陈", "请假 11-24到11-30 小谢顶班")
    town.passes(minutes=1)

    assert hand_over_open(town.office) == 0 and town.stored(number).holder_key == CHEN


def test_whoever_signs_during_their_leave_means_to_do_it(town: Town) -> None:
    nothing_left_over(town)
    says(town, "小陈", "请假 三天")
    town.passes(minutes=1)
    number = in_hand(town)
    town.passes(minutes=1)

    assert hand_over_open(town.office) == 0 and town.stored(number).holder_key == CHEN


def test_a_leave_that_has_not_begun_moves_nothing(town: Town) -> None:
    number = in_hand(town)
    says(town, "小陈", "请假 明天到11-30")
    assert hand_over_open(town.office) == 0 and town.stored(number).holder_key == CHEN


def test_nobody_is_told_at_night_who_comes_tomorrow(town: Town) -> None:
    nothing_left_over(town)
    number = in_hand(town)
    posting_ends(town, CHEN, TODAY + timedelta(days=1))
    town.moment = TUESDAY + timedelta(hours=15)  # 01:00 on Wednesday
    assert hand_over_open(town.office) == 0
    town.moment = TUESDAY + timedelta(hours=23)  # 09:00
    assert hand_over_open(town.office) == 1 and town.stored(number).status == "pending"


def test_what_is_handled_waits_for_the_resident_and_deferred_goes_over(town: Town) -> None:
    nothing_left_over(town)
    handled, deferred = in_hand(town), in_hand(town, "下水道堵了，污水往外冒")
    says(town, "小陈", f"办结 {handled} 灯泡已换")
    says(town, "小陈", f"挂账 {deferred} 12-10 等配件")
    worker(town, "li")
    posting_ends(town, CHEN)

    assert hand_over_open(town.office) == 1

    assert town.stored(handled).holder_key == CHEN
    assert (town.stored(deferred).holder_key, town.stored(deferred).status) == ("li", "deferred")


def test_what_a_stand_in_took_comes_back_when_their_time_is_over(town: Town) -> None:
    nothing_left_over(town)
    says(town, "小陈", "请假 今天 小谢顶班")
    town.resident("王阿姨", home=home(town)).says("楼道灯不亮了")
    number = town.ticket()["number"]
    assert "谢网格员接单" in says(town, "外网格员", f"接单 {number}")
    town.passes(minutes=1)
    assert hand_over_open(town.office) == 0

    says(town, "小陈", "销假")
    town.passes(minutes=1)

    assert hand_over_open(town.office) == 1 and town.stored(number).holder_key == CHEN


def test_a_stand_in_may_do_all_that_the_duty_may_and_only_while_it_lasts(town: Town) -> None:
    number = in_hand(town)
    assert "没有您能办的" in says(town, "外网格员", f"详情 {number}")
    says(town, "小陈", "小谢 顶班 今天")

    assert f"#{number}" in says(town, "外网格员", f"详情 {number}")
    says(town, "外网格员", f"回复 {number} 师傅在路上")
    assert moves(town, number)[-1] == ("reply", "worker")
    town.passes(hours=15)
    assert "没有您能办的" in says(town, "外网格员", f"详情 {number}")


def test_the_card_of_a_ticket_calls_the_stand_in_by_name_and_else_nobody(town: Town) -> None:
    town.resident("王阿姨", home=home(town)).says("楼道灯不亮了")
    town.deliver()
    assert "<@" not in town.cards(GRID)[-1]

    says(town, "小陈", "请假 今天 小谢顶班")
    town.resident("李大爷", home=home(town)).says("下水道堵了，污水往外冒")
    town.deliver()

    assert town.cards(GRID)[-1].count("<@") == 1 and f"<@{userid(town, XIE)}>" in town.cards(GRID)[-1]


def test_an_emergency_calls_nobody_who_is_on_leave(town: Town) -> None:
    says(town, "小陈", "请假 今天")
    town.resident("王阿姨", home=home(town)).says("着火了，3栋楼道冒浓烟")
    town.deliver()

    card = next(card for card in reversed(town.cards(GRID)) if "紧急" in card)
    assert f"<@{userid(town, ZHENG)}>" in card and f"<@{userid(town, CHEN)}>" not in card


def test_each_of_it_is_in_the_audit_trail_without_a_word_of_the_reason(town: Town) -> None:
    in_hand(town)
    before = len(acts(town))
    for words in ("请假 明天 看病", "销假", "小谢 顶班 明天", "小谢 取消顶班", "交班 小郑"):
        says(town, "小陈", words)
    says(town, "外网格员", "请假 小陈 明天")

    assert acts(town)[before:] == [
        (CHEN, "roster.leave"), (CHEN, "roster.back"), (CHEN, "roster.stand_in"), (CHEN, "roster.stand_in_off"),
        (CHEN, "roster.hand_over"), (XIE, "refused"),
    ]  # fmt: skip
    assert "看病" not in str(town.rows("audit"))


def test_a_leave_said_twice_is_one_and_a_leader_says_it_for_the_grid_only(town: Town) -> None:
    with town.database.write() as session:
        session.add(Posting(person_key=CHEN, area_code=OTHER_GRID, duty="part_time"))
    for _ in range(2):
        says(town, "周网格长", "请假 小陈 明天")

    with town.database.read() as session:
        [entry] = session.scalars(select(RosterEntry).where(RosterEntry.person_key == CHEN)).all()
    assert (entry.person_key, entry.kind, entry.area_code, entry.created_by) == (CHEN, LEAVE, GRID, "zhou")


def test_an_ambiguous_name_changes_nothing(town: Town) -> None:
    worker(town, "t1")
    worker(town, "t2")

    assert "不止一位" in says(town, "小陈", "小测 顶班 明天")

    with town.database.read() as session:
        assert session.scalars(select(RosterEntry).where(RosterEntry.created_by == CHEN)).all() == []


def test_in_a_single_chat_the_roster_is_that_of_the_speaker(town: Town) -> None:
    chen = town.staff()["小陈"]
    assert "望月社区第三网格现在值班：陈网格员" in town.world.single_chat(chen).says(chen, "值班")
