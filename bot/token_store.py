"""The shared access token, kept in the database; every call is a short transaction of its own."""

from collections.abc import Callable
from datetime import datetime, timedelta

from models.database import Database
from models.lease import AccessToken
from models.message import insert_once


class SqlTokenStore:
    """凭证: see `TokenStore`; one row per application."""

    def __init__(self, database: Database, name: str, now: Callable[[], datetime]) -> None:
        self._database, self._name, self._now = database, name, now

    def load(self) -> tuple[str, datetime] | None:
        with self._database.read() as session:
            row = session.get(AccessToken, self._name)
            return (row.token, row.expires_at) if row and row.token and row.expires_at else None

    def claim_refresh(self, stale: str | None, every_seconds: float) -> bool:
        now = self._now()
        with self._database.write() as session:
            insert_once(session, AccessToken, {"name": self._name, "token": ""})
            row = session.get_one(AccessToken, self._name, with_for_update=True)
            if row.token and row.token != stale:
                return False
            if row.asked_at and timedelta(0) <= now - row.asked_at < timedelta(seconds=every_seconds):
                return False
            row.asked_at, row.token = now, ""
            return True

    def save(self, token: str, expires_at: datetime) -> None:
        with self._database.write() as session:
            row = session.get_one(AccessToken, self._name)
            row.token, row.expires_at = token, expires_at
