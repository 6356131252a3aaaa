"""A street small enough to import in a second: 1 street, 3 communities, 6 grids, a group for each and two departments."""

import csv
from collections.abc import Sequence
from pathlib import Path

STREET = "990199001000"
COMMUNITIES = [f"99019900100{n}" for n in (1, 2, 3)]
GRIDS = [f"{community}{n:03}" for community in COMMUNITIES for n in (1, 2)]
ESTATES = ["梧桐里", "紫荆苑", "白鹭洲", "听涛园", "云杉坊", "望江台"]
BUILDINGS_EACH = 12
NAMES = ["慕容青山", "尉迟恭正", "司徒明月", "诸葛春生", "上官飞雪", "夏侯长风"]


def grid(n: int) -> str:
    return GRIDS[n - 1]


def building(n: int, house: int = 1) -> str:
    return f"H{n}{house:02}"


def chat(code: str) -> str:
    return f"chat-{code}"


def key(code: str) -> str:
    return f"key-{code}-canary"


def leader(n: int) -> str:
    """The userid of the leader of grid n."""
    return f"leader{n}"


def mate(n: int) -> str:
    """The userid of the full-time worker of grid n."""
    return f"mate{n}"


def write(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    areas = [[STREET, "试金街道", "street", "", "basic", ""]]
    areas += [[code, f"第{n}社区", "community", STREET, "basic", ""] for n, code in enumerate(COMMUNITIES, 1)]
    areas += [[code, f"第{n}网格", "grid", code[:12], "basic", ""] for n, code in enumerate(GRIDS, 1)]
    _table(folder, "areas", "code name level parent_code kind note", areas)
    _table(folder, "buildings", "code grid_code estate name aliases units latitude longitude households", _buildings())
    people, postings = _staff()
    _table(folder, "people", "key name mobile wecom_userid", people)
    _table(folder, "postings", "person_key area_code department_code duty strand from to", postings)
    _table(folder, "departments", "code name short_names", [["cg", "城市管理", "城管"], ["xf", "消防救援", "消防"]])
    codes = [area[0] for area in areas]
    groups = [[chat(code), code, "", key(code), f"群{code}"] for code in codes]
    groups += [[chat(code), "", code, key(code), f"群{code}"] for code in ("cg", "xf")]
    _table(folder, "groups", "chat_id area_code department_code webhook_key name", groups)


def _buildings() -> list[list[str]]:
    return [
        [
            building(n, house),
            grid(n),
            estate,
            f"{house}号楼",
            f"{house}栋",
            "3",
            f"{30 + n / 10}",
            f"{104 + house / 100}",
            "9",
        ]
        for n, estate in enumerate(ESTATES, 1)
        for house in range(1, BUILDINGS_EACH + 1)
    ]


def _staff() -> tuple[list[list[str]], list[list[str]]]:
    people = [["p-street", "欧阳若水", "13900000099", "boss"]]
    postings = [["p-street", STREET, "", "staff", "", "2026-01-01", ""]]
    for n, name in enumerate(NAMES, 1):
        people += [[f"p-l{n}", name, f"1390000000{n}", leader(n)], [f"p-m{n}", f"{name}二", f"1390000001{n}", mate(n)]]
        postings += [
            [f"p-l{n}", grid(n), "", "grid_leader", "", "2026-01-01", ""],
            [f"p-m{n}", grid(n), "", "full_time", "", "2026-01-01", ""],
        ]
    people.append(["p-gone", "轩辕旧人", "13900000077", "former"])
    postings.append(["p-gone", grid(1), "", "full_time", "", "2026-01-01", "2026-02-01"])
    return people, postings


def _table(folder: Path, name: str, header: str, rows: Sequence[Sequence[str]]) -> None:
    with open(folder / f"{name}.csv", "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header.split())
        writer.writerows(rows)
