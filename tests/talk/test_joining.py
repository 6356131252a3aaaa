"""The same matter at the same place: neighbours join, a flood is one ticket, nobody is lost and nobody sees too much."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import event, select
from town import Town

from models.area import Building
from models.person import Posting
from models.ticket import Ticket

HERE, NEXT, FAR = "紫荆苑3栋", "紫荆苑2栋", "紫荆苑5栋"


def said(town: Town, who: str, home: str, words: str) -> str:
    hand = town.world.resident(who)
    if home:
        hand.scans(f"b-{town.building(home)}")
        town.passes(seconds=2)
    answer = hand.says(words)
    town.passes(seconds=2)
    return answer


def reports(town: Town, matter: str) -> list[dict]:
    return [row for row in town.rows("tickets") if row["matter"] == matter and row["created_at"] >= "2026-11-24"]


def test_one_power_cut_is_one_ticket_with_one_answer_each(town: Town) -> None:
    homes = [town.building(f"紫荆苑{number}栋") for number in (1, 2, 3, 4)]
    for index in range(300):
        hand = town.world.resident(f"居民{index}")
        hand.scans(f"b-{homes[index % 4]}")
        town.passes(seconds=1)
        answer = hand.says("停电了")
        town.passes(seconds=1)
        assert f"已有{index}位邻居反映" in answer if index else "已登记" in answer
        if index % 20 == 19:
            town.tick()
    town.tick()

    [ticket] = reports(town, "power_outage")
    assert ticket["followers"] == 299 and len(ticket["message_ids"]) == 300
    decisions = Counter(row["decision"] for row in town.rows("messages") if row["id"] in ticket["message_ids"])
    assert decisions == {"ticket": 1, "joined": 299}
    told = Counter(row["kind"] for row in town.rows("outbox") if row["ticket"] == ticket["number"])
    assert told == {"card": 1, "follow": 1, "growing": 5}, "one card, and its count at 3, 10, 30, 100 and 300"
    lines = [card for card in town.cards("gs") if "位居民反映" in card]
    assert [n for n in (3, 10, 30, 100, 300) if any(f"已有{n}位" in line for line in lines)] == [3, 10, 30, 100, 300]
    assert all(card.splitlines()[0].count(f"#{ticket['number']}") == 1 for card in lines)


def test_the_three_hundredth_costs_what_the_third_cost(town: Town) -> None:
    statements: list[str] = []
    event.listen(town.database.engine, "before_cursor_execute", lambda *call: statements.append(call[2]))

    def cost(index: int) -> int:
        hand = town.world.resident(f"居民{index}")
        hand.scans(f"b-{town.building(HERE)}")
        before = len(statements)
        hand.says("停电了")
        town.passes(seconds=2)
        return len(statements) - before

    spent = [cost(index) for index in range(60)]

    assert spent[50] == spent[5]


def test_eight_first_calls_at_the_same_moment_are_one_ticket(town: Town) -> None:
    names = [f"居民{index}" for index in range(8)]
    for name in names:
        said(town, name, HERE, "你好")

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda name: town.world.resident(name).says("停电了"), names))

    assert sum("已登记" in answer for answer in answers) == 1, answers
    [ticket] = reports(town, "power_outage")
    assert ticket["followers"] == 7


def test_one_s_own_report_said_again_is_a_ticket_of_its_own(town: Town) -> None:
    said(town, "王阿姨", HERE, "停电了")

    answer = said(town, "王阿姨", "", "停电了")

    assert "已登记" in answer and "邻居" not in answer


def test_another_place_another_matter_or_an_old_ticket_joins_nothing(town: Town) -> None:
    said(town, "王阿姨", HERE, "楼道灯不亮了")

    assert "已登记" in said(town, "李大爷", NEXT, "楼道灯不亮了"), "a lamp is a matter of its building"
    assert "已登记" in said(town, "孙师傅", HERE, "下水道堵了")
    assert "已有1位邻居反映" in said(town, "赵姐", HERE, "楼道灯不亮了")
    town.passes(days=15)
    assert "已登记" in said(town, "钱叔", HERE, "楼道灯不亮了")


def test_another_unit_has_a_lamp_of_its_own(town: Town) -> None:
    said(town, "王阿姨", "", f"{HERE}1单元楼道灯不亮了")

    assert "已登记" in said(town, "李大爷", "", f"{HERE}2单元楼道灯不亮了")
    assert "邻居反映" in said(town, "孙师傅", "", f"{HERE}1单元楼道灯不亮了")


def test_a_disputed_or_confidential_matter_is_everybody_s_own(town: Town) -> None:
    said(town, "王阿姨", HERE, "我要举报传销窝点")

    answer = said(town, "李大爷", HERE, "我要举报传销窝点")

    assert "邻居" not in answer


def test_neighbours_without_coordinates_meet_in_their_estate(town: Town) -> None:
    with town.database.write() as session:
        for building in session.scalars(select(Building).where(Building.estate == "紫荆苑")):
            building.latitude = building.longitude = None
    town.office._catalogue = None

    said(town, "王阿姨", HERE, "停电了")

    assert "已有1位邻居反映" in said(town, "李大爷", FAR, "停电了")
    assert "已登记" in said(town, "孙师傅", HERE, "楼道灯不亮了")
    assert "已登记" in said(town, "赵姐", FAR, "楼道灯不亮了"), "a lamp is a matter of its building"


def test_two_emergencies_whose_place_is_unknown_are_two(town: Town) -> None:
    first = town.world.resident("王阿姨").says("着火了着火了快来人")
    town.passes(seconds=2)
    second = town.world.resident("李大爷").says("着火了着火了快来人")

    assert "已登记" in first and "已登记" in second
    assert len(reports(town, "fire")) == 2


def test_what_is_done_already_is_joined_by_nobody(town: Town) -> None:
    """Whoever reports it after 办结 says that it is not done: that is news, and no follower of a finished thing."""
    number = town_with_lamp(town)
    town.group("990102001001003").says(town.staff()["小陈"], f"办结 {number} 换了")

    assert "已登记" in said(town, "李大爷", HERE, "楼道灯不亮了")


def town_with_lamp(town: Town) -> int:
    said(town, "王阿姨", HERE, "楼道灯不亮了")
    number: int = town.ticket()["number"]
    return number


def test_words_that_speak_of_somebody_are_not_shown_to_neighbours(town: Town) -> None:
    said(town, "王阿姨", HERE, "楼道灯不亮了，我妈摔了一跤，电话13812340000")

    answer = said(town, "李大爷", HERE, "楼道灯不亮了")

    assert "已有1位邻居反映。" in answer and "妈" not in answer and "138" not in answer


def test_the_neighbour_s_door_stays_the_neighbour_s(town: Town) -> None:
    """A second matter a moment after joining is at one's own place, not where the first reporter lives."""
    said(town, "王阿姨", "", "我住紫荆苑3栋2单元501")
    said(town, "王阿姨", "", "停电了")
    said(town, "李大爷", "", "紫荆苑2栋1单元停电了")

    answer = said(town, "李大爷", "", "还有下水道也堵了")

    assert "地点：紫荆苑2栋1单元" in answer
    with town.database.read() as session:
        own = session.scalars(select(Ticket).order_by(Ticket.number.desc())).first()
        assert own is not None and own.door == "" and own.building_code == town.building(NEXT)


def test_a_follower_can_neither_close_nor_change_what_is_not_theirs(town: Town) -> None:
    number = town_with_lamp(town)
    said(town, "李大爷", HERE, "楼道灯不亮了")
    before = town.ticket(number)

    for words in (f"改类 {number}", f"换地址 {number}", f"催办 {number}"):
        said(town, "李大爷", "", words)
    town.group("990102001001003").says(town.staff()["小陈"], f"办结 {number} 换了")
    said(town, "李大爷", "", "修好了")

    assert town.ticket(number)["status"] == "handled"
    assert town.ticket(number)["matter"] == before["matter"] and town.ticket(number)["place"] == before["place"]


def test_whoever_has_left_hears_nothing_more_and_adds_nothing_more(town: Town) -> None:
    number = town_with_lamp(town)
    said(town, "李大爷", HERE, "楼道灯不亮了")
    said(town, "李大爷", "", f"取消关注 {number}")
    events = len([row for row in town.rows("events") if row["ticket"] == number])

    said(town, "李大爷", "", "就在门口那里")
    town.group("990102001001003").says(town.staff()["小陈"], f"接单 {number}")
    town.tick()

    assert town.ticket(number)["followers"] == 0
    assert len([row for row in town.rows("events") if row["ticket"] == number]) == events + 1
    assert not [item for item in town.world.resident("李大爷").screen if item.side == "push"]


def test_forty_for_whom_it_is_not_solved_are_one_new_ticket(town: Town) -> None:
    """Power is back in house 3, not in house 2: the second house is one ticket, not forty."""
    said(town, "王阿姨", HERE, "停电了")
    number = town.ticket()["number"]
    names = [f"居民{index}" for index in range(5)]
    for name in names:
        said(town, name, NEXT, "停电了")
    with town.database.read() as session:
        at_utilities = select(Posting).where(Posting.department_code == "gs", Posting.duty == "liaison")
        liaison = session.scalars(at_utilities).one().person.wecom_userid
    town.group("gs").says(liaison, f"办结 {number} 已送电")

    answers = [said(town, name, "", "我这里没解决") for name in names]

    assert "给您家单独登记了" in answers[0]
    assert all("已有邻居另外登记" in answer for answer in answers[1:]), answers
    old, new = reports(town, "power_outage")
    assert (old["followers"], new["followers"]) == (0, 4) and new["explained"]["split_from"] == number
    town.tick()
    assert sum("有邻居说自己家没解决" in card for card in town.cards("gs")) == 1
