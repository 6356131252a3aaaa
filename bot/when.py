"""什么时候: a day, and perhaps an hour, at the beginning or anywhere in a sentence. Pure.

`11-28`, `11月28日`, `2026-11-28`, `28号`, `明天`, `大后天`, `周五`, `下周三`, `三天后`, `两周`, `三个月`, `月底`, `明年三月`, `下月5号`,
with `下午三点半` or `15:30` behind. 三月 is March; 三个月 and 三月后 are counted.
"""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from cn2an import transform

_NEAR = {"今天": 0, "今日": 0, "明天": 1, "明日": 1, "明儿": 1, "后天": 2, "大后天": 3}
_WEEKDAYS = "一二三四五六日天"
_NUMBER = r"[0-9零一二两三四五六七八九十]{1,4}"
_DAY = re.compile(
    rf"(?P<near>大后天|今天|今日|明天|明日|明儿|后天)"
    rf"|(?P<next>下*)(?:个)?(?:周|星期|礼拜)(?P<weekday>[一二三四五六日天1-7])"
    rf"|(?P<year>\d{{4}})[-/.年](?P<m1>\d{{1,2}})[-/.月](?P<d1>\d{{1,2}})[日号]?"
    rf"|(?:(?P<ahead>今年|明年|后年|\d{{4}}年)\s*的?)?"
    rf"(?:(?P<m2>{_NUMBER})月(?P<d2>{_NUMBER})[日号]?"
    rf"|(?P<m3>\d{{1,2}})[-/.](?P<d3>\d{{1,2}})(?![\d:：])(?:[日号](?![楼院栋]))?"
    rf"|(?P<m4>(?!两){_NUMBER})月份?(?P<part>[上中下]旬|[初中底末])?(?(ahead)|(?!之?[后内]|以[后内])))"
    rf"|下个?月(?:(?P<d5>{_NUMBER})[日号]|(?P<part5>[上中下]旬|[初中底末]))"
    rf"|(?P<count>{_NUMBER}|半)个?(?P<unit>天|日|周|星期|礼拜|月)(?:之?后|以后|内)?(?![0-9])"
    rf"|(?P<d4>{_NUMBER})[号日](?![楼院栋])"
    r"|(?P<end>本?月底|年底)"
)
_HOUR = re.compile(
    rf"\s*(?P<half>凌晨|清早|早上|早晨|上午|中午|下午|傍晚|晚上|夜里)?\s*"
    rf"(?:(?P<hour>{_NUMBER})(?:[点时](?P<minute>半|一刻|三刻|{_NUMBER}分?)?|[:：](?P<colon>\d{{2}})))"
)
_LATE = ("下午", "傍晚", "晚上", "夜里")
_QUARTERS = {"半": 30, "一刻": 15, "三刻": 45}


@dataclass(frozen=True)
class When:
    """时间说法: the moment that was meant, whether an hour was named, and the words around it."""

    moment: datetime
    has_hour: bool
    rest: str


def when_said(text: str, now: datetime, zone: ZoneInfo, day_ends: time = time(17, 30)) -> When | None:
    """The first day named in `text`; without an hour it means until the end of that day's work. None: no day."""
    for found in _DAY.finditer(text):
        day = _day(found, now.astimezone(zone).date())
        if day is None:
            continue
        hour = _HOUR.match(text, found.end())
        at = _time(hour) if hour else None
        end = hour.end() if hour and at else found.end()
        before, behind = text[: found.start()].rstrip(" ,，、到至"), text[end:].lstrip(" ,，、。:：前之")
        rest = f"{before} {behind}".strip()
        return When(datetime.combine(day, at or day_ends, zone), at is not None, rest)
    return None


@dataclass(frozen=True)
class Span:
    """时间段: from a moment to a moment (exclusive), and the words before and behind it."""

    since: datetime
    until: datetime
    before: str
    behind: str


_HALF = re.compile(r"\s*(?P<half>上午|早上|下午|晚上|夜里)(?:半天)?")
_HALVES = {"上午": (0, 12), "早上": (0, 12), "下午": (12, 24), "晚上": (18, 24), "夜里": (18, 24)}
_TO = re.compile(r"\s*(?:到|至|[-~～—－–])+\s*")
_AND = re.compile(r"\s*[、和]?\s*")
_BARE_DAY = re.compile(r"(?P<d4>\d{1,2})(?=$|[\s,，、。])")
"""11-28到30."""
_LASTING = re.compile(r"\s*(?:起|开始)?\s*[,，]?\s*(?:请|休|共|一共)?")
_DAYS_ALONE = re.compile(r"(?<!\d)(1[3-9]|2\d|3[01])[-~～—至到](\d{1,2})[号日]")
"""28-30号: no month is so great."""
LONGEST_SPAN = timedelta(days=366)
_AROUND_DAYS = re.compile(r"[到至从起~～—－–-]|[上下]午|早上|晚上|夜里|\d{1,2}(?:[点时]半?|[:：]\d\d|$)")
INTO_NEXT = timedelta(days=15)
"""28号到3号 goes on into the next month; 30号到28号 is a slip."""
FARTHEST = timedelta(days=300)
"""A day without its year that is farther ahead than this is over, and not meant for next year."""
_TRIM = " ,，、。:：;；从起共"


def span_said(text: str, now: datetime, zone: ZoneInfo) -> Span | None:
    """`明天`, `11-28到11-30`, `今天下午`, `明天14点到16点`, `三天`, `周三起三天`: whole days unless an hour is said.

    What has begun already begins now. None: no time, one that is over or ends before it begins, no such day (2-30).
    """
    text = _DAYS_ALONE.sub(r"\1号到\2号", text)
    try:
        said = _first_span(text, now.astimezone(zone).date())
    except ValueError:
        return None
    if said is None:
        return None
    (day, start), (last, end), begins_at, ends_at = said
    since = max(_at(day, start, zone), now)
    until = _at(last, end, zone)
    if not since < until <= since + LONGEST_SPAN:
        return None
    return Span(since, until, text[:begins_at].strip(_TRIM), text[ends_at:].strip(_TRIM))


_Moment = tuple[date, int]
"""A local day and the minutes since its midnight; 1440 is its end."""


def _first_span(text: str, today: date) -> tuple[_Moment, _Moment, int, int] | None:
    for found in _DAY.finditer(text):
        if _lasts(found):
            days = _days_of(found, today)
            return ((today, 0), (days, 1440), found.start(), found.end()) if days else None
        if day := _date(found, today):
            start, end, at = _part(text, found.end())
            day, last, end, at = _begun(found, text, at, today, day, end)
            return (day, start), (last, end), found.start(), at
        if found["m2"] or found["m3"] or _whole_month(found):
            raise ValueError(found[0])
    if hours := _HALF.match(text) or _HOUR.match(text):
        start, end, at = _part(text, hours.start())
        last, end, at = _to(text, at, today, today, end)
        return (today, start), (last, end), 0, at
    return None


def _begun(
    found: "re.Match[str]", text: str, at: int, today: date, first: date, end: int
) -> tuple[date, date, int, int]:
    """First and last day; 12-30到1-2, said on the 31st, began yesterday. Raises ValueError for what is over."""
    if first - today <= FARTHEST or found["ahead"] or not (found["m2"] or found["m3"]):
        return first, *_to(text, at, today, first, end)
    first = first.replace(year=first.year - 1)
    last, end, at = _to(text, at, first, first, end)
    if last < today:
        raise ValueError(found[0])
    return first, last, end, at


def _lasts(found: "re.Match[str]") -> bool:
    """三天, not 三天后; 30日 is a date."""
    return found["count"] is not None and found["unit"] != "日" and not re.search(r"后|以后|内$", found[0])


def _whole_month(found: "re.Match[str]") -> bool:
    return bool(found["m4"] or found["part5"])


def _date(found: "re.Match[str]", today: date) -> date | None:
    """The day that is named; 30日 is the thirtieth, and 三月 is no day."""
    if _whole_month(found):
        return None
    if found["count"] and found["unit"] == "日" and found[0].endswith("日"):
        try:
            return _this_or_next_month(_number(found["count"]), today)
        except ValueError:
            return None
    return _day(found, today)


def _last_day(found: "re.Match[str]", today: date, first: date) -> date:
    """The day after 到; 周五到周二 and 28号到3号 go on into the next week or month. Raises ValueError when it is before."""
    last = _date(found, today)
    if (last is None or last < first) and (found["weekday"] or found["d4"] or found["unit"] == "日"):
        last = _date(found, first)
        last = last if last and last - first <= INTO_NEXT else None
    if last is None or last < first or (last - first > FARTHEST and not (found["year"] or found["ahead"])):
        raise ValueError(found[0])
    return last


def _days_of(found: "re.Match[str]", first: date) -> date | None:
    """The last of so many days; half a day is this day's."""
    if found["count"] == "半" and found["unit"] in "天日":
        return first
    length = (_day(found, first) or first) - first
    return first + length - timedelta(days=1) if length else None


def _part(text: str, at: int) -> tuple[int, int, int]:
    """Minutes of the day at which it begins and ends, and where the words go on."""
    hour = _HOUR.match(text, at)
    if hour and (said := _time(hour)):
        return _minutes(said), 1440, hour.end()
    if half := _HALF.match(text, at):
        first, last = _HALVES[half["half"]]
        return first * 60, last * 60, half.end()
    return 0, 1440, at


def _to(text: str, at: int, today: date, first: date, end: int) -> tuple[date, int, int]:
    """到11-30, 到16点, 起三天: the last day, the minute it ends at, and where the words go on."""
    if (lasting := _LASTING.match(text, at)) and (found := _DAY.match(text, lasting.end())) and _lasts(found):
        return (_days_of(found, first) or first), 1440, found.end()
    link = _TO.match(text, at)
    if not link:
        return _and_next(text, at, today, first, end)
    if found := _DAY.match(text, link.end()):
        last = _last_day(found, today, first)
        start, ends, behind = _part(text, found.end())
        return last, (start if ends == 1440 and start else ends), behind
    hour = _HOUR.match(text, link.end())
    said = _time(hour) if hour else None
    if hour and said:
        late = any(half in text[:at] for half in _LATE) and not hour["half"] and said.hour < 12
        return first, _minutes(said) + (720 if late else 0), hour.end()
    if found := _BARE_DAY.match(text, link.end()):
        last = first.replace(day=int(found["d4"]))
        if last < first:
            raise ValueError(found[0])
        return last, 1440, found.end()
    return first, end, at


def _and_next(text: str, at: int, today: date, first: date, end: int) -> tuple[date, int, int]:
    """明天、后天, 周六和周日, 周六周日 are one time. Raises ValueError for days apart: 28号、30号."""
    link = _AND.match(text, at)
    found = _DAY.match(text, link.end()) if link else None
    if not found or _lasts(found):
        return first, end, at
    last = _date(found, today)
    if last == first + timedelta(days=1):
        _, ends, behind = _part(text, found.end())
        return last, ends, behind
    if text[at : found.start()].isspace():  # 请假 明天 周四回来
        return first, end, at
    raise ValueError(found[0])


def without_days(text: str) -> str:
    """What is left of a sentence when days and hours, and what joins them, are taken out."""
    return " ".join(_AROUND_DAYS.sub("", _DAY.sub("", _DAYS_ALONE.sub(r"\1号到\2号", text))).split())


def _minutes(said: time) -> int:
    return said.hour * 60 + said.minute


def _at(day: date, minutes: int, zone: ZoneInfo) -> datetime:
    return datetime.combine(day + timedelta(days=minutes // 1440), time(minutes % 1440 // 60, minutes % 60), zone)


def _number(text: str) -> int:
    return int(text) if text.isdigit() else int(transform(text.replace("两", "二")))


def _day(found: "re.Match[str]", today: date) -> date | None:
    """The date a match means, never one before today; None when there is no such day."""
    said = found.groupdict()
    try:
        if said["near"]:
            return today + timedelta(days=_NEAR[said["near"]])
        if said["weekday"]:
            return _weekday(said["weekday"], len(said["next"] or ""), today)
        if said["year"]:
            return date(int(said["year"]), int(said["m1"]), int(said["d1"]))
        if month := said["m2"] or said["m3"]:
            return _this_or_next_year(_number(month), _number(said["d2"] or said["d3"]), today, said["ahead"])
        if said["m4"]:
            return _in_month(_number(said["m4"]), said["part"], today, said["ahead"])
        if said["d5"] or said["part5"]:
            first = _month_end(today) + timedelta(days=1)
            return first.replace(day=_number(said["d5"])) if said["d5"] else _part_of(first, said["part5"])
        if said["count"]:
            return _in(said["count"], said["unit"], today)
        if said["d4"]:
            return _this_or_next_month(_number(said["d4"]), today)
    except ValueError:
        return None
    return today.replace(month=12, day=31) if said["end"] == "年底" else _month_end(today)


def _weekday(name: str, weeks: int, today: date) -> date:
    wanted = min(int(name) - 1 if name.isdigit() else _WEEKDAYS.index(name), 6)
    ahead = wanted - today.weekday() + 7 * weeks
    return today + timedelta(days=ahead if weeks or ahead >= 0 else ahead + 7)


_YEARS = {"今年": 0, "明年": 1, "后年": 2}


def _year(ahead: str, today: date) -> int:
    """明年, 2027年."""
    return today.year + _YEARS[ahead] if ahead in _YEARS else int(ahead[:4])


def _in_month(month: int, part: str | None, today: date, ahead: str | None) -> date:
    """三月 begins on its first day; of the month that runs already the end is meant."""
    year = _year(ahead, today) if ahead else today.year + (month < today.month)
    first = date(year, month, 1)
    running = (first.year, first.month) == (today.year, today.month)
    return _part_of(first, part or ("底" if running else "初"))


def _part_of(first: date, part: str) -> date:
    """三月初, 三月中旬, 三月底."""
    if part[0] in "初上":
        return first
    return first.replace(day=15) if part[0] == "中" else _month_end(first)


def _this_or_next_year(month: int, day: int, today: date, ahead: str | None = None) -> date:
    """3月1日 to come, or of the year that is named."""
    if ahead:
        return date(_year(ahead, today), month, day)
    found = date(today.year, month, day)
    return found if found >= today else date(today.year + 1, month, day)


def _this_or_next_month(day: int, today: date) -> date:
    if day >= today.day:
        return today.replace(day=day)
    return (_month_end(today) + timedelta(days=1)).replace(day=day)


def _in(count: str, unit: str, today: date) -> date:
    if count == "半":
        return today + timedelta(days={"月": 15, "天": 1, "日": 1}.get(unit, 4))
    length = {"天": 1, "日": 1, "月": 30}.get(unit, 7)
    return today + timedelta(days=_number(count) * length)


def _month_end(today: date) -> date:
    return today.replace(day=monthrange(today.year, today.month)[1])


def _time(found: "re.Match[str]") -> time | None:
    hour = _number(found["hour"])
    minute = int(found["colon"] or 0)
    if said := found["minute"]:
        minute = _QUARTERS[said] if said in _QUARTERS else _number(said.removesuffix("分"))
    if found["half"] in _LATE and hour < 12:
        hour += 12
    if found["half"] == "中午" and hour < 3:
        hour += 12
    return time(hour, minute) if hour < 24 and minute < 60 else None
