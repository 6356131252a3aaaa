"""The same day on SQLite and on PostgreSQL: the same steps, at the same moments, in the same order (I14)."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from town import COMMUNITY, TUESDAY, Town

from models.importing import import_tables
from scheduler.calendar_change import follow_calendar
from scheduler.due import keep_clocks
from tests.clocks.scene import CHEN, HOLDS, WANG, hours, move, signed, with_district
from tests.delivery.scene import file, writer

KINDS = ("tickets", "events", "clocks", "escalations", "outbox")
BY_WHOM = ("target", "dedupe_key")
"""王阿姨 has another openid in each world."""


def a_day(town: Town) -> dict[str, list[dict[str, Any]]]:
    """Unsigned, silent, asked, deferred, extended, urgent; a holiday announced in between."""
    with_district(town)
    wang = writer(town)
    file(town, wang)
    signed(town, wang)
    asked, spoken, later = (signed(town, wang) for _ in range(3))
    long = file(town, wang, matter="illegal_parking")
    file(town, wang, matter="fire")
    file(town, wang, matter="power_outage")
    town.passes(minutes=20)
    move(town, asked, CHEN, "need_info", "几单元")
    move(town, spoken, CHEN, "reply", "下午去")
    move(town, later, CHEN, "defer", "等配件", deferred_until=TUESDAY + hours(26))
    move(town, long, CHEN, "return", "不归我们", turn_code=COMMUNITY, level="community")
    keeps(town, TUESDAY + hours(2), minutes=3)
    move(town, spoken, CHEN, "extend", "零件下午到", due_at=TUESDAY + hours(6))
    with town.database.write() as session:
        import_tables(session, {"calendar": [{"date": "2026-11-25", "kind": "holiday", "note": ""}]})
    town.office.refresh()
    follow_calendar(town.office)
    keeps(town, TUESDAY + hours(7), minutes=5)
    move(town, asked, WANG, "supply", "二单元")
    move(town, asked, CHEN, "handle", "修好了")
    move(town, long, CHEN, "accept", **HOLDS)
    keeps(town, TUESDAY + timedelta(days=8), minutes=60)
    return {kind: [_impersonal(row) for row in town.rows(kind)] for kind in KINDS}


def keeps(town: Town, until: datetime, minutes: int) -> None:
    """Only the clocks: delivery runs in threads, in any order."""
    while town.moment < until:
        town.passes(minutes=minutes)
        keep_clocks(town.office)


def _impersonal(row: dict[str, Any]) -> dict[str, Any]:
    personal = BY_WHOM if row.get("channel") == "official_account" else ()
    return {name: value for name, value in row.items() if name not in personal}


def test_the_same_day_on_both_databases(templates: Callable[[str], Any], street: Path, catalogue: Any) -> None:
    seen = {}
    for kind in ("sqlite", "postgres"):
        template = templates(kind)
        url, name = template.copy()
        town = Town(url, street, catalogue)
        seen[kind] = a_day(town)
        town.close()
        template.drop(name)

    assert len(seen["sqlite"]["escalations"]) > 15
    for kind in KINDS:
        assert seen["sqlite"][kind] == seen["postgres"][kind], kind
