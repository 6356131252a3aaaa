"""The database: SQLite on a laptop, PostgreSQL for a city, the same rules on both.

SQLite is opened as measured in reliability.md findings 10–12: WAL, synchronous=FULL (an answered message is on
disk), `BEGIN IMMEDIATE` for every writing transaction, and a wait for the write lock that ends before the
platform's five seconds do.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import DateTime, Engine, MetaData, create_engine, event, make_url
from sqlalchemy.dialects import postgresql as postgresql_dialect
from sqlalchemy.dialects import sqlite as sqlite_dialect
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

LOCK_WAIT_SECONDS = 3.5
IDLE_WRITER_SECONDS = 15
"""A writer that says nothing for so long inside a transaction (a stopped process) loses it, and with it its locks."""

NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Moment(TypeDecorator[datetime]):
    """A moment in UTC; SQLite forgets the zone, so it is put back on the way out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.replace(tzinfo=UTC) if value and value.tzinfo is None else value


class Record(DeclarativeBase):
    """Parent of every table."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {datetime: Moment}  # noqa: RUF012 (SQLAlchemy reads it from the class)


def insert_into(session: Session, row: type[Record]) -> Any:
    """INSERT with `on_conflict_do_nothing`, in the dialect of this session."""
    dialect = sqlite_dialect if session.get_bind().dialect.name == "sqlite" else postgresql_dialect
    return dialect.insert(row)


class Refused(Exception):
    """The rules say no; the text says so to whoever asked, and nothing changes."""


class Database:
    """One engine and its two ways in: `write()` commits at the end, `read()` never does."""

    def __init__(self, url: str) -> None:
        self.engine = _open(url)
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        self._reading = self.engine.execution_options(reading=True)

    @contextmanager
    def write(self) -> Iterator[Session]:
        """One transaction: all of it or nothing. Only doors and scheduler jobs may open one.

        Nothing is flushed by itself: whoever needs a row in a query flushes it. A report so takes half the statements.
        """
        with Session(self.engine, expire_on_commit=False, autoflush=False) as session, session.begin():
            yield session

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A look that takes no write lock."""
        with Session(self._reading) as session:
            yield session

    def close(self) -> None:
        self.engine.dispose()


def _open(url: str) -> Engine:
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        options = f"-c lock_timeout={int(LOCK_WAIT_SECONDS * 1000)}"
        options += f" -c idle_in_transaction_session_timeout={IDLE_WRITER_SECONDS}s"
        engine = create_engine(
            parsed,
            pool_size=8,
            max_overflow=8,
            pool_timeout=3,
            hide_parameters=True,
            pool_pre_ping=True,
            connect_args={"connect_timeout": 3, "options": options},
        )
        event.listen(engine, "begin", _begin_postgres)
        return engine
    if parsed.database and parsed.database != ":memory:":
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        parsed,
        pool_size=16,
        max_overflow=8,
        pool_timeout=3,
        hide_parameters=True,
        connect_args={"timeout": LOCK_WAIT_SECONDS},
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    reading = connection.get_execution_options().get("reading")
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def _begin_postgres(connection: Connection) -> None:
    """A reader holds no locks: an export into a slow pipe may take its time."""
    if connection.get_execution_options().get("reading"):
        connection.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = 0")
