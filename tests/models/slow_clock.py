"""A clock that counts every minute one by one: what `models/clock.py` computes must come to the same."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from models.working_time import WorkingTime

MINUTE = timedelta(minutes=1)


def worked(working: WorkingTime, minute: datetime) -> bool:
    """Is this minute of local time office time?"""
    local = minute.astimezone(working.zone)
    return working.works(local.date()) and any(start <= local.time() < end for start, end in working.periods)


@dataclass
class SlowClock:
    """慢钟: remembers each minute it ran, and looks at every one of them again with the calendar of the moment."""

    working: WorkingTime
    now: datetime
    amount: int
    by_wall: bool
    state: str = "running"
    used: int = 0
    """Minutes of the stretches that are over, as the calendar was when they ended."""
    rested: int = 0
    stretch: list[datetime] = field(default_factory=list)
    """Minutes since it was started or resumed."""
    since: datetime | None = None

    def passes(self, minutes: int) -> None:
        for _ in range(minutes):
            if self.state == "running":
                self.stretch.append(self.now)
            else:
                self.rested += 1
            self.now += MINUTE

    def counts(self, minute: datetime) -> bool:
        return self.by_wall or worked(self.working, minute)

    def rest(self, state: str) -> None:
        """Pause or stop."""
        self.used += sum(self.counts(minute) for minute in self.stretch)
        self.stretch, self.state = [], state

    @property
    def left(self) -> int:
        """When the stretch began."""
        return self.amount - self.used

    def reaches(self, minutes: int) -> datetime:
        """The moment at which so many minutes of this stretch have counted."""
        moment = self.stretch[0] if self.stretch else self.now
        while minutes > 0:
            minutes -= self.counts(moment)
            moment += MINUTE
        return moment
