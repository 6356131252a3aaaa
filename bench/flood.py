"""One power cut, three hundred reports: what the last neighbour who joins costs beside the first, and beside many tickets."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import event, insert, select

from bench.street import new_street
from bot.message import Inbound
from bot.office import Office
from models.area import Building
from models.ticket import Ticket

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
REPORTS, EDGE, ELSEWHERE = 300, 50, 20_000


def measure() -> list[dict[str, Any]]:
    """CPU and statements of the first and of the last joiners, without and with twenty thousand open tickets."""
    rows = []
    for others in (0, ELSEWHERE):
        _, office = new_street()
        office.now = lambda: NOW
        with office.database.read() as session:
            buildings = list(session.scalars(select(Building).order_by(Building.code)))
        here, far = buildings[0], [b for b in buildings if b.grid_code != buildings[0].grid_code]
        _say(office, "oFIRST", here.code, "停电了")
        _open_elsewhere(office, far, others)
        spent = [_say(office, f"oFLOOD{index}", here.code, "停电了") for index in range(REPORTS - 1)]
        first, last = (sorted(part)[EDGE // 2] for part in (spent[:EDGE], spent[-EDGE:]))
        with office.database.read() as session:
            [flood] = session.scalars(select(Ticket).where(Ticket.followers > 0))
            assert flood.followers == REPORTS - 1
        note = f"{others:,} open tickets of the matter elsewhere; {last[1]} statements, the first ones {first[1]}"
        rows.append({"name": f"joiner 300 ({others:,})", "value": last[0] * 1000, "unit": "ms CPU", "note": note})
        rows.append(
            {"name": f"300th ÷ 2nd ({others:,})", "value": last[0] / first[0], "unit": "×", "note": "flat is 1"}
        )
    return rows


def _open_elsewhere(office: Office, buildings: list[Building], number: int) -> None:
    """Open tickets of the same matter all over the rest of the street."""
    with office.database.write() as session:
        like = session.scalars(select(Ticket)).one()
        kept = {name: getattr(like, name) for name in Ticket.__table__.columns.keys() if name != "number"}  # noqa: SIM118
        places = (buildings[index % len(buildings)] for index in range(number))
        rows = [
            {**kept, "building_code": b.code, "area_code": b.grid_code, "turn_code": b.grid_code, "place": b.title,
             "latitude": b.latitude, "longitude": b.longitude}
            for b in places
        ]  # fmt: skip
        if rows:
            session.execute(insert(Ticket), rows)


def _say(office: Office, openid: str, building: str, words: str) -> tuple[float, int]:
    """Bind and report; CPU seconds and statements of the report alone."""
    counted: list[str] = []

    def count(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        counted.append(statement)

    facts: dict[str, Any] = {"channel": "official_account", "sender": openid, "sent_at": NOW - timedelta(seconds=1)}
    office.receive(Inbound(dedupe_key=f"{openid}:scan", type="event", event="scan", event_key=f"b-{building}", **facts))
    event.listen(office.database.engine, "before_cursor_execute", count)
    began = time.process_time()
    office.receive(Inbound(dedupe_key=f"{openid}:text", type="text", text=words, platform_id=openid, **facts))
    spent = time.process_time() - began
    event.remove(office.database.engine, "before_cursor_execute", count)
    return spent, len(counted)


if __name__ == "__main__":
    for row in measure():
        print(f"{row['name']:24} {row['value']:8.3f} {row['unit']:6} {row['note']}")
