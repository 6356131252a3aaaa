"""The places of the fictional 清溪街道: communities, grids, estates and buildings. No real place is meant.

The admin code begins with 99, which no province has; the coordinates lie in an empty desert.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count, product
from random import Random

DISTRICT_CODE = "990102000000"
DISTRICT_NAME = "清河区"
STREET_CODE = "990102001000"
STREET_NAME = "清溪街道"
COMMUNITIES = (
    *("望月", "锦绣", "桂花", "东篱", "听雨", "松涛", "杏林", "石桥", "枫桥", "白鹭"),
    *("荷塘", "云台", "竹溪", "新禾", "南园", "古井", "红砖厂", "柳岸", "学府", "青龙"),
)
BASIC_GRIDS = 105
NUMERALS = "零一二三四五六七八九十"
BUILDINGS_PER_GRID = 14
ORIGIN_LATITUDE, ORIGIN_LONGITUDE = 40.3000, 90.5000
# About 60 m between neighbours at this latitude.
STEP_LATITUDE, STEP_LONGITUDE = 0.00054, 0.00071

STEMS = (
    *("碧云", "临溪", "望江", "听松", "金桂", "银杏", "海棠", "玉兰", "芙蓉", "梧桐", "丹枫", "香樟", "月季", "腊梅"),
    *("祥和", "康乐", "长乐", "安居", "怡景", "丽景", "御景", "水岸", "河畔", "山水", "星光", "晨光", "朝阳", "春晓"),
    *("和顺", "兴业", "永安", "太平", "永福", "吉祥", "如意", "平安", "百合", "蓝天", "云水", "清风", "明珠", "金色"),
)
ENDINGS = ("苑", "小区", "花园", "家园", "里", "公寓", "新村", "园", "庭", "佳苑")
SUFFIXES = ("栋", "栋", "号楼", "幢")


@dataclass(frozen=True)
class Grid:
    """网格: one of 105 basic or two special ones."""

    code: str
    name: str
    community_code: str
    community: str
    kind: str = "basic"


@dataclass(frozen=True)
class House:
    """楼栋: one line of buildings.csv."""

    code: str
    grid_code: str
    estate: str
    name: str
    aliases: str
    units: int
    latitude: float
    longitude: float
    households: int


def grids() -> list[Grid]:
    """Six grids in the first five communities, five in the others, and a university and a market of their own."""
    found = []
    for number, community in enumerate(COMMUNITIES, 1):
        code = f"{STREET_CODE[:9]}{number:03}"
        for grid in range(1, 7 if number <= BASIC_GRIDS - 5 * len(COMMUNITIES) else 6):
            found.append(Grid(f"{code}{grid:03}", f"{community}社区第{NUMERALS[grid]}网格", code, f"{community}社区"))
    market, university = f"{STREET_CODE[:9]}003", f"{STREET_CODE[:9]}019"
    found.append(Grid(f"{market}007", "清溪农贸市场专属网格", market, "桂花社区", "special"))
    found.append(Grid(f"{university}006", "清溪大学专属网格", university, "学府社区", "special"))
    return sorted(found, key=lambda grid: grid.code)


def _numbered(estate: str, suffix: str, first: int, last: int) -> list[tuple[str, str]]:
    return [(estate, f"{number}{suffix}") for number in range(first, last + 1)]


def _known() -> dict[str, list[tuple[str, str]]]:
    """The estates that stories are told about, by community and grid; several are easily confused."""
    return {
        "001001": _numbered("阳光里", "号楼", 1, 9) + [("幸福花园", f"{letter}座") for letter in "ABCDE"],
        "001002": _numbered("紫金苑", "栋", 1, 14),
        "001003": _numbered("紫荆苑", "栋", 1, 8) + [("望月街", f"{yard}号院") for yard in range(18, 30, 2)],
        "001004": _numbered("紫荆苑", "栋", 9, 16) + _numbered("桂花里小区", "栋", 1, 6),
        "001005": _numbered("翠竹苑", "栋", 1, 14),
        "001006": _numbered("锦绣城一期", "栋", 1, 10)
        + [("机械厂宿舍", name) for name in ("甲栋", "乙栋", "丙栋", "小白楼")],
        "002001": _numbered("锦绣城二期", "栋", 1, 14),
        "002002": _numbered("紫荆园", "幢", 1, 8) + [("桥北路", f"{yard}号院") for yard in range(1, 12, 2)],
        "003007": [("清溪农贸市场", name) for name in ("蔬菜大厅", "水产大厅", "熟食大厅", "管理楼")],
        "019006": _numbered("清溪大学学生公寓", "栋", 1, 12) + [("清溪大学", f"教学楼{x}座") for x in "ABC"],
        "020001": [("青龙村", f"{NUMERALS[group]}组") for group in range(1, 11)],
        "020002": [("白石村", f"{NUMERALS[group]}组") for group in range(1, 11)],
    }


def _invented(random: Random) -> Iterator[list[tuple[str, str]]]:
    """Estate after estate with their own way of numbering; some have a first and a second phase."""
    names = [stem + ending for ending, stem in product(ENDINGS, STEMS)]
    random.shuffle(names)
    for place, name in enumerate(names):
        suffix = random.choice(SUFFIXES)
        if place % 12 == 5:
            yield _numbered(f"{name}一期", suffix, 1, random.randint(8, 14))
            yield _numbered(f"{name}二期", suffix, 1, random.randint(8, 14))
        else:
            yield _numbered(name, suffix, 1, random.randint(6, 24))


def houses() -> list[House]:
    """About 1,500 buildings; an estate lies in one grid or goes on in the next one of its community."""
    random = Random(20261121)
    known, invented = _known(), _invented(random)
    numbers = count(1)
    built: list[House] = []
    left: list[tuple[str, str]] = []
    community = ""
    for grid in grids():
        if grid.community_code != community:
            community, left = grid.community_code, []
        here = known.get(grid.code[9:])
        if here is None:
            while len(left) < BUILDINGS_PER_GRID:
                left += next(invented)
            here, left = left[:BUILDINGS_PER_GRID], left[BUILDINGS_PER_GRID:]
        built += [_house(next(numbers), grid, place, *named, random) for place, named in enumerate(here)]
    return built


def _house(number: int, grid: Grid, place: int, estate: str, name: str, random: Random) -> House:
    community, cell = int(grid.code[9:12]) - 1, int(grid.code[12:]) - 1
    row = community // 5 * 14 + cell // 3 * 6 + place // 4
    column = community % 5 * 18 + cell % 3 * 5 + place % 4
    units = random.randint(1, 4)
    return House(
        f"B{number:05}",
        grid.code,
        estate,
        name,
        _aliases(estate, name),
        units,
        round(ORIGIN_LATITUDE + row * STEP_LATITUDE, 6),
        round(ORIGIN_LONGITUDE + column * STEP_LONGITUDE, 6),
        units * random.randint(3, 6),
    )


def _aliases(estate: str, name: str) -> str:
    """What people also call it, for the estate everybody asks about."""
    if estate != "紫荆苑":
        return ""
    number = name.removesuffix("栋")
    return f"紫荆{number}幢;紫荆苑{number}号楼"
