"""绑定: where the resident lives; several homes are allowed, the newest counts first."""

from typing import Any

from bot import whereabouts
from bot.message import Reply
from bot.service import Question, Service
from bot.turn import Turn
from models.resident import bind_home
from models.roster import covering


def _begin(turn: Turn, rest: str) -> dict[str, Any]:
    found = turn.office.catalogue.gazetteer.find(rest, whereabouts.home_codes(turn)) if rest else None
    if not found or found.kind in ("none", "unknown"):
        return {}
    value, asking = whereabouts.stated(turn, rest)
    return {"place": value} if value and value["building"] else asking


def _fulfil(turn: Turn) -> Reply:
    place = turn.answers["place"]
    if not place["building"]:
        return Reply("已记下。等知道是几栋了，再说一声“绑定”就行。")
    before = turn.resident.current_homes
    bind_home(turn.session, turn.resident, place["building"], place["unit"], place["door"], turn.now)
    duty = covering(turn.session, turn.now, turn.office.settings.deployment.zone, area_code=place["grid"])
    worker = f"，{duty[0].title}负责" if duty else ""
    lines = [f"已记住您住{place['text']}，属于{whereabouts.grid_name(turn, place['grid'])}{worker}。"]
    if before and all(home.building_code != place["building"] for home in before):
        lines.append(f"您之前的住处{before[0].building.title}也还留着；搬走了请回复“解绑”。")
    lines.append("有什么事直接说，例如：楼道灯不亮了。")
    return Reply("\n".join(lines))


SERVICE = Service(
    code="bind_home",
    name="绑定住处",
    order=4,
    words=("绑定住处", "绑定住址", "绑定", "搬家"),
    questions=(Question("place", whereabouts.prompt, whereabouts.parse),),
    begin=_begin,
    fulfil=_fulfil,
)
