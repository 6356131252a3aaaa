"""The world's clock: real time plus what a test or the page added. The demo's other processes read it from a file."""

import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

PROCESS_CLOCK = "YUNGE_DEMO_CLOCK"
"""Names the file for the processes of the demo: `{"real": t0, "shown": s0, "speed": x}`, seconds since 1970."""


class Clock:
    """时钟: seconds since 1970; can be moved forward, never sleeps.

    `kept_in`: a file that others follow. A clock that was moved in an earlier run goes on from there: what was written
    down then must not lie in the future now.
    """

    def __init__(self, real: Callable[[], float] = time.time, kept_in: Path | None = None) -> None:
        self._real, self._kept_in = real, kept_in
        self._ahead = _ahead_in(kept_in) if kept_in else 0.0
        self._lock = threading.Lock()
        self._still = threading.Condition()
        self._under_way = 0
        self._keep()

    def now(self) -> float:
        return self._real() + self._ahead

    @property
    def ahead(self) -> float:
        """Seconds before the real time."""
        return self._ahead

    def advance(self, seconds: float) -> None:
        with self._lock:
            self._ahead += seconds
            self._keep()

    def back_to_real(self) -> None:
        """Only for a clock nobody else follows: the records of the others would lie in the future."""
        if self._kept_in is None:
            with self._lock:
                self._ahead = 0.0

    @contextmanager
    def still(self) -> Iterator[None]:
        """No step of a fast clock in here: what is signed with the time must arrive in it."""
        with self._still:
            self._under_way += 1
        try:
            yield
        finally:
            with self._still:
                self._under_way -= 1
                self._still.notify_all()

    def advance_when_still(self, seconds: float, patience: float = 5) -> None:
        with self._still:
            self._still.wait_for(lambda: not self._under_way, patience)
            self.advance(seconds)

    def _keep(self) -> None:
        if self._kept_in is None:
            return
        real = self._real()
        new = self._kept_in.with_suffix(".new")
        new.write_text(json.dumps({"real": real, "shown": real + self._ahead, "speed": 1.0}), encoding="utf-8")
        os.replace(new, self._kept_in)  # a reader sees the old words or the new ones, never half of them


def _ahead_in(file: Path) -> float:
    """Nothing, when there is no file or it cannot be understood."""
    try:
        kept = json.loads(file.read_text(encoding="utf-8"))
        return max(0.0, float(kept["shown"]) - float(kept["real"]))
    except (OSError, ValueError, KeyError, TypeError):
        return 0.0
