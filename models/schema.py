"""The schema and its migrations."""

import importlib
import pkgutil
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData

import models
from models.database import Database, Record

_FOLDER = Path(__file__).parent / "migrations"


def every_table() -> MetaData:
    """All tables, whoever has been imported so far."""
    for _, name, is_package in pkgutil.iter_modules(models.__path__):
        if not is_package:
            importlib.import_module(f"models.{name}")
    return Record.metadata


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    return config


def upgrade(database: Database) -> None:
    """Create or upgrade the schema; safe to repeat, and to run from two machines at once on PostgreSQL."""
    with database.engine.connect() as connection, connection.begin():
        if not database.is_sqlite:
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(20261121)")
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def is_current(database: Database) -> bool:
    """Does the database have exactly the schema this code expects?"""
    with database.read() as session:
        heads = MigrationContext.configure(session.connection()).get_current_heads()
    return set(heads) == set(ScriptDirectory.from_config(_config()).get_heads())
