"""The people of the fictional street: 1+3+N in every grid, staff above, liaisons in the departments. All invented.

Mobile numbers begin with 12, which no operator has.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from random import Random

from simulator.street_places import DISTRICT_CODE, STREET_CODE, Grid, grids

SINCE = "2026-01-01"
SPELLED = (
    "林:lin 何:he 高:gao 罗:luo 郑:zheng 梁:liang 谢:xie 宋:song 唐:tang 许:xu 韩:han 冯:feng 邓:deng 曹:cao "
    "彭:peng 曾:zeng 肖:xiao 田:tian 董:dong 袁:yuan 潘:pan 于:yu 蒋:jiang 蔡:cai 余:yu 杜:du 叶:ye 程:cheng 苏:su "
    "魏:wei 吕:lv 丁:ding 任:ren 沈:shen 姚:yao 欧阳:ouyang 卢:lu 姜:jiang 崔:cui 钟:zhong 谭:tan 陆:lu"
)
SURNAMES = [pair.split(":") for pair in SPELLED.split()]
GIVEN = (
    "安斌博超春德芳芬刚桂国海红华辉慧健洁静军凯兰磊丽亮琳玲梅明娜宁萍强琴勤蓉山珊生淑涛伟文霞翔欣秀燕洋毅英勇玉云芸珍志"
)
STRANDS = ("党员", "共建单位", "水电气服务", "学生", "志愿服务队", "快递外卖")
JOINING = ("judge", "procurator", "lawyer", "mediator")

HOME_GRID = f"{STREET_CODE[:9]}001003"
HOME_COMMUNITY = HOME_GRID[:12]
# The cast of the stories: whoever reads a test or the demo meets these again.
CAST = {
    (HOME_GRID, "grid_leader"): ("zhou", "周建国", "ZhouJianGuo"),
    (HOME_GRID, "full_time"): ("chen", "陈晓敏", "ChenXiaoMin"),
    (HOME_COMMUNITY, "staff"): ("zhao", "赵丽华", "ZhaoLiHua"),
    (DISTRICT_CODE, "staff"): ("qin", "秦志远", "QinZhiYuan"),
}


@dataclass(frozen=True)
class Somebody:
    """人员: one line of people.csv."""

    key: str
    name: str
    mobile: str
    wecom_userid: str


@dataclass(frozen=True)
class Duty:
    """任职: one line of postings.csv; exactly one of the two codes is filled."""

    person_key: str
    area_code: str
    department_code: str
    duty: str
    strand: str = ""
    since: str = SINCE
    until: str = ""


class Population:
    """网格力量: invents people one after the other and posts them."""

    def __init__(self) -> None:
        self.people: list[Somebody] = []
        self.duties: list[Duty] = []
        self._cast = dict(CAST)
        self._random = Random(3)
        self._numbers = count(1)

    def post(self, area_code: str, duty: str, *, department: str = "", strand: str = "", until: str = "") -> str:
        """Invent somebody (or bring on the cast) for this duty; returns their key."""
        number = next(self._numbers)
        role = area_code, duty
        key, name, userid = self._cast.pop(role) if role in self._cast else self._invent(number)
        self.people.append(Somebody(key, name, f"120{number:08}", userid))
        self.duties.append(Duty(key, area_code, department, duty, strand, until=until))
        return key

    def _invent(self, number: int) -> tuple[str, str, str]:
        surname, spelled = self._random.choice(SURNAMES)
        given = "".join(self._random.sample(GIVEN, self._random.choice((1, 2, 2))))
        return f"p{number:04}", surname + given, f"{spelled}{number:04}"


def population(departments: list[str]) -> Population:
    """Everybody, from the street's office to the volunteers."""
    made = Population()
    for _ in range(3):
        made.post(STREET_CODE, "staff")
    for _ in range(2):
        made.post(STREET_CODE, "operator")
    by_community: dict[str, list[Grid]] = {}
    for grid in grids():
        by_community.setdefault(grid.community_code, []).append(grid)
    for community, own in by_community.items():
        _staff_community(made, community, own)
    made.post(HOME_GRID, "full_time", until="2026-07-01")
    for department in departments:
        made.post("", "liaison", department=department)
        made.post("", "staff", department=department)
    for duty in ("staff", "staff", "operator"):
        made.post(DISTRICT_CODE, duty)
    return made


def _staff_community(made: Population, community: str, own: list[Grid]) -> None:
    for _ in range(3):
        made.post(community, "staff")
    officer = made.post(community, "police")
    for duty in JOINING:
        made.post(community, duty)
    for grid in own:
        made.duties.append(Duty(officer, grid.code, "", "police"))
        for duty in ("grid_leader", "full_time", "part_time", "advisor", "building_leader", "building_leader"):
            made.post(grid.code, duty)
        for strand in _two_strands(int(grid.code[12:])):
            made.post(grid.code, "volunteer", strand=strand)


def _two_strands(number: int) -> Iterator[str]:
    yield STRANDS[number % len(STRANDS)]
    yield STRANDS[(number + 1) % len(STRANDS)]
