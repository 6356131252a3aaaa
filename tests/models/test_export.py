"""Export: the shapes of contract §7, exactly; personal fields masked unless somebody answers for it."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from click.testing import Result
from sqlalchemy import select
from town import GRID, TUESDAY, Town

from models.audit import record
from models.exporting import KINDS
from models.message import Message
from models.ticket import Ticket

SHAPES = {
    "tickets": "number status outcome matter area_code place title text holder created_at response_due_at due_at level "
    "followers merged_into message_ids",
    "events": "ticket seq action from to actor_kind actor area_code at note",
    "messages": "id channel platform_id type created_at received_at decision tickets reply_kind",
    "outbox": "id kind channel target ticket state attempts reason created_at sent_at dedupe_key",
    "clocks": "ticket kind state started_at paused_seconds due_at breached_levels",
    "audit": "seq at actor action subject hash previous_hash",
}
TIMES = {"at", "created_at", "received_at", "sent_at", "due_at", "response_due_at", "started_at"}
SAID = "，我叫张秀英，住2单元501室，电话13812340000"
PERSONAL = ("13812340000", "张秀英", "501室")


@pytest.fixture
def told(town: Town) -> Town:
    """A town after one ticket from filing to confirmation, with everything personal that a resident may write."""
    wang = town.resident("王阿姨", home=town.building("紫荆苑3栋"))
    wang.says("楼道灯又不亮了")
    town.tick()
    number = town.ticket()["number"]
    with town.database.write() as session:
        for row in (session.get_one(Ticket, number), *session.scalars(select(Message).where(Message.text != ""))):
            row.text += SAID
    town.group(GRID).says("ChenXiaoMin", f"接单 {number}")
    town.group(GRID).says("ChenXiaoMin", f"办结 {number} 换好了，居民说：我叫张秀英，住2单元501室，13812340000")
    town.tick()
    wang.says("1")
    return town


def flask(town: Town, *args: str) -> Result:
    result: Result = town.app.test_cli_runner().invoke(args=args)
    return result


def lines(result: Result) -> list[dict[str, Any]]:
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_each_kind_has_the_fields_of_the_contract(told: Town, subtests: pytest.Subtests) -> None:
    with told.database.write() as session:
        record(session, TUESDAY, "zhao", "rule.change", "street_light")

    assert set(SHAPES) <= set(KINDS)
    for kind, fields in SHAPES.items():
        with subtests.test(kind):
            rows = lines(flask(told, "export", kind))
            assert rows and all(set(fields.split()) <= set(row) for row in rows)
            times = [row[name] for row in rows for name in set(row) & TIMES if row[name]]
            assert {datetime.fromisoformat(time).utcoffset() for time in times} == {timedelta(hours=8)}


def test_a_ticket_is_told_in_the_words_of_the_contract(told: Town) -> None:
    ticket = lines(flask(told, "export", "tickets"))[-1]
    events = [row for row in lines(flask(told, "export", "events")) if row["ticket"] == ticket["number"]]
    messages = [row for row in lines(flask(told, "export", "messages")) if ticket["number"] in row["tickets"]]

    assert (ticket["status"], ticket["outcome"], ticket["matter"]) == ("closed", "solved", "street_light")
    assert (ticket["holder"], ticket["level"], ticket["area_code"]) == ("chen", "grid", GRID)
    assert [(e["seq"], e["action"], e["from"], e["to"], e["actor_kind"], e["actor"]) for e in events][:2] == [
        (1, "file", None, "pending", "resident", events[0]["actor"]),
        (2, "accept", "pending", "accepted", "worker", "chen"),
    ]
    assert [m["id"] for m in messages] == ticket["message_ids"]
    assert {m["channel"] for m in messages} == {"official_account", "group_bot"}
    assert messages[0]["decision"] == "ticket"
    assert {c["kind"]: c["state"] for c in lines(flask(told, "export", "clocks")) if c["ticket"] == ticket["number"]} == {
        "response": "stopped", "handling": "stopped", "overall": "stopped",
    }  # fmt: skip


def test_nothing_personal_is_in_any_export(told: Town) -> None:
    openid = told.resident("王阿姨").openid

    for kind in KINDS:
        text = flask(told, "export", kind).stdout
        assert not [word for word in (*PERSONAL, openid) if word in text], kind
    assert lines(flask(told, "export", "audit")) == []


def test_a_place_in_the_residents_own_words_is_masked(told: Town) -> None:
    with told.database.write() as session:
        session.merge(told.stored(told.ticket()["number"])).place = "居民所述：桥头李家2单元501室 13812340000"

    place = lines(flask(told, "export", "tickets"))[-1]["place"]

    assert "桥头" in place and "13812340000" not in place and "501" not in place


def test_the_whole_is_given_only_to_somebody_who_answers_for_it(told: Town) -> None:
    rows = lines(flask(told, "export", "tickets", "--with-personal"))

    assert rows[-1]["text"].endswith(SAID)
    [audit] = lines(flask(told, "export", "audit"))
    assert (audit["seq"], audit["actor"], audit["action"], audit["subject"]) == (
        1,
        "operator",
        "export.personal",
        "tickets",
    )
    assert audit["previous_hash"] == "" and len(audit["hash"]) == 64


def test_an_import_that_is_only_tried_writes_nothing(town: Town, street: Any) -> None:
    before = town.rows("audit"), town.office.catalogue.revision

    tried = flask(town, "import", str(street), "--dry-run")

    assert (tried.exit_code, tried.output) == (0, "Everything fits. Nothing was written (--dry-run).\n")
    town.office.refresh()
    assert (town.rows("audit"), town.office.catalogue.revision) == before


def test_a_refused_import_says_so_on_standard_error(town: Town, tmp_path: Any) -> None:
    (tmp_path / "areas.csv").write_text("code,name,level\n1,,grid\n")

    refused = flask(town, "import", str(tmp_path))

    assert refused.exit_code == 1 and refused.stdout == ""
    assert refused.stderr.splitlines()[0] == "areas.csv row 2 column name: must not be empty"
