"""Announcements are tried on one standing street; what a test writes there is never committed."""

from collections.abc import Iterator

import pytest
from announcing.crowd import hire
from sqlalchemy.orm import Session

from models.database import Database


@pytest.fixture
def session(standing: Database) -> Iterator[Session]:
    """As `Database.write` opens it, with the staff hired, but for the commit."""
    with Session(standing.engine, expire_on_commit=False, autoflush=False) as session:
        hire(session)
        yield session
