"""值班: who covers this area now and on the next days, and where nobody does."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import TypedDict

from sqlalchemy import select

from bot.command import Command, GroupTurn
from bot.times import moment_words
from models.area import Area, Group
from models.database import Refused
from models.person import Posting
from models.roster import calling_chain, covering, vacancies

DAYS = 3
MOST_NAMES = 8
MOST_VACANT = 10
WEEKDAYS = "一二三四五六日"


class Where(TypedDict, total=False):
    """One of the two."""

    area_code: str
    department_code: str


def _run(turn: GroupTurn, _words: str) -> str:
    where, name = _where(turn)
    zone = turn.office.settings.deployment.zone
    now = covering(turn.session, turn.now, zone, **where)
    lines = [f"{name}现在值班：{_names(now) or _nobody(turn, where)}"]
    today = turn.now.astimezone(zone).date()
    lines += [_day_line(turn, today + timedelta(days=ahead), where) for ahead in range(1, DAYS + 1)]
    lines += _vacant(turn, where.get("area_code"))
    return "\n".join(lines)


def _where(turn: GroupTurn) -> tuple[Where, str]:
    """The area or department of this chat; in a single chat that of the speaker. Raises Refused."""
    group = turn.session.get(Group, turn.inbound.chat_id) if turn.inbound.chat_id else None
    place: Group | Posting | None = group or next(iter(turn.postings), None)
    if place and place.area_code:
        return {"area_code": place.area_code}, turn.session.get_one(Area, place.area_code).name
    if place and place.department_code:
        return {"department_code": place.department_code}, "本部门"
    raise Refused("本群还没有绑定辖区，请发：绑定 辖区代码")


def _names(postings: list[Posting]) -> str:
    names = [f"{p.title}{'（顶班）' if p.stands_in_for else ''}" for p in postings]
    return "、".join(names[:MOST_NAMES]) + (f"等{len(names)}位" if len(names) > MOST_NAMES else "")


def _nobody(turn: GroupTurn, where: Where) -> str:
    """无人值守, and who is called instead."""
    zone = turn.office.settings.deployment.zone
    above = calling_chain(turn.session, turn.now, zone, where.get("area_code"))
    return f"无人值守{f'，请找{above[0].title}' if above else ''}"


def _day_line(turn: GroupTurn, day: date, where: Where) -> str:
    """明天（周三）：陈网格员; morning and afternoon apart when they differ."""
    zone = turn.office.settings.deployment.zone
    halves = [_names(covering(turn.session, moment, zone, **where)) or "无人值守" for moment in _middles(turn, day)]
    near = moment_words(datetime.combine(day, time(12), zone), turn.now, zone).split()[0]
    head = f"{near}（周{WEEKDAYS[day.weekday()]}）"
    if len(set(halves)) == 1:
        return f"{head}：{halves[0]}"
    return f"{head}：上午{halves[0]}；下午{halves[-1]}"


def _middles(turn: GroupTurn, day: date) -> Iterator[datetime]:
    """The middle of each working period: what holds then holds for most of it."""
    zone = turn.office.settings.deployment.zone
    for start, end in turn.office.promises.working.periods:
        begin, finish = (datetime.combine(day, moment, zone) for moment in (start, end))
        yield begin + (finish - begin) / 2


def _vacant(turn: GroupTurn, area_code: str | None) -> list[str]:
    """The grids below that nobody covers."""
    names: dict[str, str] = {}
    layer = [area_code] if area_code else []
    while layer:
        below = select(Area).where(Area.parent_code.in_(layer), Area.level != "micro_grid")
        found = list(turn.session.scalars(below.order_by(Area.code)))
        names |= {area.code: area.name for area in found if area.level == "grid"}
        layer = [area.code for area in found if area.level != "grid"]
    empty = vacancies(turn.session, turn.now, turn.office.settings.deployment.zone, sorted(names))
    if not empty:
        return []
    listed = "、".join(names[code] for code in empty[:MOST_VACANT])
    return [f"无人值守的网格{len(empty)}个：{listed}{'等' if len(empty) > MOST_VACANT else ''}"]


COMMAND = Command(verbs=("值班", "谁值班", "值班表"), form="值班", run=_run, about_ticket=False, loose=True)
