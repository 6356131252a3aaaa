"""A rule ⇄ its words: 每月5日 09:00, 每周一、三 18:30, 每个工作日 08:30, 春节前3天 09:00. What is written is also understood. Pure."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from cn2an import transform

from bot import recurrence
from bot.lunar import FESTIVALS, lunar_words
from bot.recurrence import NINE, Recurrence
from bot.when import When, when_said

_WEEKDAYS = "一二三四五六日"
_NUMBER = r"[0-9一二两三四五六七八九十]{1,3}"
_LUNAR_MONTHS = {name: number for number, name in enumerate("正二三四五六七八九十冬腊", 1)} | {
    "一": 1, "十一": 11, "十二": 12,
}  # fmt: skip
_LUNAR_DAY = r"初[一二三四五六七八九十]|十[一二三四五六七八九]|二十[一二三四五六七八九]?|廿[一二三四五六七八九]|三十|十"
_OFFSET = rf"(?:(?P<side>前|后|的前|的后)(?:(?P<count>{_NUMBER})[天日]|(?P<week>一?周|一个?星期)))?"
_EVERY = r"每个?"
_PATTERNS = (
    (rf"{_EVERY}(?P<workday>工作日|上班日)(?:每天)?|(?:工作日|上班日)每天", recurrence.WORKDAY),
    (rf"{_EVERY}月(?:的)?(?P<edge>第一个?|首个|最后一?个?)(?:工作日|上班日)", "edge"),
    (rf"{_EVERY}月(?:的)?(?:(?P<last>最后一天|月?底|末)|(?P<day>{_NUMBER})[日号]?)", recurrence.MONTH),
    (rf"{_EVERY}(?:周|星期|礼拜)(?P<weekdays>[一二三四五六日天末1-7](?:[、，,和跟及]?(?:周|星期|礼拜)?[一二三四五六日天1-7](?![0-9点时:：号]))*)",
     recurrence.WEEK),
    (r"(?:每天|每日|天天)", recurrence.DAY),
    (rf"(?:^|每年的?)(?:农历|阴历)?(?P<festival>{'|'.join(FESTIVALS)})节?{_OFFSET}", recurrence.FESTIVAL),
    (rf"(?:每年的?)?(?:农历|阴历)(?P<lm>十[一二]|[正一二三四五六七八九十冬腊])月(?P<ld>{_LUNAR_DAY}){_OFFSET}", recurrence.LUNAR),
    (rf"每年的?(?P<lm>[正冬腊])月(?P<ld>{_LUNAR_DAY}){_OFFSET}", recurrence.LUNAR),
    (rf"每年的?(?P<m>{_NUMBER})(?:月|[-/.])(?P<d>{_NUMBER})[日号]?", recurrence.YEAR),
)  # fmt: skip
_EXPRESSIONS = tuple((re.compile(pattern), kind) for pattern, kind in _PATTERNS)
_HALVES = {"早上": 8, "早晨": 8, "上午": 9, "中午": 12, "下午": 15, "傍晚": 18, "晚上": 19, "夜里": 21}
_HALF = re.compile("|".join(_HALVES))
_MORNING = re.compile(r"凌晨|清早|早上|早晨|上午|夜里|\d[:：]\d")
_SOON = re.compile(rf"(?P<count>{_NUMBER}|半)个?(?P<half>半)?(?P<unit>分钟|小时|钟头)(?:之?后|以后|过后)")
_UNSAID = re.compile(r"^(?:每|隔)")
_EDGES = " 　,，、。:：;；的在到"


@dataclass(frozen=True)
class RuleSaid:
    """说出的规则: the rule, and the words around it."""

    rule: Recurrence
    rest: str


def rule_said(text: str, now: datetime, zone: ZoneInfo) -> RuleSaid | None:
    """The rule that `text` names, and what else it says; None when it names none (or one we do not know)."""
    text = text.strip(_EDGES)
    for expression, kind in _EXPRESSIONS:
        if found := expression.search(text):
            at, behind = _clock(text[found.end() :], now, zone)
            try:
                return RuleSaid(_READ[kind](found, at or NINE), _joined(text[: found.start()], behind))
            except (ValueError, KeyError):
                return None
    return None if _UNSAID.match(text) else _once(text, now, zone)


def _joined(before: str, behind: str) -> str:
    return f"{before.strip(_EDGES)} {behind.strip(_EDGES)}".strip()


def _once(text: str, now: datetime, zone: ZoneInfo) -> RuleSaid | None:
    if soon := _SOON.search(text):
        return _soon(soon, text, now, zone)
    if said := when_said(text, now, zone, NINE):
        at, rest = (_afternoon(text, said), said.rest) if said.has_hour else _half_said(said.rest)
        return RuleSaid(Recurrence(recurrence.ONCE, at, said.moment.date()), rest.strip(_EDGES))
    at_today, rest = _clock(text, now, zone)
    if at_today is None:
        return None
    today = now.astimezone(zone)
    day = today.date() + timedelta(days=0 if at_today > today.time() else 1)
    return RuleSaid(Recurrence(recurrence.ONCE, at_today, day), rest.strip(_EDGES))


def _soon(found: "re.Match[str]", text: str, now: datetime, zone: ZoneInfo) -> RuleSaid:
    """半小时后, 20分钟后: up to the next whole minute."""
    minutes = 30.0 if found["count"] == "半" else _number(found["count"])
    if found["unit"] != "分钟":
        minutes = 30.0 if found["count"] == "半" else minutes * 60 + (30 if found["half"] else 0)
    moment = now.astimezone(zone) + timedelta(minutes=minutes, seconds=59)
    rule = Recurrence(recurrence.ONCE, time(moment.hour, moment.minute), moment.date())
    return RuleSaid(rule, _joined(text[: found.start()], text[found.end() :]))


def _clock(tail: str, now: datetime, zone: ZoneInfo) -> tuple[time | None, str]:
    """The time that the words begin with, if they do, and the rest of them; 三点 means the afternoon."""
    said = when_said(f"今天{tail.strip(_EDGES)}", now, zone)
    if said and said.has_hour:
        return _afternoon(tail, said), said.rest
    if _HALF.match(tail.strip(_EDGES)):
        return _half_said(tail.strip(_EDGES))
    return None, tail


def _half_said(rest: str) -> tuple[time, str]:
    half = _HALF.match(rest)
    return (time(_HALVES[half[0]]), rest[half.end() :]) if half else (NINE, rest)


def _afternoon(text: str, said: When) -> time:
    at = said.moment.time()
    return at.replace(hour=at.hour + 12) if 1 <= at.hour <= 6 and not _MORNING.search(text) else at


def _number(text: str) -> int:
    return int(text) if text.isdigit() else int(transform(text.replace("两", "二")))


def _weekday(name: str) -> int:
    if name == "末":
        return 6
    return int(name) if name.isdigit() else 7 if name == "天" else _WEEKDAYS.index(name) + 1


def _read_week(found: "re.Match[str]", at: time) -> Recurrence:
    names = re.findall(r"[一二三四五六日天末1-7]", re.sub("星期|礼拜|周", "", found["weekdays"]))
    return Recurrence(recurrence.WEEK, at, weekdays=tuple(sorted({_weekday(name) for name in names})))


def _read_edge(found: "re.Match[str]", at: time) -> Recurrence:
    return Recurrence(recurrence.LAST if found["edge"].startswith("最后") else recurrence.FIRST, at)


def _offset(found: "re.Match[str]") -> int:
    if not found["side"]:
        return 0
    days = 7 if found["week"] else _number(found["count"])
    return -days if found["side"].endswith("前") else days


def _lunar_day(name: str) -> int:
    return _number(name.removeprefix("初").replace("廿", "二十"))


_READ: dict[str, Callable[["re.Match[str]", time], Recurrence]] = {
    recurrence.DAY: lambda found, at: Recurrence(recurrence.DAY, at),
    recurrence.WORKDAY: lambda found, at: Recurrence(recurrence.WORKDAY, at),
    "edge": _read_edge,
    recurrence.WEEK: _read_week,
    recurrence.MONTH: lambda found, at: Recurrence(recurrence.MONTH, at, day=31 if found["last"] else _number(found["day"])),
    recurrence.YEAR: lambda found, at: Recurrence(recurrence.YEAR, at, month=_number(found["m"]), day=_number(found["d"])),
    recurrence.LUNAR: lambda found, at: Recurrence(
        recurrence.LUNAR, at, month=_LUNAR_MONTHS[found["lm"]], day=_lunar_day(found["ld"]), offset=_offset(found)
    ),
    recurrence.FESTIVAL: lambda found, at: Recurrence(
        recurrence.FESTIVAL, at, name=found["festival"], offset=_offset(found)
    ),
}  # fmt: skip


def rule_words(rule: Recurrence) -> str:
    """每月5日 09:00: what `rule_said` reads as the same rule."""
    return f"{_WRITTEN[rule.every](rule)} {rule.at:%H:%M}"


def _shifted(rule: Recurrence) -> str:
    return f"{'前' if rule.offset < 0 else '后'}{abs(rule.offset)}天" if rule.offset else ""


def _week_words(rule: Recurrence) -> str:
    return "每周" + "、".join(_WEEKDAYS[day - 1] for day in rule.weekdays)


_WRITTEN: dict[str, Callable[[Recurrence], str]] = {
    recurrence.ONCE: lambda rule: f"{rule.on:%Y年%-m月%-d日}" if rule.on else "",
    recurrence.DAY: lambda rule: "每天",
    recurrence.WEEK: _week_words,
    recurrence.MONTH: lambda rule: "每月最后一天" if rule.day == 31 else f"每月{rule.day}日",
    recurrence.YEAR: lambda rule: f"每年{rule.month}月{rule.day}日",
    recurrence.WORKDAY: lambda rule: "每个工作日",
    recurrence.FIRST: lambda rule: "每月第一个工作日",
    recurrence.LAST: lambda rule: "每月最后一个工作日",
    recurrence.LUNAR: lambda rule: f"每年农历{lunar_words(rule.month, rule.day)}{_shifted(rule)}",
    recurrence.FESTIVAL: lambda rule: f"每年{rule.name}{_shifted(rule)}",
}
