"""Areas 辖区, their buildings 楼栋, departments 部门 and group chats 网格群."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.database import Record

LEVELS = ("district", "street", "community", "grid", "micro_grid")


class Area(Record):
    """辖区: one node of the tree district → street → community → grid → micro-grid (domain §2)."""

    __tablename__ = "areas"
    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    level: Mapped[str] = mapped_column(String(20), index=True)
    parent_code: Mapped[str | None] = mapped_column(
        ForeignKey("areas.code", deferrable=True, initially="DEFERRED"), index=True
    )
    kind: Mapped[str] = mapped_column(String(20), default="basic")
    note: Mapped[str] = mapped_column(String(500), default="")


class Building(Record):
    """楼栋: belongs to one grid; coordinates are GCJ-02 degrees."""

    __tablename__ = "buildings"
    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    grid_code: Mapped[str] = mapped_column(ForeignKey("areas.code"), index=True)
    estate: Mapped[str] = mapped_column(String(100), default="")
    name: Mapped[str] = mapped_column(String(100))
    aliases: Mapped[str] = mapped_column(String(500), default="")
    units: Mapped[str] = mapped_column(String(100), default="")
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    households: Mapped[int | None]

    @property
    def title(self) -> str:
        """紫荆苑3栋, never 紫荆苑紫荆苑3栋."""
        return self.name if self.name.startswith(self.estate) else self.estate + self.name


class Department(Record):
    """部门: a unit that can be given a matter or whistled."""

    __tablename__ = "departments"
    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    short_names: Mapped[str] = mapped_column(String(500), default="")


class Group(Record):
    """网格群: a WeCom group chat bound to one area or one department.

    `webhook_key` is a secret. `closed_reason` is set when the platform says the webhook is gone (93000).
    """

    __tablename__ = "groups"
    chat_id: Mapped[str] = mapped_column(String(128), primary_key=True)
    area_code: Mapped[str | None] = mapped_column(ForeignKey("areas.code"), index=True)
    department_code: Mapped[str | None] = mapped_column(ForeignKey("departments.code"), index=True)
    webhook_key: Mapped[str] = mapped_column(String(200), default="")
    name: Mapped[str] = mapped_column(String(100), default="")
    closed_reason: Mapped[str] = mapped_column(String(100), default="")
    paused_until: Mapped[datetime | None]
    """The platform said 45009: nothing is pushed before."""


def turn_of(area: Area) -> dict[str, str]:
    """The fields of a ticket that say this area has it now."""
    return {"turn_code": area.code, "level": area.level}


def line_of(session: Session, code: str | None) -> list[Area]:
    """The area and everything above it, nearest first: grid, community, street, district."""
    line: list[Area] = []
    while code and (area := session.get(Area, code)) and area not in line:
        line.append(area)
        code = area.parent_code
    return line


def top_area(session: Session) -> Area | None:
    """The street of this deployment, or its highest area: where a report without a place goes."""
    by_level = {area.level: area for area in session.scalars(select(Area).where(Area.level.in_(LEVELS[:3])))}
    streets = session.scalars(select(Area).where(Area.level == "street").limit(2)).all()
    if len(streets) == 1:
        return streets[0]
    return next((by_level[level] for level in LEVELS[:3] if level in by_level), None)


def group_of_area(session: Session, code: str | None) -> Group | None:
    """The area's group, or its nearest ancestor's, that can be pushed to (contract §9)."""
    for area in line_of(session, code):
        if group := _usable(session, Group.area_code == area.code):
            return group
    return None


def group_of_department(session: Session, code: str | None) -> Group | None:
    return _usable(session, Group.department_code == code) if code else None


def _usable(session: Session, condition) -> Group | None:  # type: ignore[no-untyped-def]
    query = select(Group).where(condition, Group.webhook_key != "", Group.closed_reason == "")
    return session.scalars(query.order_by(Group.chat_id).limit(1)).first()
