"""What the tables know of those who are to be reached, many at a time."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, and_, select
from sqlalchemy.orm import Session

from bot.config import Settings
from bot.ladder.choose import Reach
from models.announcement import Consent, MassUse
from models.area import group_of_area
from models.resident import Resident

FACTS = (
    Resident.followed, Resident.bulletins, Resident.message_left, Resident.message_until, Resident.moment_left,
    Resident.moment_until, Consent.remaining, Consent.lasting, MassUse.used,
)  # fmt: skip


def month_of(now: datetime, zone: ZoneInfo) -> str:
    """The platform counts mass messages by the calendar month: 2026-11."""
    return f"{now.astimezone(zone):%Y-%m}"


def with_facts(query: Select[Any], settings: Settings, now: datetime) -> Select[Any]:
    """The query, which knows `residents` already, with `FACTS` as its last columns."""
    template, month = settings.announcements.subscribe_template, month_of(now, settings.deployment.zone)
    consent = and_(Consent.resident_id == Resident.id, Consent.template_id == template)
    used = and_(MassUse.resident_id == Resident.id, MassUse.month == month)
    return query.outerjoin(Consent, consent).outerjoin(MassUse, used).add_columns(*FACTS)


def reach_from(facts: Any, settings: Settings, now: datetime, *, grouped: bool, tried: Mapping[str, str]) -> Reach:
    """The last columns of a row of `with_facts`, in words of the ladder."""
    followed, bulletins, left, until, moment_left, moment_until, remaining, lasting, used = facts[-len(FACTS) :]
    return Reach(
        followed, bulletins, _open(left, until, moment_left, moment_until, now), bool(settings.announcements.subscribe_template),
        bool(lasting or (remaining or 0) > 0), used or 0, grouped, tried,
    )  # fmt: skip


def messages_left(resident: Resident, now: datetime) -> int:
    """Of the resident's open window, nothing subtracted."""
    r = resident
    return _open(r.message_left, r.message_until, r.moment_left, r.moment_until, now)


def _open(left: int, until: datetime | None, moment_left: int, moment_until: datetime | None, now: datetime) -> int:
    window = left if until and until > now else 0
    if moment_until and moment_until > now:
        return min(window, moment_left)  # the platform takes from the window that closes first
    return window


@dataclass
class Groups:
    """网格群查找: which grids have a group, asked once for each grid."""

    session: Session
    known: dict[str, str]

    def of(self, grid_code: str) -> str:
        """The chat of the grid's group, or of the nearest one above; empty when there is none."""
        if grid_code not in self.known:
            group = group_of_area(self.session, grid_code)
            self.known[grid_code] = group.chat_id if group else ""
        return self.known[grid_code]


def planned(session: Session, settings: Settings, residents: Select[Any], now: datetime) -> Iterator[tuple[int, Reach]]:
    """What the ladder would see of these residents now. `residents` selects (resident id, grid code), once each."""
    groups, meant = Groups(session, {}), residents.subquery()
    resident, grid = list(meant.c)[:2]
    query = with_facts(select(resident, grid).join(Resident, Resident.id == resident), settings, now)
    for row in session.execute(query.execution_options(yield_per=2000)):
        yield row[0], reach_from(row, settings, now, grouped=bool(groups.of(row[1])), tried={})
