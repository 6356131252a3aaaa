"""清理: rows that only guard a short while are taken away again."""

from datetime import timedelta

from sqlalchemy import delete

from bot.office import Office
from models.message import CallbackSignature
from models.outbox import PushCall


def sweep(office: Office) -> None:
    """Signatures live for two windows, push calls for ten minutes."""
    now = office.now()
    window = timedelta(seconds=2 * office.settings.server.callback_window_seconds)
    with office.database.write() as session:
        session.execute(delete(CallbackSignature).where(CallbackSignature.seen_at < now - window))
        session.execute(delete(PushCall).where(PushCall.started_at < now - timedelta(minutes=10)))
