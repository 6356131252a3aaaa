"""Progress 进度: how far an announcement has come, counted from its recipients and nothing else."""

from collections import Counter
from dataclasses import dataclass, field

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.ladder.articles import in_words
from models.announcement import SENT, WITHDRAWN, Announcement, MassChunk, Recipient
from models.area import Area, Building
from models.resident import Home
from models.withdrawal import still_going

STATE_NAMES = {
    "waiting": "待发", "under_way": "在途", "sent": "已发出", "read": "已读", "task": "转网格员", "skipped": "未发",
    "unknown": "结果不明",
}  # fmt: skip
OPEN = ("waiting", "under_way")


@dataclass
class MassCount:
    """群发账: what the platform says it counted of the mass calls; it never says who."""

    batches: int = 0
    """Calls it took."""
    reported: int = 0
    """Those it has given its counts for."""
    total: int = 0
    sent: int = 0
    errors: int = 0
    over_quota: int = 0
    """Passed over without an error: they have had this month's four, whoever sent them."""


@dataclass
class Progress:
    """发送进度: every recipient in exactly one state, so that the sum is what was frozen."""

    announcement: int
    state: str
    states: Counter[str] = field(default_factory=Counter)
    channels: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    """Why a recipient was passed over or is unknown."""
    left_out: dict[str, int] = field(default_factory=dict)
    mass: MassCount = field(default_factory=MassCount)
    in_words: str = ""
    """Why the mass message goes without its picture."""
    going: int = 0
    """Of a withdrawn one: being sent at this moment; stopped or gone in a few seconds."""

    @property
    def recipients(self) -> int:
        return sum(self.states.values())

    @property
    def settled(self) -> int:
        return self.recipients - sum(self.states[state] for state in OPEN)

    @property
    def gone(self) -> int:
        """Left, or may have left: no withdrawal brings these back."""
        return self.recipients - self.states["waiting"] - self.states["skipped"] - self.going

    @property
    def done(self) -> bool:
        return self.state in (SENT, WITHDRAWN)


def progress(session: Session, announcement: Announcement) -> Progress:
    """One grouped count, whatever the number of recipients, and one row for each ten thousand of a mass message."""
    found = Progress(announcement.id, announcement.state, left_out=dict(announcement.left_out))
    columns = (Recipient.state, Recipient.channel, Recipient.reason)
    query = select(*columns, func.count()).where(Recipient.announcement_id == announcement.id).group_by(*columns)
    for state, channel, reason, count in session.execute(query):
        found.states[state] += count
        if channel and state not in ("waiting", "skipped"):
            found.channels[channel] += count
        if reason:
            found.reasons[reason] += count
    found.mass, found.in_words = _mass_count(session, announcement.id), in_words(announcement)
    if announcement.state == WITHDRAWN and found.states["under_way"] + found.states["task"]:
        found.going = still_going(session, announcement.id)
    return found


def _mass_count(session: Session, announcement_id: int) -> MassCount:
    found = MassCount()
    query = select(MassChunk.platform_id, MassChunk.counts).where(MassChunk.announcement_id == announcement_id)
    for platform_id, counts in session.execute(query):
        found.batches += bool(platform_id)
        if "sent" not in counts:
            continue
        found.reported += 1
        found.sent += counts["sent"]
        found.errors += counts.get("errors", 0)
        found.total += counts.get("total", 0)
        if "filtered" in counts:
            found.over_quota += max(counts.get("total", 0) - counts["filtered"], 0)
    return found


@dataclass(frozen=True)
class GridList:
    """未读清单: one grid of an announcement: how many are meant, and how many have not read it."""

    grid_code: str
    grid: str
    recipients: int
    unread: int


def unread_by_grid(session: Session, announcement: Announcement) -> list[GridList]:
    """The grids with anybody left, the most silent first."""
    unread = func.count().filter(Recipient.state != "read")
    query = select(Recipient.grid_code, Area.name, func.count(), unread)
    query = query.outerjoin(Area, Area.code == Recipient.grid_code).where(Recipient.announcement_id == announcement.id)
    query = (
        query.group_by(Recipient.grid_code, Area.name).having(unread > 0).order_by(unread.desc(), Recipient.grid_code)
    )
    return [GridList(code, name or "", total, silent) for code, name, total, silent in session.execute(query)]


def unread_in(session: Session, announcement: Announcement, grid_code: str) -> list[tuple[str, int]]:
    """Buildings of one grid and how many there have not read it; no doors and no names."""
    ours = Recipient.announcement_id == announcement.id, Recipient.grid_code == grid_code, Recipient.state != "read"
    homes = select(Home.resident_id, func.max(Home.id).label("home_id")).join(Building)
    homes = homes.where(Home.ended_at.is_(None), Building.grid_code == grid_code).group_by(Home.resident_id)
    newest = homes.subquery()
    query = select(Home.building_code, func.count(Recipient.id)).select_from(Recipient)
    query = query.outerjoin(newest, newest.c.resident_id == Recipient.resident_id)
    query = query.outerjoin(Home, Home.id == newest.c.home_id).where(*ours)
    rows = session.execute(query.group_by(Home.building_code).order_by(Home.building_code)).all()
    return [(session.get_one(Building, code).title if code else "住处不明", count) for code, count in rows]
