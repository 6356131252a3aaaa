"""`python -m simulator.street FOLDER`: the fictional 清溪街道 as import files (contract §5), always the same.

A district above it, 20 communities, 105 + 2 grids, about 1,500 buildings, 22 departments, one group chat for each of them.
王阿姨 of the stories lives in 紫荆苑3栋, in the third grid of 望月社区.
"""

import argparse
import csv
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from simulator.street_people import Population, population
from simulator.street_places import COMMUNITIES, DISTRICT_CODE, DISTRICT_NAME, STREET_CODE, STREET_NAME, grids, houses

DEPARTMENTS = {
    "cg": ("城市管理", "城管;城管局;城管中队;执法队"),
    "zj": ("住房建设", "住建;住建局;房管;房管局"),
    "wy": ("物业服务", "物业;物业公司"),
    "hb": ("生态环境", "环保;环保局;环境局"),
    "gs": ("水电气热", "水务;供水;自来水;供电;电力;燃气;供热"),
    "xf": ("消防救援", "消防;消防队"),
    "ga": ("公安派出所", "公安;派出所;警察;交警"),
    "jt": ("交通运输", "交通;交通局;公交"),
    "mz": ("民政", "民政局;民政办"),
    "rs": ("人社", "人社局;社保;劳动;劳动监察"),
    "wj": ("卫生健康", "卫健;卫健局;卫生;社区医院"),
    "jy": ("教育", "教育局;学校"),
    "sf": ("司法所", "司法;司法局;调解"),
    "sc": ("市场监管", "市监;市场监管局;工商"),
    "zz": ("综治中心", "综治;信访;政法"),
    "dq": ("党群服务中心", "党群;党建;便民中心"),
    "tx": ("通信运营", "通信;电信;移动;联通"),
    "nl": ("农林园林", "园林;绿化;农业;农林"),
    "yj": ("应急管理", "应急;应急局;安监"),
    "yb": ("医疗保障", "医保;医保局"),
    "tj": ("退役军人", "退役军人站;退役军人事务"),
    "jw": ("纪检监察", "纪委;监委;纪检"),
}

# The State Council's notice of 4 November 2025: days off (first, last) and the weekend days worked for them.
DAYS_OFF = {
    "元旦": ("2026-01-01", "2026-01-03"),
    "春节": ("2026-02-15", "2026-02-23"),
    "清明节": ("2026-04-04", "2026-04-06"),
    "劳动节": ("2026-05-01", "2026-05-05"),
    "端午节": ("2026-06-19", "2026-06-21"),
    "中秋节": ("2026-09-25", "2026-09-27"),
    "国庆节": ("2026-10-01", "2026-10-07"),
}
MAKE_UP_DAYS = {
    "元旦": ("2026-01-04",),
    "春节": ("2026-02-14", "2026-02-28"),
    "劳动节": ("2026-05-09",),
    "国庆节": ("2026-09-20", "2026-10-10"),
}

MARKET_GRID = f"{STREET_CODE[:9]}003007"
SHIFTS_HOLD = "2026-01-01", "2028-01-01"

Row = tuple[object, ...]


def write_street(folder: Path) -> None:
    """Write all import files into `folder`, which is made when it is not there."""
    folder.mkdir(parents=True, exist_ok=True)
    made = population(list(DEPARTMENTS))
    _write(folder / "areas.csv", "code,name,level,parent_code,kind,note", _areas())
    _write(
        folder / "buildings.csv",
        "code,grid_code,estate,name,aliases,units,latitude,longitude,households",
        (tuple(vars(house).values()) for house in houses()),
    )
    _write(folder / "people.csv", "key,name,mobile,wecom_userid", (tuple(vars(one).values()) for one in made.people))
    _write(
        folder / "postings.csv",
        "person_key,area_code,department_code,duty,strand,from,to",
        (tuple(vars(duty).values()) for duty in made.duties),
    )
    _write(
        folder / "roster.csv",
        "person_key,area_code,kind,since,until,weekdays,begins,ends,stands_in_for,note",
        _shifts(made),
    )
    _write(folder / "departments.csv", "code,name,short_names", ((code, *names) for code, names in DEPARTMENTS.items()))
    _write(folder / "groups.csv", "chat_id,area_code,department_code,webhook_key,name", _groups())
    _write(folder / "calendar.csv", "date,kind,note", sorted(_calendar()))


def _areas() -> Iterator[Row]:
    yield DISTRICT_CODE, DISTRICT_NAME, "district", "", "basic", "虚构的示范区"
    yield STREET_CODE, STREET_NAME, "street", DISTRICT_CODE, "basic", "虚构的示范街道"
    for number, community in enumerate(COMMUNITIES, 1):
        yield f"{STREET_CODE[:9]}{number:03}", f"{community}社区", "community", STREET_CODE, "basic", ""
    for grid in grids():
        yield grid.code, grid.name, "grid", grid.community_code, grid.kind, ""


def _groups() -> Iterator[Row]:
    for code, name, *_ in _areas():
        yield f"chat-{code}", code, "", _webhook_key(str(code)), f"{name}工作群"
    for code, (name, _) in DEPARTMENTS.items():
        yield f"chat-{code}", "", code, _webhook_key(code), f"{name}（{STREET_NAME}）工作群"


def _shifts(made: Population) -> Iterator[Row]:
    """The market opens before everybody else does: two of its people take turns."""
    posted = {(duty.area_code, duty.duty): duty.person_key for duty in made.duties}
    for duty, begins, ends, note in (("full_time", "05:00", "13:00", "早市"), ("part_time", "13:00", "21:00", "晚市")):
        yield posted[MARKET_GRID, duty], MARKET_GRID, "shift", *SHIFTS_HOLD, "", begins, ends, "", note


def _webhook_key(code: str) -> str:
    """Shaped like a real one, and worth nothing outside the simulator."""
    return str(uuid5(NAMESPACE_URL, f"yunge-demo/{code}"))


def _calendar() -> Iterator[Row]:
    for name, (first, last) in DAYS_OFF.items():
        day = date.fromisoformat(first)
        while day <= date.fromisoformat(last):
            yield day.isoformat(), "holiday", name
            day += timedelta(days=1)
    for name, days in MAKE_UP_DAYS.items():
        for worked in days:
            yield worked, "workday", f"{name}调休上班"


def _write(path: Path, header: str, rows: Iterable[Row]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header.split(","))
        writer.writerows(rows)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m simulator.street", description=__doc__)
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="where the CSV files go")
    folder = parser.parse_args().folder
    write_street(folder)
    print(f"Street written to {folder}. Next: .venv/bin/flask import {folder}")


if __name__ == "__main__":
    main()
