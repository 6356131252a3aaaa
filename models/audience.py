"""Who is meant 受众: homes in areas and buildings, tags of residents, and what is taken away again.

Everything here is one query over the tables, whatever the size of the city: no resident is looked at in Python.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import CTE, Select, Subquery, and_, func, or_, select
from sqlalchemy.orm import Session

from models.announcement import Announcement, Recipient, ResidentTag
from models.area import Area, Building, top_area
from models.database import Refused
from models.resident import Home, Resident

STANDARD_TAGS = {
    "60+": "60岁以上", "tenant": "租房", "car": "有汽车", "ebike": "有电动车", "pet": "养宠物", "pupil": "家有学生",
}  # fmt: skip
"""What residents may say of themselves; a deployment adds its own by import."""

KINDS = ("areas", "buildings", "tags")


@dataclass(frozen=True)
class Audience:
    """受众: any of the areas (with everything below them) or buildings, with any of the tags, minus the `without` ones.

    A place is taken away from the homes, a tag from the residents: who has one flat in an excluded building and one
    outside of it is still meant, for the sake of the other.
    """

    areas: tuple[str, ...] = ()
    buildings: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    without_areas: tuple[str, ...] = ()
    without_buildings: tuple[str, ...] = ()
    without_tags: tuple[str, ...] = ()

    @classmethod
    def from_facts(cls, facts: Mapping[str, Any]) -> "Audience":
        without = facts.get("without", {})
        return cls(
            *(tuple(facts.get(kind, ())) for kind in KINDS),
            *(tuple(without.get(kind, ())) for kind in KINDS),
        )

    def facts(self) -> dict[str, Any]:
        """The one way to write it down: sorted and without repeats, so that equal audiences have equal fingerprints."""
        plain = {kind: sorted(set(getattr(self, kind))) for kind in KINDS}
        return {**plain, "without": {kind: sorted(set(getattr(self, f"without_{kind}"))) for kind in KINDS}}


def require_known(session: Session, audience: Audience) -> None:
    """Raises Refused for an audience without a place, or with a code or tag nobody knows."""
    if not audience.areas and not audience.buildings:
        raise Refused("请写明发给哪里：至少一个辖区代码或楼栋代码。")
    _require(session, Area.code, (*audience.areas, *audience.without_areas), "辖区", "areas.csv")
    _require(session, Building.code, (*audience.buildings, *audience.without_buildings), "楼栋", "buildings.csv")
    tags = set(audience.tags) | set(audience.without_tags)
    _require(session, ResidentTag.tag, tags - set(STANDARD_TAGS), "标签", "我的标签 或 flask announce tags")


def _require(session: Session, column: Any, wanted: Iterable[str], name: str, source: str) -> None:
    known = set(session.scalars(select(column).where(column.in_(sorted(set(wanted)))).distinct()))
    if missing := sorted(set(wanted) - known):
        raise Refused(f"没有这样的{name}：{'、'.join(missing[:5])}。请核对（来自 {source}）。")


def areas_of(session: Session, audience: Audience) -> list[str]:
    """The areas somebody must answer for to speak to this audience: those named, and the grids of the buildings."""
    grids = session.scalars(select(Building.grid_code).where(Building.code.in_(audience.buildings)).distinct())
    return sorted({*audience.areas, *grids})


def meant_by(announcement: Announcement) -> Subquery:
    """`resident_id` and `grid_code` of everybody meant, once each, whether or not they can be reached.

    A second call means those of the first who have not read it, wherever they live by now.
    """
    if announcement.second_call_of:
        unread = select(Recipient.resident_id, Recipient.grid_code)
        first = Recipient.announcement_id == announcement.second_call_of
        return unread.where(first, Recipient.state != "read").subquery("meant")
    return _living(Audience.from_facts(announcement.audience))


def _living(audience: Audience) -> Subquery:
    """By current homes; whoever has several is meant for the one bound last."""
    homes = select(Home.resident_id, func.max(Home.id).label("home_id")).where(
        Home.ended_at.is_(None), Home.building_code.in_(_buildings(audience.areas, audience.buildings, "wanted"))
    )
    if audience.without_areas or audience.without_buildings:
        away = _buildings(audience.without_areas, audience.without_buildings, "unwanted")
        homes = homes.where(Home.building_code.not_in(away))
    if audience.tags:
        homes = homes.where(Home.resident_id.in_(_tagged(audience.tags)))
    if audience.without_tags:
        homes = homes.where(Home.resident_id.not_in(_tagged(audience.without_tags)))
    chosen = homes.group_by(Home.resident_id).subquery("chosen")
    query = select(chosen.c.resident_id, Building.grid_code).join(Home, Home.id == chosen.c.home_id)
    return query.join(Building, Building.code == Home.building_code).subquery("meant")


def _buildings(areas: Collection[str], buildings: Collection[str], name: str) -> Select[Any]:
    below = _below(areas, name)
    return select(Building.code).where(or_(Building.grid_code.in_(select(below.c.code)), Building.code.in_(buildings)))


def _below(areas: Collection[str], name: str) -> CTE:
    """The areas and everything under them; UNION, so that even a circle of areas comes to an end."""
    found = select(Area.code).where(Area.code.in_(areas)).cte(name, recursive=True)
    return found.union(select(Area.code).join(found, Area.parent_code == found.c.code))


def _tagged(tags: Collection[str]) -> Select[Any]:
    return select(ResidentTag.resident_id).where(ResidentTag.tag.in_(tags))


def recipients_of(announcement: Announcement) -> Select[Any]:
    """`resident_id` and `grid_code` of those who get it: they follow the account and want announcements."""
    meant = meant_by(announcement)
    query = select(Resident.id, meant.c.grid_code).join(meant, meant.c.resident_id == Resident.id)
    return query.where(Resident.followed.is_(True), Resident.bulletins.is_(True))


def left_out(session: Session, announcement: Announcement) -> dict[str, int]:
    """How many are meant and get nothing, by reason.

    `no_home` can only be said when the whole deployment is meant: nobody knows in which area they live.
    """
    meant = meant_by(announcement)
    gone = Resident.followed.is_(False)
    query = select(
        func.count().filter(gone), func.count().filter(and_(Resident.followed.is_(True), Resident.bulletins.is_(False)))
    ).join(meant, meant.c.resident_id == Resident.id)
    unfollowed, silent = session.execute(query).one()
    counts = {"unfollowed": unfollowed, "bulletins_off": silent, "no_home": _homeless(session, announcement)}
    return {reason: count for reason, count in counts.items() if count}


def _homeless(session: Session, announcement: Announcement) -> int:
    """Followers whose home is unknown."""
    audience, top = Audience.from_facts(announcement.audience), top_area(session)
    if announcement.second_call_of or audience.tags or not top or top.code not in audience.areas:
        return 0
    at_home = select(Home.id).where(Home.resident_id == Resident.id, Home.ended_at.is_(None)).exists()
    query = select(func.count()).select_from(Resident).where(Resident.followed.is_(True), Resident.bulletins.is_(True))
    return session.scalar(query.where(~at_home)) or 0
