"""A fresh SQLite database with the fictional street and one bound resident a building."""

import tempfile
from pathlib import Path

from bot.config import Settings
from bot.office import Office
from handlers import all_commands, all_services
from handlers.cli import load_matters
from models.database import Database
from models.importing import import_tables, read_tables
from models.schema import upgrade
from simulator.config import SAMPLE_AES_KEY
from simulator.street import write_street

ACCOUNT = {"app_id": "wxbench", "original_id": "gh_bench", "token": "bench", "aes_key": SAMPLE_AES_KEY}


def settings_for(folder: Path) -> Settings:
    return Settings(database={"url": f"sqlite:///{folder / 'bench.db'}"}, official_account=ACCOUNT)


def new_street() -> tuple[Settings, Office]:
    """Settings and office over a new temporary database."""
    folder = Path(tempfile.mkdtemp(prefix="yunge-bench-"))
    settings = settings_for(folder)
    database = Database(settings.database.url)
    write_street(folder / "street")
    upgrade(database)
    with database.write() as session:
        load_matters(session)
        import_tables(session, read_tables(folder / "street"))
    return settings, Office(settings, database, all_services(), all_commands())
