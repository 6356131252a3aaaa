"""Places in a talk: what the sentence names, what the home says, and how the rest is asked (domain §4.2)."""

import re
from collections.abc import Iterable
from typing import Any

from bot.answers import bare, number_said, numbered
from bot.message import Unclear
from bot.placed import of_entry, of_home, place_value
from bot.turn import Turn
from bot.understanding.places import PlaceFound
from models.area import Area, Building, top_area
from models.masking import mask_words

NEAR_METRES = 300
ASK = "请问是在哪个小区、几栋？例如：紫荆苑3栋2单元。也可以发送位置。"
NOT_NOW = "暂时不说，请回复“取消”。"
MISSED = "这个地方我没有找到。请说小区名和几栋，例如：紫荆苑3栋；也可以发送位置。回复“人工”找人帮忙，回复“取消”退出。"
AT_HOME = ("我家", "我家里", "家里", "就是我家", "我家门口", "就在我家")
YES = ("是", "是的", "对", "对的", "嗯", "没错", "就是", "就是这里")
UNKNOWN = "地点待问"
"""Stands on a ticket that a person has to ask about."""
GENTLY = (
    "您说的我已经转给要赶过去的人。方便时说一声您在哪里，路名、店名、几栋都行，也可以发送位置。",
    "我在，您的话都转过去了。说不清在哪里也不要紧，可以打110，他们帮您找。",
)
"""In danger nobody is asked coldly, nor twice with the same words."""
STILL = "还请您说一声您在哪里：路名、店名、几栋都行，也可以发送位置。"
NOT_KNOWN = "不知道几栋也不要紧：说说旁边有什么，或者发送位置；回复“人工”，请人帮您找。"
OUTSIDE = "这个位置不在我们的辖区里。请说小区名和几栋，例如：紫荆苑3栋。"


_FILING = ("report", "human")
MOST_BESIDE = 5
"""Characters beside a place, from which on the words say something more."""
_LONGEST_PLACE = 16
_ENDS_AS_A_PLACE = re.compile(
    r"(?:[栋幢楼层号室村组社路街巷弄桥站店铺场园院校厂库棚亭塘河坝坡沟门口边旁里下]|单元|小区|公寓|超市|对面|附近|中间|拐角"
    r"|[上下前后里外][面头]|边上|[那这](?:里|边|儿))(?:的|处|吧|呢)?$"
)
_SAYS_SOMETHING_ELSE = re.compile(
    r"[不没看闹吵坏漏堵断掉流臭响死跳哪几啥了吗他她砸追撬抢]|什么|^(?:我?[在是]?我?们?的?(?:家|屋)[里头]?)$"
)
_ONLY_THERE = re.compile(r"^(?:就?[是在])*(?:我们?的?家|[那这](?:个|里|边|儿))")
"""我家楼下 and 那个小区门口 lead nobody there."""
_WHICH = re.compile(r"[几哪](?:栋|幢|号|单元|楼|个小区|里|儿)|什么地方|地址|位置")
_KNOWS_NOT = re.compile(r"^我?[也就还]?(?:不(?:晓得|知道|清楚|记得)|说不清|搞不清|记不清|忘了)")
_LONGEST_ANSWER = 10
_NO_NAME = re.compile(r"[不没看得]")
"""看不倒路 names no road."""


def home_codes(turn: Turn) -> list[str]:
    return [home.building_code for home in turn.resident.current_homes]


def _find(turn: Turn, text: str, homes: list[str] | None = None) -> PlaceFound:
    found = turn.office.catalogue.gazetteer.find(text, home_codes(turn) if homes is None else homes)
    return PlaceFound() if found.kind == "unknown" and _NO_NAME.match(found.raw) else found


def like_a_place(turn: Turn, text: str) -> bool:
    """大槐树底下, 碧水湾3栋: words that say where and nothing else, whether we know the place or not."""
    said = bare(text)
    if found := _find(turn, text).raw:
        return len(said) - len(bare(found)) < MOST_BESIDE
    in_length = 1 < len(said) <= _LONGEST_PLACE
    return in_length and bool(_ENDS_AS_A_PLACE.search(said)) and not _SAYS_SOMETHING_ELSE.search(said)


def about_the_question(turn: Turn, text: str) -> bool:
    """不晓得几栋: an answer to “where”, though it names no place."""
    said = bare(text)
    return like_a_place(turn, text) or (len(said) <= _LONGEST_ANSWER and bool(_WHICH.search(said)))


def named(turn: Turn, text: str) -> tuple[dict[str, Any] | None, dict[str, Any]]:
    """The place the words themselves name: a value, or the choices to offer; both empty when they name none."""
    found = _find(turn, text)
    if value := _exact(found):
        return value, {}
    return None, _asking(found) if found.kind != "none" else {}


def stated(turn: Turn, text: str) -> tuple[dict[str, Any] | None, dict[str, Any]]:
    """The place a sentence names, and what to ask about it: a value, or the choices to offer.

    Without a place in the words the first home answers; without a home both are empty.
    """
    value, asking = named(turn, text)
    homes = turn.resident.current_homes
    if value or asking or not homes:
        return value, asking
    return of_home(homes[0]), {}


def _exact(found: PlaceFound) -> dict[str, Any] | None:
    """Exactly one building, or an estate that lies in one grid."""
    if found.kind == "building":
        return of_entry(found.buildings[0], found.unit, found.room)
    grids = {entry.grid_code for entry in found.buildings}
    if found.kind == "estate" and len(grids) == 1:
        first = found.buildings[0]
        return place_value("", grids.pop(), found.estate, latitude=first.latitude, longitude=first.longitude)
    return None


def _asking(found: PlaceFound) -> dict[str, Any]:
    offered = found.buildings[:9] if found.kind == "choices" else ()
    return {
        "place_choices": [entry.code for entry in offered],
        "place_names": [of_entry(entry)["text"] for entry in offered],
        "place_estate": found.estate,
        "place_number": found.raw if found.kind == "number" else "",
        "place_unknown": found.raw if found.kind == "unknown" else "",
        "place_unit": found.unit,
        "place_room": found.room,
    }


def prompt(turn: Turn) -> str:
    """The question for a place, with choices when the words fit more than one."""
    answers = turn.answers
    if names := answers.get("place_names"):
        if len(names) == 1:
            return f"请问是{names[0]}吗？是请回复 1；不是请说小区名和几栋。"
        return "请问是哪一处？\n" + numbered(names) + "\n都不是请说小区名和几栋。"
    if answers.get("place_unknown"):
        return f"没有找到“{answers['place_unknown'][:20]}”。{ASK}"
    if answers.get("place_estate"):
        return f"请问是{answers['place_estate']}的几栋？例如：3栋2单元。"
    if answers.get("place_number"):
        return f"请问是哪个小区的{answers['place_number']}？"
    # In danger nobody is shown the door before saying where it is.
    return ASK if answers.get("urgent") else f"{ASK}{NOT_NOW}"


def parse(turn: Turn, text: str) -> dict[str, Any]:
    """An answer to the question for a place. Raises Unclear with the next thing to ask."""
    if turn.inbound.position:
        return _from_position(turn)
    answers = turn.answers
    choices = list(answers.get("place_choices") or ())
    number = 1 if len(choices) == 1 and bare(text) in YES else number_said(text)
    if choices and number is not None:
        if 1 <= number <= len(choices):
            return _chosen(turn, choices[number - 1])
        raise Unclear(prompt(turn))
    if bare(text) in AT_HOME and (homes := turn.resident.current_homes):
        return of_home(homes[0])
    if value := _exact(_find(turn, text, [])):
        return value  # whatever was said before
    for said in _completed(text, answers.get("place_estate", ""), answers.get("place_number", "")):
        found = _find(turn, said, home_codes(turn) or choices)
        if value := _exact(found):
            return value
        if found.kind in ("choices", "estate", "number"):
            turn.answer(**_asking(found))
            raise Unclear(prompt(turn))
    return _as_stated(turn, text)


def _as_stated(turn: Turn, text: str) -> dict[str, Any]:
    """Not found twice: a report goes to the street with the resident's own words, for a person to find it.

    Only words that speak of a place; in danger at once. Raises Unclear the first time, and for everything else.
    """
    answers, urgent = turn.answers, bool(turn.answers.get("urgent"))
    street = top_area(turn.session)
    meant = turn.understood.kind in ("report", "question", "emergency") and like_a_place(turn, text)
    meant = meant and not _ONLY_THERE.match(bare(text))
    if street and meant and (urgent or (turn.talk.misses and turn.talk.service in _FILING)):
        said = " ".join(filter(None, (answers.get("place_estate"), answers.get("place_number"), text[:40])))
        return place_value("", street.code, f"居民所述：{mask_words(said, turn.office.catalogue.staff_names)}")
    if urgent:
        raise Unclear(GENTLY[turn.talk.misses % len(GENTLY)])
    lost = _KNOWS_NOT.match(bare(text)) and len(bare(text)) <= _LONGEST_ANSWER and not turn.talk.misses
    raise Unclear(NOT_KNOWN if lost else MISSED)


def unknown(turn: Turn) -> dict[str, Any]:
    """A person at the street asks for it; empty where there is no street."""
    street = top_area(turn.session)
    return place_value("", street.code, UNKNOWN) if street else {}


def _completed(text: str, estate: str, number: str) -> Iterable[str]:
    """The words alone, and joined with what was said before: 紫荆苑 + 3栋, or 紫荆苑 + (3栋 said earlier)."""
    if estate:
        yield estate + (f"{text}栋" if number_said(text) is not None else text)
    if number:
        yield text + number
    yield text


def _chosen(turn: Turn, code: str) -> dict[str, Any]:
    building = turn.session.get_one(Building, code)
    unit, room = turn.answers.get("place_unit", ""), turn.answers.get("place_room", "")
    return place_value(code, building.grid_code, building.title, unit, room, building.latitude, building.longitude)


def _from_position(turn: Turn) -> dict[str, Any]:
    """A shared location: one building near is taken, several are offered, nearest first."""
    asking = near(turn)
    if not asking:
        raise Unclear(OUTSIDE)
    if len(asking["place_choices"]) == 1:
        return _chosen(turn, asking["place_choices"][0])
    turn.answer(**asking)
    raise Unclear(prompt(turn))


def near(turn: Turn) -> dict[str, Any]:
    """What to offer for the location that was shared; empty outside the area."""
    position = turn.inbound.position
    if not position:
        return {}
    entries = [e for e, _ in turn.office.catalogue.gazetteer.near(position.latitude, position.longitude, NEAR_METRES)][
        :4
    ]
    names = [of_entry(entry)["text"] for entry in entries]
    return {"place_choices": [e.code for e in entries], "place_names": names} if entries else {}


def grid_name(turn: Turn, code: str) -> str:
    area = turn.session.get(Area, code)
    return area.name if area else ""
