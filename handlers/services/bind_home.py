"""绑定: where the resident lives; several homes are allowed, the newest counts first."""

import re
from typing import Any

from bot import whereabouts
from bot.answers import bare
from bot.message import Reply
from bot.own_ticket import answers_a_worker
from bot.service import Question, Service, next_question
from bot.turn import Turn
from models.resident import bind_home
from models.roster import covering
from models.ticket import tickets_of

ASK = f"请问您住哪个小区、几栋？例如：紫荆苑3栋2单元501。也可以发送位置。{whereabouts.NOT_NOW}"
MOST_BESIDE = 4
"""我住紫荆苑3栋，姓王 is a home; with more words it is more than that."""
MOST = 20
_LIVES = re.compile(
    r"^(?:你好|您好)?[，,\s]*(?:我们?家?|本人|家)(?:就|是|现在)?(?:住在?|搬到了?)[:：\s]*(?P<where>.+)$", re.DOTALL
)
_MOVED = re.compile(
    r"(?:(?:我们?家?|俺们?家?)(?:都|已经|刚刚?|要|最近|现在|今天|昨天|上个?月|今年)*搬(?:了?新?家|走|到|去)|搬了?新?家)(?:了|啦|吧)*(?P<rest>.*)"
)
_HOME = r"(?:我们?家?的?|家里?的?|自己的?)?(?:绑定的?|登记的?)?(?:住处|住址|家庭住址|家庭地址|绑定)"
_CHANGE = re.compile(
    r"(?:我们?|请|帮我|麻烦|想|要|需要|可以|能不能|怎么|给我|把)*(?:改|换|修改|更改|变更|更新|重新|登记)(?:一下|下|个)?"
    + _HOME
    + r"(?:信息|怎么办|吧|了|啊|嘛)*"
    r"|" + _HOME + r"(?:变了|改了|换了|要改|怎么改|怎么换|改一下|换一下)(?:啊|吧|了|呢)*"
)


def _hears(turn: Turn) -> str | None:
    """我住紫荆苑3栋2单元, whatever else is open; asked where something is, by us or by a worker, it answers that."""
    if (rest := _moves(turn)) is not None:
        return rest
    said = _LIVES.match(turn.text)
    if not said or turn.decision.action in ("ticket", "ask") or turn.answers.get("urgent"):
        return None
    found = turn.office.catalogue.gazetteer.find(said["where"], whereabouts.home_codes(turn))
    beside = len(bare(said["where"])) - len(bare(found.raw))
    if found.kind != "building" or beside > MOST_BESIDE or _asked_where(turn):
        return None
    return said["where"]


def _moves(turn: Turn) -> str | None:
    """我搬家了, 我想改住处, 我搬到紫荆苑5栋了; what says more than that is heard as itself."""
    if _CHANGE.fullmatch(turn.understood.text):
        return ""
    moved = _MOVED.fullmatch(turn.understood.text)
    if not moved or turn.decision.action == "ticket" or turn.answers.get("urgent"):
        return None
    raw = turn.office.catalogue.gazetteer.find(turn.text, whereabouts.home_codes(turn)).raw
    beside = len(bare(moved["rest"])) - len(bare(raw))
    return (turn.text if raw else "") if beside <= (MOST_BESIDE if raw else 0) else None


def _asked_where(turn: Turn) -> bool:
    """A report goes on by itself once the home is known; every other question for a place is answered by it."""
    service = turn.office.services.get(turn.talk.service)
    if not service:
        return answers_a_worker(turn)
    question = next_question(service, turn.answers)
    return service.code != "report" and question is not None and question.slot == "place"


def _begin(turn: Turn, rest: str) -> dict[str, Any]:
    found = turn.office.catalogue.gazetteer.find(rest, whereabouts.home_codes(turn)) if rest else None
    if not found or found.kind in ("none", "unknown"):
        return {}
    value, asking = whereabouts.stated(turn, rest)
    return {"place": value} if value and value["building"] else asking


def _ask(turn: Turn) -> str:
    asked = any(value for key, value in turn.answers.items() if key.startswith("place"))
    return whereabouts.prompt(turn) if asked else ASK


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
    moved = _moved(turn, place)
    return Reply("\n".join([*lines, *(moved or ["有什么事直接说，例如：楼道灯不亮了。"])]))


def _moved(turn: Turn, place: dict[str, Any]) -> list[str]:
    """Their reports that a person would have had to ask the place of are at home."""
    own = tickets_of(turn.session, turn.resident.id, unfinished=True, limit=MOST)
    unplaced = [ticket.number for ticket in own if ticket.place == whereabouts.UNKNOWN]
    relocate = turn.office.services["relocate"]
    told = [turn.begin(relocate, {"ticket": number, "place": place}).text for number in unplaced]
    turn.message.reply_kind = "bind_home"
    return told


SERVICE = Service(
    code="bind_home",
    name="绑定住处",
    order=4,
    words=("绑定住处", "绑定住址", "绑定", "搬家"),
    hears=_hears,
    questions=(Question("place", _ask, whereabouts.parse),),
    begin=_begin,
    fulfil=_fulfil,
)
