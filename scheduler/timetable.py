"""The timetable: which job runs how often, one row each. APScheduler only ticks; rows in the database decide what is due.

Every process delivers; only the leader (a lease row) runs the rest, so that a stopped leader loses the clock too.
"""

import os
import socket
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger

from bot.office import Office
from models.lease import hold
from scheduler.announce import announce, list_unread
from scheduler.calendar_change import follow_calendar
from scheduler.deliver import Courier
from scheduler.due import keep_clocks
from scheduler.hand_over import hand_over_open
from scheduler.remind import remind
from scheduler.sweep import sweep

log = structlog.get_logger()

CLOCK_JUMP_SECONDS = 2.0


@dataclass(frozen=True)
class Job:
    """定时任务: `ticks` apart, on every process or on the leader alone."""

    name: str
    run: "Callable[[Timetable], object]"
    ticks: int = 1
    leader: bool = True


JOBS = (
    Job("deliver", lambda timetable: timetable.deliver_all(), leader=False),
    Job("keep_clocks", lambda timetable: keep_clocks(timetable.office)),
    Job("follow_calendar", lambda timetable: follow_calendar(timetable.office), ticks=6),
    Job("announce", lambda timetable: announce(timetable.office, timetable.courier.account)),
    Job("list_unread", lambda timetable: list_unread(timetable.office), ticks=12),
    Job("hand_over_open", lambda timetable: hand_over_open(timetable.office), ticks=12),
    Job("sweep", lambda timetable: sweep(timetable.office), ticks=120),
    Job("remind", lambda timetable: remind(timetable.office)),
)


class Every(BaseTrigger):  # type: ignore[misc]
    """每隔: so long after this run. APScheduler's own interval lists every missed run first: after a jump of the wall
    clock to 2038 that is all the memory there is."""

    def __init__(self, seconds: float) -> None:
        self.pause = timedelta(seconds=seconds)

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        return now + self.pause


class Timetable:
    """时刻表: runs the jobs of this process until it is told to stop."""

    def __init__(self, office: Office, courier: Courier) -> None:
        self.office: Office = office
        self.courier: Courier = courier
        self.owner = f"{socket.gethostname()[:20]}-{os.getpid()}-{uuid.uuid4().hex[:8]}"
        self._stopping = threading.Event()
        self._scheduler = BackgroundScheduler(timezone=UTC)

    def run(self) -> None:
        """Tick until `stop`; a jump of the wall clock (R15) reschedules every job at once."""
        tick = self.office.settings.scheduler.tick_seconds
        self.office.refresh()
        for job in JOBS:
            self._scheduler.add_job(
                self._guarded, Every(tick * job.ticks), args=[job], id=job.name,
                coalesce=True, max_instances=1, misfire_grace_time=None, next_run_time=datetime.now(UTC),
            )  # fmt: skip
        self._scheduler.start()
        log.info("work.started", owner=self.owner)
        drift = time.time() - time.monotonic()
        while not self._stopping.wait(min(tick, 1.0)):
            if abs(time.time() - time.monotonic() - drift) > CLOCK_JUMP_SECONDS:
                drift = time.time() - time.monotonic()
                for job in self._scheduler.get_jobs():
                    job.modify(next_run_time=datetime.now(UTC))
        self._scheduler.shutdown(wait=True)
        self.courier.close()
        log.info("work.stopped", owner=self.owner)

    def stop(self) -> None:
        self._stopping.set()

    def deliver_all(self) -> None:
        """Round after round while something new is due, so that a backlog does not wait for ticks."""
        while not self._stopping.is_set() and self.courier.send_due():
            pass

    def _guarded(self, job: Job) -> None:
        """One run of one job; whatever goes wrong is logged and tried again at the next tick."""
        try:
            self.office.refresh()
            if not job.leader or self._leads():
                job.run(self)
        except Exception:
            log.exception("job.failed", job=job.name)

    def _leads(self) -> bool:
        length = timedelta(seconds=self.office.settings.scheduler.lease_seconds)
        with self.office.database.write() as session:
            return hold(session, "leader", self.owner, self.office.now(), length)
