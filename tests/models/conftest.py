"""One database of each kind for all tests of models: every test works in a transaction that is never committed."""

from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from models.database import Database


@pytest.fixture
def session(standing: Database) -> Iterator[Session]:
    with Session(standing.engine, expire_on_commit=False, autoflush=False) as session:
        yield session  # as `Database.write` opens it, but for the commit
