"""`flask remind`: reminders into the groups of grids, by staff who answer for the area."""

import json
from datetime import datetime
from threading import Thread
from zoneinfo import ZoneInfo

from sqlalchemy import select
from town import COMMUNITY, GRID, OTHER_GRID, STREET, Town

from models.outbox import OutboxMessage
from models.person import Posting
from models.reminder import REMINDER, Reminder
from models.resident import Resident
from scheduler.remind import remind

ZONE = ZoneInfo("Asia/Shanghai")
RULE = ("--rule", "每月5日 09:00", "--text", "高温前走访独居老人")


def run(town: Town, *words: str) -> tuple[int, str]:
    result = town.app.test_cli_runner().invoke(args=["remind", *words])
    return result.exit_code, result.output


def reminded(town: Town, code: str) -> list[str]:
    return [text for text in town.cards(code) if "【提醒】" in text]


def test_the_groups_of_an_area_are_reminded_and_no_others(town: Town) -> None:
    code, said = run(town, "add", "--workers", "--area", GRID, *RULE, "--as", "zhao")
    assert code == 0 and "下次 2026-12-05 09:00" in said

    town.moment = datetime(2026, 12, 5, 9, tzinfo=ZONE)
    town.tick()
    town.tick()

    assert len(reminded(town, GRID)) == 1 and "高温前走访独居老人" in reminded(town, GRID)[0]
    assert reminded(town, OTHER_GRID) == []


def test_a_community_means_every_grid_below_it_once(town: Town) -> None:
    run(town, "add", "--workers", "--area", COMMUNITY, *RULE, "--as", "zhao")

    town.moment = datetime(2026, 12, 5, 9, tzinfo=ZONE)
    town.tick()

    assert len(reminded(town, GRID)) == len(reminded(town, OTHER_GRID)) == 1


def test_the_list_says_how_many_live_where_and_never_who(town: Town) -> None:
    aunt = town.resident("王阿姨", town.building("紫荆苑3栋"))
    aunt.says("我的标签")
    aunt.says("1")
    run(town, "add", "--workers", "--area", GRID, "--tag", "60+", *RULE, "--as", "zhao")

    town.moment = datetime(2026, 12, 5, 9, tzinfo=ZONE)
    town.tick()

    [card] = reminded(town, GRID)
    assert "紫荆苑3栋 1位" in card and aunt.openid not in card


def test_the_next_dates_are_shown_before_they_come(town: Town) -> None:
    _, said = run(
        town,
        "add",
        "--workers",
        "--area",
        GRID,
        "--rule",
        "每月最后一个工作日",
        "--text",
        "检查消防栓",
        "--as",
        "zhao",
        "--json",
    )
    number = str(json.loads(said)["id"])

    _, dates = run(town, "next", number, "--count", "3", "--json")

    assert [text[:10] for text in json.loads(dates)] == ["2026-11-30", "2026-12-31", "2027-01-29"]


def test_who_does_not_answer_for_the_area_may_neither_add_nor_stop(town: Town) -> None:
    code, said = run(town, "add", "--workers", "--area", GRID, *RULE, "--as", "chen")
    assert code == 1 and "不是" in said

    run(town, "add", "--workers", "--area", GRID, *RULE, "--as", "zhao")
    assert run(town, "stop", "1", "--as", "chen")[0] == 1
    assert run(town, "stop", "1", "--as", "zhao")[0] == 0
    assert json.loads(run(town, "list", "--json")[1]) == []


def test_a_rule_nobody_understands_is_refused_with_examples(town: Town) -> None:
    code, said = run(town, "add", "--workers", "--area", GRID, "--rule", "有空的时候", "--text", "走访", "--as", "zhao")

    assert code == 1 and "例如" in said


def test_the_noted_reminder_is_audited(town: Town) -> None:
    run(town, "add", "--workers", "--area", GRID, *RULE, "--as", "zhao")

    assert "remind.add" in [row["action"] for row in town.rows("audit")]


RESIDENTS = ("--residents", "--title", "医保缴费", "--text", "本月25日前请缴医保。", "--rule", "每月5日 09:00")


def test_residents_are_reminded_by_an_announcement_two_people_released_once(town: Town) -> None:
    aunt = town.resident("王阿姨", town.building("紫荆苑3栋"))
    town.resident("李大爷")
    assert run(town, "add", *RESIDENTS, "--area", GRID, "--as", "zhao")[0] == 0
    town.moment = datetime(2026, 12, 5, 9, tzinfo=ZONE)
    town.tick()
    assert town.rows("announcements") == []  # nobody has approved it

    assert "起草人不能批准" in run(town, "approve", "1", "--as", "zhao")[1]
    code, said = run(town, "approve", "1", "--as", colleague(town))
    assert code == 0 and "《医保缴费》" in said and "下次 2027-01-05 09:00" in said
    for month, count in ((1, 1), (2, 2)):
        town.moment = datetime(2027, month, 5, 9, tzinfo=ZONE)
        town.tick()
        town.tick()
        assert [row["state"] for row in town.rows("announcements")] == ["approved"] * count

    own = [row["announcement"] for row in town.rows("recipients") if row["resident"] == resident(town, aunt.openid)]
    assert own == [row["id"] for row in town.rows("announcements")]


def test_the_daily_cap_holds_for_reminders_too_and_the_next_one_comes_again(build_town) -> None:
    town = build_town(announcements={"daily_cap": 1})
    town.resident("王阿姨", town.building("紫荆苑3栋"))
    for _ in range(2):
        run(town, "add", *RESIDENTS, "--area", GRID, "--as", "zhao")
    for number in ("1", "2"):
        assert run(town, "approve", number, "--as", colleague(town))[0] == 0

    town.moment = datetime(2026, 12, 5, 9, tzinfo=ZONE)
    town.tick()

    assert len(town.rows("announcements")) == 1
    assert "remind.refused" in [row["action"] for row in town.rows("audit")]
    assert [row["next_at"][:10] for row in json.loads(run(town, "list", "--json")[1])] == ["2027-01-05"] * 2


def colleague(town: Town) -> str:
    """Somebody else of the street's office."""
    with town.database.read() as session:
        at_street = select(Posting).where(Posting.area_code == STREET, Posting.duty == "staff").order_by(Posting.id)
        return session.scalars(at_street).first().person_key


def resident(town: Town, openid: str) -> str:
    with town.database.read() as session:
        return f"resident-{session.scalars(select(Resident.id).where(Resident.openid == openid)).one()}"


def test_of_two_processes_one_reminds(town: Town) -> None:
    """Both find the same reminder due; the outbox has it once."""
    run(town, "add", "--workers", "--area", GRID, *RULE, "--as", "zhao")
    town.moment = datetime(2026, 12, 5, 9, tzinfo=ZONE)

    threads = [Thread(target=remind, args=[town.office]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with town.database.read() as session:
        assert len(session.scalars(select(OutboxMessage).where(OutboxMessage.kind == REMINDER)).all()) == 1


def test_one_that_nobody_can_read_stops_alone(town: Town) -> None:
    for _ in range(2):
        run(town, "add", "--workers", "--area", GRID, *RULE, "--as", "zhao")
    with town.database.write() as session:
        session.get_one(Reminder, 1).rule = {"every": "month", "at": "09:00", "day": 99}

    town.moment = datetime(2026, 12, 5, 9, tzinfo=ZONE)
    town.tick()

    assert len(reminded(town, GRID)) == 1
    with town.database.read() as session:
        assert session.get_one(Reminder, 1).state == "stopped"
