"""Who is meant by a name in a command: a grid by code or name, a person on the roster, a department."""

import re

from sqlalchemy import or_, select

from bot.command import GroupTurn
from models.area import Area, Department
from models.database import Refused
from models.person import HANDLER_DUTIES, Person, Posting
from models.roster import duties_of


def name_and_reason(words: str) -> tuple[str, str]:
    """给王芳，在她片区 → 王芳 and the reason."""
    name, *reason = re.split(r"[\s,，、。:：]+", words.removeprefix("给").strip(), maxsplit=1)
    return name, reason[0] if reason else ""


def department_named(turn: GroupTurn, name: str) -> Department | None:
    """城管, 城管局, cg: by code, name or short name."""
    for department in turn.session.scalars(select(Department).order_by(Department.code)):
        short = [part for part in re.split(r"[;；、,，]", department.short_names) if part]
        if name in (department.code, department.name, *short):
            return department
    return None


def grid_or_person(turn: GroupTurn, name: str) -> tuple[Area, Person | None]:
    """The grid that gets a ticket, and who of it is asked. Raises Refused when nobody, or more than one, is meant."""
    area = _area(turn, name)
    return (area, None) if area else _person(turn, name)


def _area(turn: GroupTurn, name: str) -> Area | None:
    """A grid by code or by name; its last part is enough when only one fits."""
    grids = Area.level.in_(("grid", "micro_grid"))
    query = select(Area).where(or_(Area.code == name, (Area.name == name) & grids)).limit(2)
    found = list(turn.session.scalars(query))
    if not found and "网格" in name:
        ends_so = select(Area).where(Area.name.endswith(name, autoescape=True), grids)
        found = _nearest(turn, list(turn.session.scalars(ends_so)))
    if len(found) > 1:
        raise Refused(f"有不止一个“{name}”，请写网格代码。")
    return found[0] if found else None


def _nearest(turn: GroupTurn, grids: list[Area]) -> list[Area]:
    """第四网格 is the one of the ticket's own community, if it has one."""
    parent = turn.ticket.area.parent_code if turn.ticket else None
    return [area for area in grids if area.parent_code == parent] or grids


def _person(turn: GroupTurn, name: str) -> tuple[Area, Person]:
    zone = turn.office.settings.deployment.zone
    hits: list[tuple[Posting, Person]] = []
    for person in turn.session.scalars(select(Person).where(Person.name == name)):
        duties = duties_of(turn.session, person.key, turn.now, zone)
        hits += [(p, person) for p in duties if p.duty in HANDLER_DUTIES and p.area_code]
    areas = {posting.area_code: turn.session.get_one(Area, posting.area_code) for posting, _ in hits}
    if not hits:
        raise Refused(f"名册里没有在岗的“{name}”。请写全名，或网格名、网格代码。")
    if len(areas) > 1:
        listed = "、".join(f"{area.name} {area.code}" for area in areas.values())
        raise Refused(f"不止一位“{name}”：{listed}。请写网格代码。")
    return next(iter(areas.values())), hits[0][1]
