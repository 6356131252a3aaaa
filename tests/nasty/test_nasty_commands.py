"""What workers type when it goes wrong: every group row of nasty_dev.jsonl, with the number of a real ticket."""

import pytest
from rows import NOT_MET, of, text_of
from town import GRID, OTHER_GRID, Town

ACCEPTED = {"G001", "G004", "G007"}
HELPED = {"G010", "G013", "G016", "G019", "G022", "G025", "G052", "G055", "G058"}
NOT_BY_THEM = {"G046", "G049"}


@pytest.fixture
def number(town: Town) -> int:
    wang = town.resident("王阿姨", home=town.building("紫荆苑3栋"))
    wang.says("楼道灯不亮了")
    return int(town.ticket()["number"])


def said(town: Town, row: str, number: int, who: str = "小陈", code: str = GRID) -> str:
    text = text_of(row).partition(" (")[0].replace("1024", str(number)).replace("@机器人\u2005", "")
    group = town.group(code)
    answer = group.says(town.staff()[who], text, space="\u2005" if row == "G007" else " ")
    assert group.last_outcome.ok
    return answer


def state(town: Town, number: int) -> tuple[object, ...]:
    ticket = town.ticket(number)
    events = [row for row in town.rows("events") if row["ticket"] == number]
    return ticket["status"], ticket["holder"], len(events), len(town.rows("outbox"))


def test_the_rows_are_these() -> None:
    others = {"G028", "G031", "G034", "G037", "G043"}
    assert set(of("group_cmd")) == ACCEPTED | HELPED | NOT_BY_THEM | others
    assert "G040" in NOT_MET


@pytest.mark.parametrize("row", sorted(ACCEPTED))
def test_command_moves_the_ticket_once(town: Town, number: int, row: str) -> None:
    answer = said(town, row, number)
    repeated = town.group(GRID).repeats()

    assert f"#{number}" in answer and repeated == answer
    assert town.ticket(number)["status"] == "accepted"
    [event] = [row for row in town.rows("events") if row["ticket"] == number and row["action"] == "accept"]
    assert event["actor"] == "chen"


@pytest.mark.parametrize("row", sorted(HELPED))
def test_what_is_no_command_gets_one_line_of_help(town: Town, number: int, row: str) -> None:
    before = state(town, number)

    answer = said(town, row, number)

    assert ("\n" not in answer and "1024" in answer) or f"接单 {number}" in answer
    assert len(answer) < 120
    assert state(town, number) == before


def test_help_is_said_once_a_minute(town: Town, number: int) -> None:
    first, second = said(town, "G055", number), said(town, "G055", number)
    town.passes(minutes=2)

    assert first and not second and said(town, "G055", number) == first


@pytest.mark.parametrize(("row", "who", "code"), [("G046", "路人", GRID), ("G049", "小陈", OTHER_GRID)])
def test_refusal_changes_nothing_and_is_kept(town: Town, number: int, row: str, who: str, code: str) -> None:
    before, audited = state(town, number), len(town.rows("audit"))

    answer = said(town, row, number, who, code)

    assert answer and "路灯" not in answer and "紫荆苑" not in answer
    assert state(town, number) == before
    [kept] = town.rows("audit")[audited:]
    assert kept["action"] == "refused"


def test_g028_a_long_result_is_kept_whole(town: Town, number: int) -> None:
    result = text_of("G028").partition("1024 ")[2]

    said(town, "G028", number)
    town.tick()

    [event] = [row for row in town.rows("events") if row["ticket"] == number and row["action"] == "handle"]
    assert event["note"] == result
    for pushed in town.world.resident("王阿姨").seen:
        assert len(pushed.encode()) <= 2048


def test_g031_a_phone_is_masked_wherever_the_group_reads_it(town: Town, number: int) -> None:
    answer = said(town, "G031", number)
    detail = town.group(GRID).says(town.staff()["小陈"], f"详情 {number}")
    town.tick()

    assert town.ticket(number)["status"] == "handled"
    for words in (answer, detail, *town.cards(GRID)):
        assert "13812345678" not in words


def test_g034_two_workers_of_one_name_are_asked_about(town: Town, number: int) -> None:
    from models.person import Person, Posting

    with town.database.write() as session:
        for key, code in (("li1", GRID), ("li2", OTHER_GRID)):
            session.add(Person(key=key, name="李四", wecom_userid=key, userid_folded=key))
            session.flush()
            session.add(Posting(person_key=key, area_code=code, duty="part_time"))
    before = state(town, number)

    answer = said(town, "G034", number)

    assert GRID in answer and OTHER_GRID in answer
    assert state(town, number) == before


def test_g037_a_return_wants_a_reason(town: Town, number: int) -> None:
    before = state(town, number)

    assert "理由" in said(town, "G037", number)
    assert state(town, number) == before


def test_g040_the_second_who_signs_is_told_who_has_it(town: Town, number: int) -> None:
    said(town, "G001", number)

    assert "已经由陈" in said(town, "G001", number, who="周网格长")
    assert town.ticket(number)["holder"] == "chen"


def test_g043_a_forwarded_text_is_passed_over_in_silence(town: Town, number: int) -> None:
    before, audited = state(town, number), len(town.rows("audit"))

    assert said(town, "G043", number) == ""
    assert state(town, number) == before and len(town.rows("audit")) == audited
