"""What is pushed tells the truth at the moment it is read: no promise in the past, no place twice, who should have it."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from town import COMMUNITY, GRID, OTHER_GRID, STREET, Town

from bot.notices import together
from bot.when import span_said, when_said
from models.ticket import Ticket
from tests.clocks.scene import CHEN, HOLDS, cards, hours, minutes_pass, move, told
from tests.delivery.scene import file, writer

NOW, ZONE = datetime(2026, 11, 24, 2, 0, tzinfo=UTC), ZoneInfo("Asia/Shanghai")


def test_whoever_signs_too_late_promises_nothing_that_is_over(town: Town) -> None:
    wang = writer(town)
    number = file(town, wang)
    town.passes(hours=6)

    answer = town.group(GRID).says(town.staff()["小陈"], f"接单 {number}")
    town.deliver()

    assert "承诺是 今天 12:00，已经超时，请尽快办" in answer
    assert told(wang, number, "陈网格员已接单，原定的时间已过，会抓紧办。") == 1
    assert told(wang, number, "前办好") == 0


def test_a_card_that_is_sent_on_late_does_not_ask_for_an_answer_after_the_end(town: Town) -> None:
    number = file(town, writer(town))
    move(town, number, CHEN, "accept", **HOLDS)
    town.passes(hours=1.9)
    town.group(GRID).says(town.staff()["小陈"], f"转派 {number} {OTHER_GRID}")
    town.deliver()

    [card] = cards(town, OTHER_GRID, number, "【转派】")
    assert "> 承诺：今天 12:00 前办好\n" in card and "前回应" not in card
    town.passes(hours=3)
    town.group(OTHER_GRID).says(town.staff()["外网格员"], f"转派 {number} {GRID}")
    town.deliver()
    assert "> 承诺：今天 12:00 前办好，已超时" in cards(town, GRID, number, "【转派】")[-1]


def test_a_deferral_names_its_day_even_when_it_is_over_again(town: Town) -> None:
    wang = writer(town)
    number = file(town, wang)
    move(town, number, CHEN, "accept", **HOLDS)
    staff = town.staff()

    assert "12月10日自动恢复" in town.group(GRID).says(staff["小陈"], f"挂账 {number} 12-10 等配件")
    town.group(GRID).says(staff["小陈"], f"办结 {number} 配件到了，装好了")
    town.deliver()

    assert cards(town, COMMUNITY, number, "已挂账到12月10日：等配件")
    assert told(wang, number, "12月10日再看") == 1


def test_the_level_that_is_woken_reads_the_area_once_when_the_place_is_not_known(town: Town) -> None:
    number = file(town, writer(town), area=COMMUNITY)
    with town.database.write() as session:
        session.get_one(Ticket, number).place = ""

    minutes_pass(town, town.moment + hours(1))

    [card] = cards(town, STREET, number, "【上报街道】")
    assert "望月社区" in card and card.count("望月社区") == 1


def test_the_level_that_is_woken_reads_which_department_should_have_it(town: Town) -> None:
    number = file(town, writer(town), matter="power_outage")

    minutes_pass(town, town.moment + hours(1))

    card = next(card for card in cards(town, COMMUNITY, number) if "【上报社区】" in card)
    assert "现在：归" in card and "办，还没人接" in card


def test_in_danger_nobody_is_told_of_a_time_that_was_never_named(town: Town) -> None:
    wang = writer(town)
    number = file(town, wang, matter="gas_leak")

    minutes_pass(town, town.moment + hours(3))

    assert told(wang, number, "没能按说好的时间") == 0
    assert told(wang, number, "还没有人接单") and told(wang, number, "110、119或120")


def test_a_score_is_one_digit_under_the_card_that_asks_for_it(town: Town) -> None:
    wang, staff, grid, office = writer(town), town.staff(), town.group(GRID), town.group("cg")
    number = file(town, wang)
    grid.says(staff["小陈"], f"接单 {number}")
    grid.says(staff["小陈"], f"吹哨 {number} 城管 占道")
    town.deliver()
    whistle = next(card for card in office.cards if "【吹哨】" in card.text)

    assert "已报到" in office.says(staff["城管联络员"], "1", quote=whistle)
    office.says(staff["城管联络员"], f"反馈 {number} 清走了")
    town.deliver()
    asked = next(card for card in grid.cards if "请打分" in card.text)
    assert "打1分" in grid.says(staff["小陈"], "1", quote=asked)
    town.deliver()
    assert not any("：1" in text for text in wang.seen)


def test_news_that_is_the_same_for_several_tickets_is_said_once() -> None:
    late = "对不起，还没有人接单，已上报望月社区，请他们盯着办。"
    asked = "#7 路灯\n陈网格员：换了\n请问解决了吗？回复数字：\n1 已解决"

    said = together([f"#5 路灯：{late}", asked, f"#6 下水道：{late}", "#8 井盖：改由李网格员接着办。"])

    assert said == f"#5 路灯、#6 下水道：{late}\n\n{asked}\n\n#8 井盖：改由李网格员接着办。"
    assert together([asked, asked]) == asked
    assert together([]) == ""


# said | the day | the rest
MONTHS = """
明年三月 没钱 | 2027-03-01 | 没钱
到明年三月，等拨款 | 2027-03-01 | 等拨款
3月 等天暖 | 2027-03-01 | 等天暖
三月底 等天暖 | 2027-03-31 | 等天暖
明年1月中旬 等批复 | 2027-01-15 | 等批复
2027年5月 等拨款 | 2027-05-01 | 等拨款
明年12-15 等拨款 | 2027-12-15 | 等拨款
明年3月5号 等拨款 | 2027-03-05 | 等拨款
12月 等配件 | 2026-12-01 | 等配件
11月 等配件 | 2026-11-30 | 等配件
下月5号 等配件 | 2026-12-05 | 等配件
下个月底 等配件 | 2026-12-31 | 等配件
三个月 等配件 | 2027-02-22 | 等配件
三月后 等配件 | 2027-02-22 | 等配件
两月 等配件 | 2027-01-23 | 等配件
月底 等配件 | 2026-11-30 | 等配件
12月10日 等配件 | 2026-12-10 | 等配件
"""


@pytest.mark.parametrize("row", MONTHS.strip().splitlines())
def test_a_month_is_that_month_and_so_many_months_are_counted(row: str) -> None:
    said, day, rest = (cell.strip() for cell in row.split("|"))

    found = when_said(said, NOW, ZONE)

    assert found and (found.moment.date().isoformat(), found.rest) == (day, rest)


def test_whoever_is_away_for_a_month_says_from_when_to_when() -> None:
    assert span_said("三月", NOW, ZONE) is None
    assert span_said("下月底", NOW, ZONE) is None
    span = span_said("明年11月1日到11月3日", NOW, ZONE)
    assert span and (span.since.date().isoformat(), span.until.date().isoformat()) == ("2027-11-01", "2027-11-04")
