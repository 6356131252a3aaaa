"""The web server: granian's processes and threads around `wsgi:web`. Nothing else knows granian."""

import ctypes
import os
import signal
import sys

from granian import Granian
from granian.constants import Interfaces
from sqlalchemy.exc import SQLAlchemyError

from bot.config import Settings
from bot.office import Office
from models.schema import is_current

_DEATH_SIGNAL = 1
"""PR_SET_PDEATHSIG of prctl(2)."""


def serve(settings: Settings, bind: str) -> None:
    """Serve until a signal. Backlog and backpressure are raised: idle connections count against them (performance.md §1)."""
    host, _, port = bind.rpartition(":")
    os.environ["YUNGE_PARENT"] = str(os.getpid())
    Granian(
        "wsgi:web",
        factory=True,
        address=host or "127.0.0.1",
        port=int(port),
        interface=Interfaces.WSGI,
        workers=settings.server.workers,
        blocking_threads=settings.server.threads,
        backlog=4096,
        backpressure=4096,
        respawn_failed_workers=True,
        workers_kill_timeout=3,
        websockets=False,
        log_access=False,
    ).serve()


def require_schema(office: Office) -> None:
    """End with a word about what to do when the database is not there or not current."""
    try:
        current = is_current(office.database)
    except SQLAlchemyError as error:
        sys.exit(f"The database does not answer ({type(error).__name__}): start it, or mend [database] url.")
    if not current:
        sys.exit("The database is not set up for this version. Run: flask init")


def die_with_parent(parent: int) -> None:
    """A server process ends when the one that started it is killed, so that no old code keeps the port (Linux)."""
    if sys.platform != "linux" or not parent:
        return
    ctypes.CDLL(None).prctl(_DEATH_SIGNAL, signal.SIGKILL)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)
