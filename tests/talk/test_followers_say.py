"""What a neighbour who follows says of it: it hurries the ticket of all, and corrects nobody's but their own."""

import pytest
from sqlalchemy import select
from town import GRID, Town

from models.following import Follower
from models.label import Label

HERE, NEXT, FAR = "紫荆苑3栋", "紫荆苑2栋", "紫金苑7栋"
RUBBISH = "垃圾堆了一地没人收"


def said(town: Town, who: str, words: str, home: str = "") -> str:
    hand = town.world.resident(who)
    if home:
        hand.scans(f"b-{town.building(home)}")
        town.passes(seconds=2)
    answer = hand.says(words)
    town.passes(seconds=2)
    return answer


def rubbish(town: Town, *neighbours: str) -> int:
    """王阿姨's ticket, with these neighbours on it."""
    said(town, "王阿姨", RUBBISH, HERE)
    for name in neighbours:
        assert "已替您加入关注" in said(town, name, RUBBISH, HERE)
    number: int = town.ticket()["number"]
    return number


def events(town: Town, number: int, action: str) -> list[dict]:
    return [row for row in town.rows("events") if row["ticket"] == number and row["action"] == action]


def test_a_hundred_neighbours_who_ask_for_speed_are_a_few_lines_that_count_them(town: Town) -> None:
    names = [f"居民{index}" for index in range(40)]
    number = rubbish(town, *names)

    answers = [said(town, name, f"催办 {number}") for name in names]
    town.deliver()

    assert "一共4位居民在催" in answers[3] and "已经催过网格" in answers[3], "said honestly, though nobody is disturbed"
    assert "已替您催办" in answers[4] and "一共5位居民在催" in answers[4]
    lines = [card for card in town.cards(GRID) if f"#{number}" in card and "居民催办" in card]
    assert [f"一共{n}位" in line for n, line in zip((2, 3, 5, 10, 30), lines[1:], strict=True)] == [True] * 5
    assert "已经催过" in said(town, names[0], f"催办 {number}"), "each of them once in four hours"


def test_the_group_hears_again_after_the_pause_however_many_have_asked(town: Town) -> None:
    names = [f"居民{index}" for index in range(4)]
    number = rubbish(town, *names)
    for name in names[:3]:
        said(town, name, "催办")
    town.passes(hours=3)
    said(town, names[3], "催办")
    assert len(events(town, number, "remind")) == 3

    town.passes(hours=2)
    said(town, names[0], "催办")

    assert len(events(town, number, "remind")) == 4


def test_whoever_left_or_never_joined_hurries_nothing(town: Town) -> None:
    number = rubbish(town, "李大爷")
    said(town, "李大爷", f"取消关注 {number}")

    assert "没有正在办的事项可以催" in said(town, "李大爷", f"催办 {number}")
    assert "没有正在办的事项可以改类" in said(town, "孙师傅", f"改类 {number}")
    assert "没有正在办的事项可以换地址" in said(town, "孙师傅", f"换地址 {number}")
    assert events(town, number, "remind") == []


def test_a_matter_of_one_s_own_is_filed_and_nothing_changes_for_the_others(town: Town) -> None:
    number = rubbish(town, "李大爷", "孙师傅")
    before = town.ticket(number)

    said(town, "李大爷", f"改类 {number}")
    told = said(town, "李大爷", "路灯不亮")

    own = town.ticket()
    assert f"已登记 #{own['number']}" in told and own["number"] != number
    assert town.stored(own["number"]).text == f"{RUBBISH}（路灯不亮）" and own["building"] == before["building"]
    after = town.ticket(number)
    assert (after["matter"], after["place"], after["followers"]) == (before["matter"], before["place"], 1)
    assert "您名下没有" in said(town, "李大爷", f"进度 {number}")


def test_a_matter_picked_for_the_same_words_is_an_example_from_now_on(town: Town) -> None:
    number = rubbish(town, "李大爷")

    asked = said(town, "李大爷", f"改类 {number}")
    said(town, "李大爷", str(len(asked.splitlines()) - 1))

    own = town.ticket()
    assert own["matter"] == "other" and town.stored(own["number"]).text == RUBBISH
    with town.database.read() as session:
        [label] = session.scalars(select(Label).where(Label.ticket_number == own["number"]))
        assert (label.text, label.guessed, label.matter) == (RUBBISH, town.ticket(number)["matter"], "other")


def test_the_same_matter_after_all_leaves_them_where_they_are(town: Town) -> None:
    number = rubbish(town, "李大爷")

    said(town, "李大爷", f"改类 {number}")
    told = said(town, "李大爷", "垃圾没人清运")

    assert f"和 #{number} 是同一类，照样替您关注着" in told
    assert town.ticket()["number"] == number and town.ticket(number)["followers"] == 1


def test_elsewhere_joins_the_neighbours_who_reported_it_there(town: Town) -> None:
    number = rubbish(town, "李大爷", "孙师傅")
    said(town, "赵姐", RUBBISH, FAR)
    there = town.ticket()["number"]

    said(town, "李大爷", f"换地址 {number}")
    told = said(town, "李大爷", FAR)

    assert f"#{number} 照常给邻居办" in told and f"#{there} 垃圾" in told and "已有1位邻居反映" in told
    assert (town.ticket(number)["followers"], town.ticket(there)["followers"]) == (1, 1)
    assert town.ticket(number)["place"] == HERE


def test_a_place_that_turns_out_to_be_the_same_is_only_noted(town: Town) -> None:
    number = rubbish(town)
    said(town, "李大爷", RUBBISH, NEXT)
    with town.database.read() as session:
        assert session.scalars(select(Follower.building_code)).one() == town.building(NEXT)

    said(town, "李大爷", "换地址")
    told = said(town, "李大爷", f"{HERE}2单元")

    assert f"照样替您关注着 #{number}" in told
    with town.database.read() as session:
        assert session.scalars(select(Follower.building_code)).one() == town.building(HERE)


@pytest.mark.parametrize("words", ["改类", "换地址"])
def test_what_a_worker_merged_is_for_the_worker_to_part(town: Town, words: str) -> None:
    said(town, "王阿姨", RUBBISH, HERE)
    number = town.ticket()["number"]
    said(town, "李大爷", RUBBISH, FAR)
    other = town.ticket()["number"]
    group, chen = town.group(GRID), town.staff()["小陈"]
    group.says(chen, f"接单 {number}")
    town.group("990102001000").says(town.staff()["街道干部"], f"合并 {other} {number}")
    assert town.stored(other).merged_into == number

    told = said(town, "李大爷", f"{words} {other}")

    assert f"已转告办理人员：您说 #{other} 和 #{number} 不是同一件事" in told
    town.passes(minutes=1)
    town.deliver()
    assert any(f"撤销合并 {other}" in card for card in town.cards(GRID))
    with town.database.read() as session:
        assert session.scalars(select(Label)).all() == []
    assert town.ticket(number)["followers"] == 1


def test_without_a_number_the_report_they_made_last_is_meant(town: Town) -> None:
    said(town, "王阿姨", RUBBISH, HERE)
    shared = town.ticket()["number"]
    said(town, "李大爷", "楼道灯不亮了", HERE)
    own = town.ticket()["number"]
    said(town, "李大爷", RUBBISH)

    assert f"已替您催办 #{shared}" in said(town, "李大爷", "催办")
    assert f"已替您催办 #{own}" in said(town, "李大爷", f"催办 {own}")


def test_more_words_with_a_number_go_onto_that_ticket(town: Town) -> None:
    number = rubbish(town, "李大爷")
    said(town, "李大爷", "楼道灯不亮了")

    assert f"（#{number}）" in said(town, "李大爷", f"补充 {number}，就在后门那里")
    assert f"（#{number}）" in said(town, "王阿姨", f"我来补充一下#{number} 老鼠都有了")
    assert [row["note"] for row in events(town, number, "note")] == ["就在后门那里", "老鼠都有了"]
    assert "您名下没有" in said(town, "孙师傅", f"补充 {number} 还有我家门口")


def test_more_words_answer_the_worker_who_asked(town: Town) -> None:
    number = rubbish(town, "李大爷")
    group, chen = town.group(GRID), town.staff()["小陈"]
    group.says(chen, f"接单 {number}")
    group.says(chen, f"补充 {number} 是哪个门")

    said(town, "李大爷", f"补充 {number} 是后门")
    assert town.ticket(number)["status"] == "need_info", "only whoever was asked answers"
    assert "谢谢，已补充" in said(town, "王阿姨", f"补充 {number} 是后门")
    assert town.ticket(number)["status"] == "accepted"


def test_a_storey_is_no_ticket(town: Town) -> None:
    number = rubbish(town)

    assert "您名下没有" not in said(town, "王阿姨", "补充 3 楼也停水了")
    assert events(town, number, "note") == []
