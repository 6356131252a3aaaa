"""我的网格员: who answers for the resident's home, by surname and duty; never a phone number nobody agreed to show."""

from bot.message import Reply
from bot.service import Service
from bot.turn import Turn
from models.area import line_of
from models.resident import Home
from models.roster import covering

NO_HOME = "告诉我您住几栋，就知道您的网格员是谁。例如回复：绑定 紫荆苑3栋"


def _fulfil(turn: Turn) -> Reply:
    homes = turn.resident.current_homes
    if not homes:
        return Reply(NO_HOME)
    grids = {home.building.grid_code: home for home in reversed(homes)}
    parts = [_grid(turn, code, home) for code, home in grids.items()]
    return Reply("\n".join([*parts, "电话不公开，有事直接在这里说，值班人员都能看到。看社区公告，回复“公告”。"]))


def _grid(turn: Turn, code: str, home: Home) -> str:
    own, *above = line_of(turn.session, code)
    community = next((area.name for area in above if area.level == "community"), "")
    names = own.name if own.name.startswith(community) else community + own.name
    duty = covering(turn.session, turn.now, turn.office.settings.deployment.zone, area_code=code)
    who = "、".join(dict.fromkeys(posting.title for posting in duty)) or "现在没有人值班，由社区接着"
    return f"{home.building.title}属于{names}。\n您的网格员：{who}"


SERVICE = Service(
    code="my_grid",
    name="",
    words=("我的网格", "我的网格员", "谁是我的网格员", "网格员是谁"),
    fulfil=_fulfil,
)
