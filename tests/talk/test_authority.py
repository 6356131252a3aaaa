"""Who may do what, and from which chat: every duty × place × action against contract §9, through the group's door."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from itertools import count

import pytest
from sqlalchemy import func, select
from town import COMMUNITY, GRID, OTHER_GRID, STREET, Town

from models.audit import AuditRow
from models.outbox import OutboxMessage
from models.person import DUTY_NAMES, HANDLER_DUTIES, Person, Posting
from models.ticket import Ticket, TicketEvent

TODAY = date(2026, 11, 24)
SAID = {
    "accept": "接单 {n}",
    "reply": "回复 {n} 师傅在路上",
    "need_info": "补充 {n} 是几楼？",
    "handle": "办结 {n} 灯泡已换",
    "transfer": "转派 {n} " + OTHER_GRID,
    "return": "退单 {n} 不在本网格",
    "read": "详情 {n}",
}
HANDLING = set(SAID)
OVERSEEING = {"transfer", "return", "read"}
ON_THE_LINE = {GRID, COMMUNITY, STREET, "single"}
PLACES = (GRID, COMMUNITY, STREET, OTHER_GRID, "wy", "nowhere", "single")
TELLING = ("路灯", "紫荆苑", "不亮", "王阿姨", "陈")


KEYS = count()


@pytest.fixture
def town(busy_town: Town) -> Town:
    return busy_town


def home_of(duty: str) -> tuple[str | None, str | None]:
    """Area or department where somebody of this duty sits."""
    match duty:
        case "staff":
            return COMMUNITY, None
        case "operator":
            return STREET, None
        case "liaison":
            return None, "wy"
    return GRID, None


def rights(duty: str) -> set[str]:
    if duty in HANDLER_DUTIES:
        return HANDLING
    if duty == "staff":
        return OVERSEEING
    return set() if duty == "liaison" else {"read"}


def posted(
    town: Town,
    key: str,
    duty: str,
    area: str | None = None,
    department: str | None = None,
    since: date | None = None,
    until: date | None = None,
) -> str:
    """Somebody new with this duty; returns their userid."""
    key = f"{key}-{next(KEYS)}"
    with town.database.write() as session:
        session.add(Person(key=key, name="测小试", wecom_userid=key, userid_folded=key))
        session.flush()
        session.add(
            Posting(person_key=key, area_code=area, department_code=department, duty=duty, from_day=since, to_day=until)
        )
    return key


def says(town: Town, place: str, who: str, words: str) -> str:
    hand = town.world.single_chat(who) if place == "single" else town.group(place)
    answer = hand.says(who, words)
    assert hand.last_outcome.ok
    return answer


def facts(town: Town, number: int) -> tuple[object, ...]:
    """What a refusal must leave as it is."""
    with town.database.read() as session:
        ticket = session.get_one(Ticket, number)
        counts = [session.scalar(select(func.count()).select_from(table)) for table in (TicketEvent, OutboxMessage)]
        return ticket.status, ticket.version, ticket.holder_key, ticket.area_code, ticket.due_at, *counts


def refusals(town: Town, actor: str) -> int:
    with town.database.read() as session:
        query = select(func.count()).where(AuditRow.actor == actor, AuditRow.action == "refused")
        return session.scalar(query) or 0


def assert_refused(town: Town, number: int, place: str, who: str, words: str) -> None:
    before, audited = facts(town, number), refusals(town, who)

    answer = says(town, place, who, words.format(n=number))

    assert facts(town, number) == before, f"{who} in {place}: {words}"
    assert refusals(town, who) == audited + 1, f"{who} in {place}: {words}"
    assert answer and not any(word in answer for word in TELLING), answer


@pytest.fixture
def tickets(town: Town) -> Iterator[int]:
    """One new ticket of one neighbour after the other."""
    home = town.building("紫荆苑3栋")

    def filed() -> Iterator[int]:
        for neighbour in KEYS:
            town.passes(seconds=1)
            town.resident(f"邻居{neighbour}", home=home).says("楼道灯不亮了")
            with town.database.read() as session:
                yield int(session.scalar(select(func.max(Ticket.number))) or 0)

    return filed()


@pytest.mark.parametrize("duty", sorted(DUTY_NAMES))
def test_duty_may_do_this_and_nothing_else(town: Town, tickets: Iterator[int], duty: str) -> None:
    area, department = home_of(duty)
    who = posted(town, f"t-{duty}", duty, area, department)
    waiting = next(tickets)

    for place in PLACES:
        for action, words in SAID.items():
            if place not in ON_THE_LINE or action not in rights(duty):
                assert_refused(town, waiting, place, who, words)
                continue
            number = waiting if action == "read" else next(tickets)
            before = facts(town, number)

            answer = says(town, place, who, words.format(n=number))

            assert f"#{number}" in answer
            assert (facts(town, number) == before) == (action == "read"), f"{duty} in {place}: {words} → {answer}"


@pytest.mark.parametrize("duty", ["grid_leader", "full_time", "part_time", "staff", "advisor"])
def test_the_same_duty_elsewhere_gives_nothing(town: Town, tickets: Iterator[int], duty: str) -> None:
    elsewhere = f"{STREET[:9]}002" if duty == "staff" else OTHER_GRID
    who = posted(town, f"t-{duty}", duty, elsewhere)
    number = next(tickets)

    for place in (GRID, COMMUNITY, "single", elsewhere):
        for words in SAID.values():
            assert_refused(town, number, place, who, words)


@pytest.mark.parametrize(
    ("since", "until", "counts"),
    [
        (None, None, True),
        (TODAY, None, True),
        (None, TODAY + timedelta(days=1), True),
        (None, TODAY, False),  # `to` is exclusive
        (TODAY + timedelta(days=1), None, False),
        (None, TODAY - timedelta(days=30), False),
    ],
)
def test_a_posting_counts_only_in_its_time(
    town: Town, tickets: Iterator[int], since: date | None, until: date | None, counts: bool
) -> None:
    who = posted(town, "t-time", "full_time", GRID, since=since, until=until)
    number = next(tickets)

    if not counts:
        for words in SAID.values():
            assert_refused(town, number, GRID, who, words)
        assert "值班名册" in says(town, GRID, who, "待办") and "值班名册" in says(town, GRID, who, "统计")
        return
    assert "接单" in says(town, GRID, who, f"接单 {number}")
    assert town.ticket(number)["holder"] == who


def test_the_day_is_the_one_in_shanghai(build_town: Callable[[], Town]) -> None:
    town = build_town()
    who = posted(town, "t-night", "full_time", GRID, until=TODAY)
    town.moment = town.moment.replace(day=23, hour=15, minute=50)
    town.resident("王阿姨", home=town.building("紫荆苑3栋")).says("楼道灯不亮了")
    number = town.ticket()["number"]
    assert "由测网格员接单" in says(town, GRID, who, f"接单 {number}")  # 23:50 on the 23rd: still posted

    town.passes(minutes=10)

    assert_refused(town, number, GRID, who, "办结 {n} 好了")


def test_a_stranger_hears_nothing(town: Town, tickets: Iterator[int]) -> None:
    number = next(tickets)
    before, audited = facts(town, number), len(town.rows("audit"))

    answers = {says(town, place, "PasserBy", words.format(n=number)) for place in PLACES for words in SAID.values()}

    assert facts(town, number) == before and len(town.rows("audit")) == audited + len(PLACES) * len(SAID)
    assert answers == {"您不在值班名册里，不能办工单。请联系网格长登记。"}


def test_a_number_that_does_not_exist_is_refused_in_the_same_words(town: Town, tickets: Iterator[int]) -> None:
    who = posted(town, "t-other", "full_time", OTHER_GRID)
    number = next(tickets)

    real, invented = (says(town, OTHER_GRID, who, f"接单 {n}") for n in (number, 98765))

    assert real.replace(str(number), "98765") == invented


def test_a_liaison_handles_what_their_department_has(town: Town) -> None:
    wang = town.resident("举报人", home=town.building("紫荆苑3栋"))
    wang.says("我要举报社区干部收红包")
    number = town.ticket()["number"]
    own, other = posted(town, "t-jw", "liaison", None, "jw"), posted(town, "t-wy", "liaison", None, "wy")

    assert_refused(town, number, "jw", other, SAID["accept"])
    assert_refused(town, number, "wy", own, SAID["accept"])
    says(town, "jw", own, f"接单 {number}")

    assert town.ticket(number)["holder"] == own
    [event] = [row for row in town.rows("events") if row["ticket"] == number and row["action"] == "accept"]
    assert event["actor_kind"] == "department"


def test_reading_without_a_right_to_act_shows_no_door_and_no_phone(town: Town) -> None:
    wang = town.resident("读者")
    wang.says("我住紫荆苑3栋2单元501")
    wang.says("楼道灯不亮了，电话13812340000")
    number = town.ticket()["number"]
    volunteer, worker = posted(town, "t-vol", "volunteer", GRID), posted(town, "t-full", "full_time", GRID)

    public, read, worked = (
        says(town, place, who, f"详情 {number}")
        for place, who in ((GRID, worker), ("single", volunteer), ("single", worker))
    )

    for words in (public, read):
        assert "501" not in words and "13812340000" not in words and "紫荆苑3栋2单元" in words
    assert "501" in worked and "13812340000" in worked
    assert [row["action"] for row in town.rows("audit")][-1] == "ticket.read"


def test_a_list_of_work_speaks_only_of_what_this_chat_may_hear(town: Town, tickets: Iterator[int]) -> None:
    number = next(tickets)
    chen = town.staff()["小陈"]
    says(town, GRID, chen, f"接单 {number}")

    for place in PLACES:
        assert (f"#{number}" in says(town, place, chen, "待办")) == (place in ON_THE_LINE)


BINDERS = {"grid_leader", "full_time", "advisor"}


def test_a_chat_is_bound_by_those_who_may(build_town: Callable[[], Town]) -> None:
    town = build_town()
    for duty in sorted(DUTY_NAMES):
        who = posted(town, f"t-{duty}", duty, *home_of(duty))
        audited = len(town.rows("audit"))

        answer = says(town, f"new-{duty}", who, f"绑定 {GRID}")

        rows = [row["action"] for row in town.rows("audit")[audited:]]
        if duty in BINDERS or duty == "staff":
            assert "已绑定望月社区第三网格" in answer and rows == ["group.bind"]
            assert says(town, f"new-{duty}", town.staff()["小陈"], "待办").startswith("待办")
        else:
            assert "没有绑定" in answer and rows == ["refused"]


def test_a_chat_is_bound_to_an_area_one_answers_for(build_town: Callable[[], Town]) -> None:
    town = build_town()
    tried = (
        ("full_time", GRID, OTHER_GRID, "brand-new", False),
        ("full_time", GRID, COMMUNITY, "brand-new", False),
        ("full_time", GRID, "no-such-area", "brand-new", False),
        ("full_time", GRID, GRID, OTHER_GRID, False),  # another grid's group is not theirs to take
        ("staff", STREET, GRID, "wy", False),
        ("staff", COMMUNITY, GRID, "brand-new", True),
        ("staff", COMMUNITY, GRID, OTHER_GRID, True),
        ("staff", STREET, COMMUNITY, "newer", True),
    )
    for number, (duty, home, code, place, bound) in enumerate(tried):
        who = posted(town, f"t-{number}", duty, home)

        answer = says(town, place, who, f"绑定 {code}")

        assert ("已绑定" in answer) == bound, f"{duty} of {home} in {place}: {code}"
