"""Names of places the gazetteer does not have: a wrong character, or a place outside. Works on canonical text."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.understanding.place_index import EstateIndex

WINDOW = 12
"""Characters looked at in front of a number."""

_RUN = re.compile(r"([一-鿿]{1,8}?)(?:的|里面|里头|那边|这边|小区)?\s*$")
_ENDING = r"(?:[苑院园里城府庭居湾郡坊轩阁邸街路巷村]|小区|花园|公寓|新村|大厦|广场|宿舍|山庄|胡同|大道)"
_NAMED = re.compile(rf"(?P<name>[一-鿿]{{2,8}}?{_ENDING})(?:的|那边|这边)?\s*(?:[A-Z\d]{{1,2}}[区期])?\s*$")
_NAMED_ANYWHERE = re.compile(
    r"(?:(?<![一-鿿])|(?<=[住在是到去来和跟与对从问看]))"
    r"(?:[一-鿿]{2,8}?(?:小区|公寓|[苑院]|[园府庭](?![门子里]))"
    r"|[一-鿿]{2,3}(?:路|街|大道)(?=[口这那上的]|边上|$|[\s,。!?;]))"
)
_STREET_NUMBER = re.compile(
    r"(?P<name>[一-鿿]{2,8}?)(?P<number>\d{1,4}(?:-\d{1,3})?)(?:号(?:大?院|楼)?|弄\d{0,3}号?)(?![线码召称角位机令])"
)
_STREET = re.compile(r"(?:路|街|巷|弄|里|胡同|大道)$")
# What stands in front of a name and is no part of it. 和平路 and 来福街 keep their first character.
_LEAD = re.compile(r"^.*(?:[住在是到从址说看问这个了]|家住|位于|举报|反映|投诉)(?=..)")
_NO_NAME = re.compile(
    r"(?:[们我咱俺这那个本老旧全各别的壁面边近同了整有和幼儿公校菜家医法学住出进入治造建修管理业村宅多带置击占所]"
    r"(?:小区|公寓|[苑院园府庭街])|[居农市]民小区|[家院村区楼屋这那哪心夜面子道]里|[市省]府)$"
)
# 马路, 走路, 这条路 are no names; nor is 我们村.
_NO_STREET = re.compile(
    r"(?:(?:[马公铁道大小走修电线水网半顺绕条段赶开过挡让认带问跑铺堵占拦扫上下学楼门旁边口的们我个这那每整完着了]|回家|下班)路"
    r"|(?:[条逛上大小这那整我们旁边]|步行|商业|小吃)街|[们我咱本这那个全各农乡山的]村|[小条这那]巷|[这那]里)$"
)


@dataclass(frozen=True)
class Stranger:
    """陌生地名: where a name that is none of ours stands, and the estates it may be a slip for."""

    start: int
    end: int
    estates: tuple[str, ...] = ()
    number: str = ""


def before_number(text: str, index: EstateIndex, at: int) -> Stranger | None:
    """The unknown name in front of a number that begins at `at`."""
    begin = max(0, at - WINDOW)
    if (run := _RUN.search(text, begin, at)) and (similar := index.similar(run[1])):
        return Stranger(run.start(), at, tuple(similar))
    named = _NAMED.search(text, begin, at)
    if not named:
        return None
    start = _without_lead(named["name"], named.start())
    name = text[start : named.end("name")]
    return None if len(name) < 2 or _nameless(name) else Stranger(start, at)


def streets(text: str, index: EstateIndex) -> Iterator[Stranger]:
    """望江路18号, 中山路100弄5号: houses of streets that are none of ours."""
    for hit in _STREET_NUMBER.finditer(text):
        if similar := index.similar(hit["name"]):
            yield Stranger(hit.start(), hit.end(), tuple(similar), hit["number"])
        elif _STREET.search(hit["name"]):
            start = _without_lead(hit["name"], hit.start())
            name = text[start : hit.end("name")]
            if len(name) >= 2 and not _nameless(name):
                yield Stranger(start, hit.end())


def without_number(text: str, index: EstateIndex) -> Iterator[Stranger]:
    """碧水湾小区, 紫金院, 桥北路口: a name without a number."""
    for hit in _NAMED_ANYWHERE.finditer(text):
        name = re.split(r"[住在是到去来跟与对从问看]", hit[0])[-1]
        if len(name) < 3 or _nameless(name):
            continue
        similar = index.similar(name)
        if similar or name.endswith(("小区", "公寓", "路", "街", "大道")):
            yield Stranger(hit.end() - len(name), hit.end(), tuple(similar))


def _without_lead(name: str, start: int) -> int:
    lead = _LEAD.match(name)
    return start + (lead.end() if lead else 0)


def _nameless(name: str) -> bool:
    return bool(_NO_NAME.search(name) or _NO_STREET.search(name))
