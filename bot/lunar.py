"""The lunar calendar 农历: the one door to the library that knows it."""

from datetime import date, timedelta

from borax.calendars.lunardate import LCalendars, LunarDate, TermUtils

LAST_YEAR = 2100
"""The calendar's tables end here."""

_ON = {
    "春节": (1, 1), "元宵": (1, 15), "端午": (5, 5), "七夕": (7, 7), "中元": (7, 15), "中秋": (8, 15), "重阳": (9, 9),
    "腊八": (12, 8), "小年": (12, 23),
}  # fmt: skip
"""小年 as in the north; the south keeps it a day later."""
_TERMS = ("清明", "冬至")
FESTIVALS = (*_ON, "除夕", *_TERMS)


def lunar_date(year: int, month: int, day: int) -> date:
    """The solar date of a day in a lunar year's regular month; 三十 of a short month is its last day."""
    return _solar(LunarDate(year, month, min(day, LCalendars.ndays(year, month))))


def festival(name: str, year: int) -> date:
    """The solar date of a festival of this lunar year (of this solar year for 清明 and 冬至). Raises KeyError."""
    if name in _TERMS:
        term: date = TermUtils.day_start_from_term(year, name)
        return term
    if name == "除夕":
        return lunar_date(year + 1, 1, 1) - timedelta(days=1)
    return lunar_date(year, *_ON[name])


def lunar_words(month: int, day: int) -> str:
    """九月初九, 腊月三十."""
    said = LunarDate(2023, month, min(day, 29))
    name = "三十" if day == 30 else said.cn_day
    return f"{'腊月' if month == 12 else said.cn_month + '月'}{name}"


def _solar(lunar: LunarDate) -> date:
    found: date = lunar.to_solar_date()
    return found
