"""The world's clock: real time plus what a test or the page added."""

import threading
import time
from collections.abc import Callable


class Clock:
    """时钟: seconds since 1970; can be moved forward, never sleeps."""

    def __init__(self, real: Callable[[], float] = time.time) -> None:
        self._real = real
        self._ahead = 0.0
        self._lock = threading.Lock()

    def now(self) -> float:
        return self._real() + self._ahead

    def advance(self, seconds: float) -> None:
        with self._lock:
            self._ahead += seconds

    def back_to_real(self) -> None:
        with self._lock:
            self._ahead = 0.0
