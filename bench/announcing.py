"""Freezing, previewing and withdrawing an announcement to ever more residents, on both databases."""

import os
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import func, insert, literal, literal_column, select
from sqlalchemy.orm import Session

from bench.clocks import _postgres, _sqlite
from bench.street import settings_for
from bot.announcing.preview import preview, rules_from
from bot.announcing.progress import progress
from models.announcement import Announcement, Recipient
from models.area import Area, Building
from models.audience import Audience
from models.database import Database
from models.importing import import_tables, read_tables
from models.person import Person, Posting
from models.release import Wording, approve, draft
from models.resident import Home, Resident
from models.schema import upgrade
from models.withdrawal import withdraw
from simulator.street import write_street

SIZES = [100_000, *([1_000_000] if os.environ.get("BENCH_MILLION") else [])]
NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
T = TypeVar("T")


def _town(url: str, folder: Path, size: int) -> Database:
    """The street with two colleagues and so many followers, a home each, spread over its buildings."""
    write_street(folder)
    database = Database(url)
    upgrade(database)
    with database.write() as session:
        import_tables(session, read_tables(folder))
        street = session.scalars(select(Area.code).where(Area.level == "street")).one()
        for key in ("author", "approver"):
            session.add(Person(key=key, name=key, wecom_userid=key, userid_folded=key))
            session.flush()
            session.add(Posting(person_key=key, area_code=street, duty="staff", strand=""))
        session.flush()
        _people(session, size)
    return database


def _people(session: Session, size: int) -> None:
    first = select(literal(1).label("n")).cte("numbers", recursive=True)
    numbers = first.union_all(select(first.c.n + 1).where(first.c.n < size))
    empty: list[Any] = [literal(True), literal(True), literal(""), literal(NOW, Resident.created_at.type)]
    openid = literal("oBENCH") + func.substr(literal_column("'0000000000000000000000'") + numbers.c.n.op("||")(""), -22)
    if session.get_bind().dialect.name != "sqlite":
        openid = literal("oBENCH") + func.lpad(numbers.c.n.op("||")(""), 22, "0")
    people = select(openid, *empty, literal(0), literal(0))
    names = ["openid", "followed", "bulletins", "privacy_notice", "created_at", "message_left", "moment_left"]
    session.execute(insert(Resident).from_select(names, people, include_defaults=False))
    codes = select(Building.code, func.row_number().over(order_by=Building.code).label("row")).subquery()
    count = session.scalar(select(func.count()).select_from(Building)) or 1
    homes = select(Resident.id, codes.c.code, literal(""), literal(""), literal(NOW, Home.created_at.type))
    homes = homes.join(codes, codes.c.row == Resident.id % count + 1)
    names = ["resident_id", "building_code", "unit", "room", "created_at"]
    session.execute(insert(Home).from_select(names, homes, include_defaults=False))


def _timed(act: Callable[[], T]) -> tuple[float, T]:
    began = time.perf_counter()
    found = act()
    return time.perf_counter() - began, found


def _walk(database: Database, folder: Path, size: int, kind: str) -> list[dict[str, Any]]:
    """One announcement to everybody: previewed, approved, withdrawn; every count must be exact."""
    settings = settings_for(folder)
    rules = rules_from(settings)
    with database.write() as session:
        street = session.scalars(select(Area.code).where(Area.level == "street")).one()
        wording = Wording("停水通知", "明天上午停水，请存水。", Audience(areas=(street,)))
        number = draft(session, NOW, rules, "author", wording).id

    def look() -> int:
        with database.read() as session:
            return preview(session, settings, session.get_one(Announcement, number), NOW).recipients

    def release() -> int:
        with database.write() as session:
            row = approve(session, NOW, rules, "approver", number)
            return progress(session, row).recipients if row else 0

    def stop() -> int:
        with database.write() as session:
            withdraw(session, NOW + timedelta(minutes=1), rules, "author", number)
            return progress(session, session.get_one(Announcement, number)).states["skipped"]

    rows = []
    for name, act in (("preview", look), ("freeze", release), ("withdraw", stop)):
        seconds, counted = _timed(act)
        assert counted == size, (name, counted, size)
        rows.append({
            "name": f"{name} {size:,}, {kind}", "value": seconds, "unit": "s",
            "note": f"{size / seconds:,.0f} recipients/s; load {os.getloadavg()[0]:.1f}",
        })  # fmt: skip
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Recipient)) == size
    return rows


def measure() -> list[dict[str, Any]]:
    """Seconds for the whole transaction, its commit and the exact count included. BENCH_MILLION=1 adds a million."""
    rows = []
    for kind, server in (("SQLite", _sqlite), ("PostgreSQL", _postgres)):
        for size in SIZES:
            try:
                with server() as url, tempfile.TemporaryDirectory(prefix="yunge-bench-street-") as folder:
                    database = _town(url, Path(folder), size)
                    rows += _walk(database, Path(folder), size, kind)
                    database.close()
            except ImportError:
                continue
    return rows


if __name__ == "__main__":
    for row in measure():
        print(f"{row['name']:36} {row['value']:8.2f} {row['unit']}  {row['note']}")
