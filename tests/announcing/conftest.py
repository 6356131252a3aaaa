"""Announcements are tried on one standing street; what a test writes there is never committed."""

from collections.abc import Iterator

import pytest
from announcing.crowd import hire
from sqlalchemy.orm import Session

from models.database import Database


@pytest.fixture(scope="session", params=("sqlite", "postgres"))
def street_database(request: pytest.FixtureRequest, templates) -> Iterator[Database]:
    """The street on each kind of database."""
    template = templates(request.param)
    url, name = template.copy()
    database = Database(url)
    yield database
    database.close()
    template.drop(name)


@pytest.fixture
def session(street_database: Database) -> Iterator[Session]:
    """As `Database.write` opens it, with the staff hired, but for the commit."""
    with Session(street_database.engine, expire_on_commit=False, autoflush=False) as session:
        hire(session)
        yield session
