"""How residents write a building: its part of the estate, number, unit and room. Works on canonical text.

Part 期/区, number 栋/幢/号楼/座/#/号院/弄/组, unit 单元/门, room 501室, and the dash form 3-2-501.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_VALUE = r"(?:[A-Z甲乙丙丁]?\d{1,3}(?!\d)[A-Z甲乙丙丁]?|[A-Z甲乙丙丁])"
_PART = r"[(\[]?\s*第?(?P<part>\d{1,2}期|[东西南北中]区|[A-Z]区|\d{1,2}区|\d{1,2}组团)\s*[)\]]?"
# 三栋楼 counts buildings, 三栋楼下 names one; 7座车, 三座桥 and 两组灯泡 are no buildings, 五社区 is no village group.
_SUFFIX = (
    r"(?:(?P<suffix>栋|幢)(?!楼(?![上下道顶梯内里门前后东西南北\d])|半(?![年个夜天月晚小])|[新旧老]楼"
    r"|[的新旧老]?(?:房|别墅|[高大]楼|建筑|住宅|居民楼)|小?高层|洋房)"
    r"|(?P<suffix2>号楼|#楼|#|号大?院|楼(?<=[A-Z甲乙丙丁]楼))"
    r"|(?P<suffix3>座)(?![位谈机椅桥山塔庙坟城亭驾式标面轿商汽车]|的(?:小|大)?[车轿商面])"
    r"|(?P<suffix4>(?:村民)?小组|弄(?![得坏好脏丢错])"
    r"|组(?![织合建员长装件成团]|(?:数据|数字|灯|照片|沙发|家具|电池|柜|图|密码|号码|人))|社(?![区会保工团交长员群恐])"
    r"|排(?![队水污气出除查练])|队(?![伍员长])))"
)
_UNIT = (
    r"(?:[\s,、(-]*(?:(?P<unit>\d{1,2}|[A-Z甲乙丙丁东西中])\s*单元|(?P<unit2>\d{1,2})\s*门(?![口卫禁锁前洞铃])"
    r"|(?P<unit3>\d{1,2})(?=\s*-\s*\d{3,4}(?!\d))))?"
)
# 120 behind an address is the number to call, not a room.
_ROOM = (
    r"(?:(?:[\s,-]*\d{1,2}[楼层])?[\s,-]*(?P<room>(?!1(?:10|19|20|22)(?!\d|\s*[室房户]))\d{3,4}[A-Z]?)(?![\dA-Z.])"
    r"(?:\s*(?:室|房|号|户)|(?!\s*[个块元路米斤天度分年点次瓦月多来平万人])))?"
)
_MORE = rf"(?P<more>(?:\s*(?:[、,和及跟与到至~/-]|还有)\s*{_VALUE}){{1,4}}(?=\s*[栋幢座#号组社弄]))?"
_NUMBERED = rf"第?(?P<value>{_VALUE}){_MORE}\s*{_SUFFIX}{_UNIT}{_ROOM}"

# 22号晚上 is a day of the month.
_TIME = r"(?:早上|上午|中午|下午|晚上|凌晨|夜里|半夜|那天|之前|之后|以前|以后|开始)"
_FILLER = (
    r"\s*(?P<generic>小区|社区)?[\s,、。:·]*"
    r"(?:的|这边|那边|这里|那里|里面|里头|里|院内|院里|内|我们|我家|家住|住在?|是|在)?[\s,、]*"
)
_FILLED = re.compile(_FILLER)
_PARTED = re.compile(_PART)
_AFTER_ESTATE = re.compile(_NUMBERED)
_DASHED = re.compile(
    rf"(?P<value>{_VALUE})(?=[-\s./]+\d{{3,4}}(?!\d)|[-./]\d{{1,2}}(?!\d)(?!\s*(?:[栋幢座#]|号楼)))"
    rf"[-\s./]*(?P<unit>\d{{1,2}}(?!\d))?(?:单元)?[-\s./]*(?P<room>\d{{3,4}}(?!\d))?(?!\s*[个块元路米天度分年点次月])"
    r"(?P<branch>号(?![楼院线]))?"
)
# 3动, 三懂, 3d: what a keyboard makes of 栋. Never sure.
_MISSPELT = re.compile(
    r"第?(?P<value>\d{1,3})\s*(?:[懂动冻洞董撞]|东(?![区门侧边面头单路街])|D(?:ONG)?(?![A-Z\d]))(?P<suffix>)"
)
_LOOSE = re.compile(
    rf"(?P<value>{_VALUE})\s*(?P<suffix>号(?![线码召称角位机令]|\s*{_TIME})|(?<!\d{{3}})(?=$|[\s,。!?;的]))"
)
_ALONE = re.compile(
    r"(?<![0-9A-Z.\-#:/统同每这那哪某整任唯万之另初有共两几])"
    rf"(?:{_PART}\s*)?(?:{_NUMBERED}"
    r"|(?P<strict>\d{1,2})-(?P<strict_unit>\d{1,2})-(?P<strict_room>(?!(?:19|20)\d\d)\d{3,4})(?![\d-]))"
)
_NAME = re.compile(
    rf"(?P<head>|[^\d].+?)(?:{_PART})?(?:第?(?P<value>{_VALUE}|\d{{1,3}}-\d{{1,3}})\s*(?P<suffix>[^\d\s]{{0,2}}))?"
    r"(?P<unit>\d{1,2}单元)?"
)

_LEADING_ZEROS = re.compile(r"(?<!\d)0+(?=\d)")
_FAMILIES = dict.fromkeys(("", "栋", "幢", "号楼", "#", "#楼", "座", "楼"), "")
_FAMILIES |= {"村民小组": "组", "小组": "组"}
_FAMILIES |= {
    "号院": "院",
    "号大院": "院",
    "院": "院",
    "号": "号",
    "弄": "弄",
    "组": "组",
    "社": "社",
    "排": "排",
    "队": "队",
}


@dataclass(frozen=True)
class Address:
    """What is said behind (or without) an estate's name. `sure` is false where it may mean something else."""

    start: int
    end: int
    part: str = ""
    values: tuple[str, ...] = ()
    family: str = ""
    unit: str = ""
    room: str = ""
    compound: str = ""
    """"1-1" of 1-1栋 or 1-1-101: in some estates that is a building's whole number."""
    generic: bool = False
    sure: bool = True


def after_estate(text: str, start: int) -> Address:
    """What follows an estate's name that ends at `start`; without values and part when nothing does."""
    filled = _FILLED.match(text, start)
    generic = bool(filled and filled["generic"])
    here = filled.end() if filled else start
    parted = _PARTED.match(text, start) or _PARTED.match(text, here)
    part = parted["part"] if parted else ""
    if parted:
        refilled = _FILLED.match(text, parted.end())
        here = refilled.end() if refilled else parted.end()
    for pattern, sure in ((_AFTER_ESTATE, True), (_DASHED, True), (_MISSPELT, False), (_LOOSE, False)):
        if hit := pattern.match(text, here):
            return _address(hit, start, part, generic=generic, sure=sure)
    end = parted.end() if parted else filled.end("generic") if filled and generic else start
    return Address(start, end, part, generic=generic)


def alone(text: str) -> Iterator[Address]:
    """Every building number that carries its own word (3栋) or is a full dash form (3-2-501)."""
    for hit in _ALONE.finditer(text):
        if hit["strict"]:
            yield Address(
                *(hit.start(), hit.end(), hit["part"] or "", (hit["strict"],), ""),
                *(hit["strict_unit"], hit["strict_room"], f"{hit['strict']}-{hit['strict_unit']}"),
            )
        else:
            yield _address(hit, hit.start(), hit["part"] or "")


def _address(hit: re.Match[str], start: int, part: str, *, generic: bool = False, sure: bool = True) -> Address:
    said = {name: value for name, value in hit.groupdict().items() if value}
    suffix = next((said[name] for name in ("suffix", "suffix2", "suffix3", "suffix4") if name in said), "")
    unit = next((said[name] for name in ("unit", "unit2", "unit3") if name in said), "")
    values = tuple(
        _LEADING_ZEROS.sub("", value) for value in (said["value"], *re.findall(_VALUE, said.get("more", "")))
    )
    family, room = _FAMILIES.get(suffix, ""), said.get("room", "")
    second = values[1] if len(values) == 2 and "-" in said["more"] else unit
    compound = f"{values[0]}-{second}" if second else ""
    # 24-1号 may be a house of its own that the gazetteer does not have.
    sure = sure and "branch" not in said
    return Address(start, hit.end(), part, values, family, unit, room, compound, generic, sure)


@dataclass(frozen=True)
class Name:
    """A gazetteer's name taken apart: 锦绣城 · 2期 · 3; `value` is empty for 小白楼, `whole` false for 1栋1单元."""

    head: str
    part: str = ""
    value: str = ""
    family: str = ""
    whole: bool = True


def split_name(name: str) -> Name:
    """`name` must be canonical."""
    hit = _NAME.fullmatch(name)
    if not hit or (hit["suffix"] or "") not in _FAMILIES:
        return Name(name)
    if len(hit["head"]) == 1 or (hit["value"] and not hit["suffix"] and not hit["value"][-1].isdigit()):
        return Name(name)
    family = _FAMILIES[hit["suffix"] or ""]
    return Name(
        hit["head"].strip(), hit["part"] or "", _LEADING_ZEROS.sub("", hit["value"] or ""), family, not hit["unit"]
    )
