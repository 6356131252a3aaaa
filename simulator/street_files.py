"""A street read from the product's import files (contract §5): groups with their members, and buildings."""

import csv
from dataclasses import dataclass, field
from pathlib import Path

from simulator.groups import Member

DUTIES = {
    "grid_leader": "网格长",
    "full_time": "专职网格员",
    "part_time": "兼职网格员",
    "advisor": "网格指导员",
    "liaison": "联络员",
    "staff": "工作人员",
    "operator": "指挥中心",
    "police": "民警",
    "judge": "法官",
    "procurator": "检察官",
    "lawyer": "法律工作者",
    "mediator": "调解员",
    "building_leader": "楼栋长",
    "volunteer": "志愿者",
}
MEMBERS_AT_MOST = 30


@dataclass(frozen=True, slots=True)
class Building:
    """楼栋: something with a QR code on its door and a place on the map."""

    code: str
    name: str
    grid_code: str
    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Area:
    """辖区: one node of the tree."""

    code: str
    name: str
    level: str
    parent_code: str


@dataclass(frozen=True, slots=True)
class GroupRow:
    """群聊登记: one line of groups.csv with its members found."""

    chat_id: str
    name: str
    webhook_key: str
    code: str
    level: str
    members: list[Member]


@dataclass(slots=True)
class Street:
    """街道: everything the simulated platforms know about places and people."""

    areas: dict[str, Area] = field(default_factory=dict)
    buildings: list[Building] = field(default_factory=list)
    groups: list[GroupRow] = field(default_factory=list)
    calendar: dict[str, str] = field(default_factory=dict)
    """ISO day → holiday or workday, where a day is not what its weekday says."""

    def path(self, code: str) -> list[str]:
        """Names from the top down to this area."""
        names: list[str] = []
        while area := self.areas.get(code):
            names.append(area.name)
            code = area.parent_code
        return names[::-1]


def read_street(folder: Path) -> Street:
    """Absent files are empty."""
    areas = {
        row["code"]: Area(row["code"], row["name"], row["level"], row.get("parent_code", ""))
        for row in _rows(folder / "areas.csv")
    }
    buildings = [
        Building(
            row["code"],
            row.get("estate", "") + row["name"],
            row["grid_code"],
            float(row.get("latitude") or 0),
            float(row.get("longitude") or 0),
        )
        for row in _rows(folder / "buildings.csv")
    ]
    members = _members(folder, areas)
    groups = [_group(row, areas, members) for row in _rows(folder / "groups.csv")]
    calendar = {row["date"]: row["kind"] for row in _rows(folder / "calendar.csv")}
    return Street(areas, buildings, groups, calendar)


def _group(row: dict[str, str], areas: dict[str, Area], members: dict[str, list[Member]]) -> GroupRow:
    code = row.get("area_code") or row.get("department_code") or ""
    area = areas.get(code)
    above = members.get(area.parent_code, []) if area else []
    # The level above sits in the group too: its staff answer when nobody of the grid does.
    present = members.get(code, []) + [member for member in above if member.duty == DUTIES["staff"]][:3]
    return GroupRow(
        row["chat_id"],
        row.get("name") or (area.name if area else code),
        row.get("webhook_key", ""),
        code,
        area.level if area else "department",
        present[:MEMBERS_AT_MOST],
    )


def _members(folder: Path, areas: dict[str, Area]) -> dict[str, list[Member]]:
    """Area or department code → its people, most responsible first."""
    people = {row["key"]: row for row in _rows(folder / "people.csv")}
    order = list(DUTIES)
    found: dict[str, list[Member]] = {}
    for row in _rows(folder / "postings.csv"):
        person, code = people.get(row["person_key"]), row.get("area_code") or row.get("department_code") or ""
        if person and person.get("wecom_userid"):
            duty = DUTIES.get(row["duty"], row["duty"])
            found.setdefault(code, []).append(Member(person["wecom_userid"], person["name"], duty))
    rank = {DUTIES[duty]: place for place, duty in enumerate(order)}
    return {code: sorted(group, key=lambda m: rank.get(m.duty, 99)) for code, group in found.items()}


def _rows(path: Path) -> list[dict[str, str]]:
    if not path.is_file():
        return []
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))
