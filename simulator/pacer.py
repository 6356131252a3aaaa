"""Fast time: the clock goes forward in steps, so that whoever looks once a beat misses no hour in between."""

import threading
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from simulator.clock import Clock

ZONE = ZoneInfo("Asia/Shanghai")
BEAT_SECONDS = 0.5
A_DAY_A_MINUTE = 1440
DAY_STEP = A_DAY_A_MINUTE * BEAT_SECONDS
SKIP_BEATS, LONGEST_STEP = 6, 1500.0
"""A skip takes about three seconds, unless its steps would be as long as the product's own (30 minutes a level)."""
MORNING = time(9)


class Pacer:
    """快进: moves the clock step by step until a moment, tells the page each time, then time is normal again."""

    def __init__(self, clock: Clock, tell: Callable[[], None], beat: float = BEAT_SECONDS) -> None:
        self._clock, self._tell, self._beat = clock, tell, beat
        self._lock = threading.Lock()
        self._calm = threading.Event()
        self._runner: threading.Thread | None = None
        self.until: float | None = None
        """The shown moment at which time will be normal again; None when it is."""

    def skip(self, seconds: float) -> None:
        """Be there soon."""
        self._run(seconds, min(max(seconds / SKIP_BEATS, 60.0), LONGEST_STEP))

    def play(self, seconds: float) -> None:
        """Watch it: a day in a minute."""
        self._run(seconds, DAY_STEP)

    def normal(self) -> None:
        """Stop here; returns when no step will follow."""
        with self._lock:
            self._calm.set()
            if self._runner and self._runner is not threading.current_thread():
                self._runner.join()
            self._runner, self.until = None, None
        self._tell()

    def _run(self, seconds: float, step: float) -> None:
        self.normal()
        with self._lock:
            self.until, self._calm = self._clock.now() + seconds, threading.Event()
            self._runner = threading.Thread(target=self._steps, args=(self.until, step, self._calm), daemon=True)
            self._runner.start()

    def _steps(self, until: float, step: float, calm: threading.Event) -> None:
        while (left := until - self._clock.now()) > 0 and not calm.is_set():
            self._clock.advance_when_still(min(step, left))
            self._tell()
            calm.wait(self._beat)
        if not calm.is_set():
            self.until = None
            self._tell()


def next_morning(now: float, calendar: dict[str, str]) -> float:
    """Nine o'clock of the next working day after `now`; `calendar`: ISO day → holiday or workday."""
    here = datetime.fromtimestamp(now, ZONE)
    day = here.date() if here.time() < MORNING else here.date() + timedelta(days=1)
    while not works(day, calendar):
        day += timedelta(days=1)
    return datetime.combine(day, MORNING, ZONE).timestamp()


def works(day: date, calendar: dict[str, str]) -> bool:
    kind = calendar.get(day.isoformat())
    return kind == "workday" or (kind is None and day.isoweekday() <= 5)
