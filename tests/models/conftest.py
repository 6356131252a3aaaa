"""One database of each kind for all tests of models: every test works in a transaction that is never committed."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy.orm import Session

from models.database import Database


@pytest.fixture(scope="session", params=("sqlite", "postgres"))
def standing(request: pytest.FixtureRequest, templates: Any) -> Iterator[Database]:
    """A database with the street in it that nothing is ever written to for good."""
    template = templates(request.param)
    url, name = template.copy()
    database = Database(url)
    yield database
    database.close()
    template.drop(name)


@pytest.fixture
def session(standing: Database) -> Iterator[Session]:
    with Session(standing.engine, expire_on_commit=False, autoflush=False) as session:
        yield session  # as `Database.write` opens it, but for the commit
