"""When a platform does not answer, leave it alone for a while instead of queueing up before it."""

import threading
from collections.abc import Callable

from bot.message import DeliveryFailed


class Breaker:
    """熔断: opens after `threshold` failures in a row; then one call at a time tries whether the host is back.

    Seconds of `clock`, which must be monotonic: a wall clock set back would keep the circuit open.
    """

    def __init__(
        self, clock: Callable[[], float], threshold: int = 5, first_pause: float = 30, longest_pause: float = 300
    ) -> None:
        self._clock = clock
        self._threshold, self._first_pause, self._longest_pause = threshold, first_pause, longest_pause
        self._lock = threading.Lock()
        self._failures = 0
        self._pause = first_pause
        self._open_until = 0.0
        self._probing = False

    def enter(self) -> None:
        """Raises DeliveryFailed `circuit_open` (certainly not sent) while the host is left alone."""
        with self._lock:
            if self._failures < self._threshold:
                return
            wait = self._open_until - self._clock()
            if wait > 0 or self._probing:
                raise DeliveryFailed("the platform is left alone", code="circuit_open", retry_after=max(wait, 1))
            self._probing = True

    def leave(self, healthy: bool) -> None:
        """Every call that entered says how it went."""
        with self._lock:
            if healthy:
                self._failures, self._pause, self._probing = 0, self._first_pause, False
                return
            self._failures += 1
            # Calls already under way when it opened fail after it: they must not lengthen the pause.
            if self._failures == self._threshold or self._probing:
                self._open_until = self._clock() + self._pause
                self._pause = min(self._pause * 2, self._longest_pause)
                self._probing = False
