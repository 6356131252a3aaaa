"""走时: the time a process trusts. A wall clock that jumps makes nothing happen early, and nothing twice.

The wall clock is read at the start and counted on by a clock that never jumps (and that goes on while the machine
sleeps). Small corrections are followed at once. A jump is believed only when it has lasted: until then the process
goes on in its own time.
"""

import json
import os
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

import structlog

from bot.config import ConfigError, Settings

log = structlog.get_logger()

JUMP_SECONDS = 2.0
"""More than this at once is no correction by the time service."""
DEMO_CLOCK = "YUNGE_DEMO_CLOCK"
_BOOT_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def since_boot() -> float:
    """Seconds since the machine started, sleep included where the system can tell."""
    return time.clock_gettime(_BOOT_CLOCK)


class SteadyClock:
    """走时: calling it gives the moment (UTC); `patience` is how long a jump must last to be believed."""

    def __init__(
        self,
        patience: timedelta,
        wall: Callable[[], float] = time.time,
        steady: Callable[[], float] = since_boot,
    ) -> None:
        self._patience = patience.total_seconds()
        self._wall, self._steady = wall, steady
        self._lock = threading.Lock()
        self._trusted = wall() - steady()
        self._claimed: tuple[float, float] | None = None
        """What the wall clock says since its jump, and since when."""

    def __call__(self) -> datetime:
        with self._lock:
            steady = self._steady()
            says = self._wall() - steady
            if abs(says - self._trusted) <= JUMP_SECONDS:
                self._trusted, self._claimed = says, None
            else:
                self._doubt(says, steady)
            return datetime.fromtimestamp(steady + self._trusted, UTC)

    def _doubt(self, says: float, steady: float) -> None:
        if self._claimed is None or abs(says - self._claimed[0]) > JUMP_SECONDS:
            log.warning("clock.jumped", seconds=round(says - self._trusted, 1), believed_in=self._patience)
            self._claimed = says, steady
        elif steady - self._claimed[1] >= self._patience:
            log.warning("clock.jump_accepted", seconds=round(says - self._trusted, 1))
            self._trusted, self._claimed = says, None
        else:
            self._claimed = says, self._claimed[1]


class DemoClock:
    """演示钟: shown + (real now − real) × speed, as a file says that the simulator's page writes."""

    def __init__(self, path: Path, wall: Callable[[], float] = time.time) -> None:
        self._path, self._wall = path, wall
        self._lock = threading.Lock()
        self._read_at: int | None = None
        self._real, self._shown, self._speed = 0.0, 0.0, 1.0

    def __call__(self) -> datetime:
        with self._lock:
            try:
                written = self._path.stat().st_mtime_ns
                if written != self._read_at:
                    said = json.loads(self._path.read_text(encoding="utf-8"))
                    self._real, self._shown, self._speed = (float(said[name]) for name in ("real", "shown", "speed"))
                    self._read_at = written
            except (OSError, ValueError, KeyError, TypeError) as error:
                if self._read_at is None:
                    raise ConfigError(f"{DEMO_CLOCK}={self._path}: cannot be read ({type(error).__name__}).") from None
                # It is being written: the old words count until the new ones can be read.
            return datetime.fromtimestamp(self._shown + (self._wall() - self._real) * self._speed, UTC)


def clock_for(settings: Settings) -> Callable[[], datetime]:
    """The clock of this process. Raises ConfigError when somebody wants the demo's clock on a real platform."""
    path = os.environ.get(DEMO_CLOCK)
    if not path:
        return SteadyClock(timedelta(minutes=settings.scheduler.clock_jump_minutes))
    if not _loopback(settings.official_account.api_base_url):
        raise ConfigError(f"{DEMO_CLOCK} is for the demo only: [official_account] api_base_url is not on this machine.")
    clock = DemoClock(Path(path))
    clock()
    return clock


def _loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
