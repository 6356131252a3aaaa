"""Places in a talk: what the sentence names, what the home says, and how the rest is asked (domain §4.2)."""

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
OUTSIDE = "这个位置不在我们的辖区里。请说小区名和几栋，例如：紫荆苑3栋。"


_FILING = ("report", "human")


def home_codes(turn: Turn) -> list[str]:
    return [home.building_code for home in turn.resident.current_homes]


def stated(turn: Turn, text: str) -> tuple[dict[str, Any] | None, dict[str, Any]]:
    """The place a sentence names, and what to ask about it: a value, or the choices to offer.

    Without a place in the words the first home answers; without a home both are empty.
    """
    found = turn.office.catalogue.gazetteer.find(text, home_codes(turn))
    if value := _exact(found):
        return value, {}
    if found.kind != "none":
        return None, _asking(found)
    homes = turn.resident.current_homes
    return (of_home(homes[0]) if homes else None), {}


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
    gazetteer = turn.office.catalogue.gazetteer
    choices = list(answers.get("place_choices") or ())
    number = 1 if len(choices) == 1 and bare(text) in YES else number_said(text)
    if choices and number is not None:
        if 1 <= number <= len(choices):
            return _chosen(turn, choices[number - 1])
        raise Unclear(prompt(turn))
    if bare(text) in AT_HOME and (homes := turn.resident.current_homes):
        return of_home(homes[0])
    for said in _completed(text, answers.get("place_estate", ""), answers.get("place_number", "")):
        found = gazetteer.find(said, home_codes(turn) or choices)
        if value := _exact(found):
            return value
        if found.kind in ("choices", "estate", "number"):
            turn.answer(**_asking(found))
            raise Unclear(prompt(turn))
    return _as_stated(turn, text)


def _as_stated(turn: Turn, text: str) -> dict[str, Any]:
    """Not found twice: a report goes to the street with the resident's own words, for a person to find it.

    Raises Unclear the first time, and for what is no report.
    """
    answers = turn.answers
    street = top_area(turn.session)
    meant = turn.understood.kind in ("report", "question")
    if street and meant and turn.talk.misses and (turn.talk.service in _FILING or answers.get("urgent")):
        said = " ".join(filter(None, (answers.get("place_estate"), answers.get("place_number"), text[:40])))
        return place_value("", street.code, f"居民所述：{mask_words(said, turn.office.catalogue.staff_names)}")
    raise Unclear(MISSED)


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
