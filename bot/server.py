"""The web server: granian's processes and threads around `wsgi:web`. Nothing else knows granian."""

import ctypes
import os
import signal
import sys

from granian import Granian
from granian.constants import Interfaces

from bot.config import Settings

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


def die_with_parent(parent: int) -> None:
    """A server process ends when the one that started it is killed, so that no old code keeps the port (Linux)."""
    if sys.platform != "linux" or not parent:
        return
    ctypes.CDLL(None).prctl(_DEATH_SIGNAL, signal.SIGKILL)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)
