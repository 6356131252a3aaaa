"""What residents and groups read of reminders and appointments; nothing that is stopped, over or too late."""

from collections import Counter
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.group_push import markdown_escape
from bot.group_words import place_for_group
from bot.times import moment_words
from models.announcement import ResidentTag
from models.area import Building, Group, line_of
from models.outbox import OutboxMessage
from models.reminder import APPOINTMENT, STOPPED, WORKERS, Reminder
from models.resident import Home
from models.ticket import Ticket
from models.transitions import TO_DO

LATE = timedelta(minutes=30)
MOST_BUILDINGS = 30


def reminder_words(
    session: Session, row: OutboxMessage, now: datetime, zone: ZoneInfo, staff_names: tuple[str, ...]
) -> str | None:
    """The text of a reminder's row; None closes the row: it was stopped, or its day is over. Raises KeyError."""
    reminder = session.get(Reminder, row.facts["reminder"])
    if why := _over(session, row, reminder, now):
        row.state, row.reason, row.next_try_at, row.claim = "skipped", why, None, ""
        return None
    assert reminder
    if reminder.kind == APPOINTMENT:
        return _appointment(session, row, reminder, now, zone, staff_names)
    if reminder.kind == WORKERS:
        return _for_workers(session, row, reminder)
    due = datetime.fromisoformat(row.facts["due"])
    late = f"（本该 {moment_words(due, now, zone)} 提醒，晚了，对不起）" if now - due > LATE else ""
    return f"提醒您：{reminder.text}{late}\n不用再提醒了？回复“我的提醒”。"


def _over(session: Session, row: OutboxMessage, reminder: Reminder | None, now: datetime) -> str:
    """Why it is not said any more; empty when it is."""
    if not reminder or reminder.state == STOPPED:
        return "stopped"
    if datetime.fromisoformat(row.facts["until"]) <= now:
        return "expired"
    ticket = session.get(Ticket, reminder.ticket_number) if reminder.kind == APPOINTMENT else None
    return "overtaken" if ticket and ticket.status not in TO_DO else ""


def _appointment(
    session: Session, row: OutboxMessage, reminder: Reminder, now: datetime, zone: ZoneInfo, names: tuple[str, ...]
) -> str:
    ticket = session.get_one(Ticket, reminder.ticket_number)
    head = f"#{ticket.number} {ticket.matter.name}"
    when = moment_words(datetime.fromisoformat(reminder.audience["at"]), now, zone)
    if row.channel == "official_account":
        who = f"{ticket.holder.surname}网格员" if ticket.holder else "办理人员"
        return f"提醒您：{head}，{who}约好{when}上门。时间不合适请直接回复，我们转告。"
    mentioned = f"<@{ticket.holder.wecom_userid}>" if ticket.holder and ticket.holder.wecom_userid else ""
    place = place_for_group(ticket, names)
    return f"**【约好的时间】{head}**\n> {place}，和居民约好{when}。来不了请早说：回复 {ticket.number} 新的时间\n{mentioned}".strip()


def _for_workers(session: Session, row: OutboxMessage, reminder: Reminder) -> str:
    lines = [f"**【提醒】{markdown_escape(reminder.text)}**"]
    tags = reminder.audience.get("tags", [])
    buildings = _buildings(session, row.target, reminder.audience.get("areas", []), tags) if tags else []
    if buildings:
        lines.append(
            f"> 名单（{'、'.join(markdown_escape(tag) for tag in tags)}，共{sum(n for _, n in buildings)}位）："
        )
        lines += [f"> {markdown_escape(title)} {count}位" for title, count in buildings[:MOST_BUILDINGS]]
    if len(buildings) > MOST_BUILDINGS:
        lines.append(f"> 其余楼栋共{sum(n for _, n in buildings[MOST_BUILDINGS:])}位")
    return "\n".join([*lines, "完成后请在群里说一声，发现情况请随手上报。"])


def _buildings(session: Session, chat_id: str, areas: list[str], tags: list[str]) -> list[tuple[str, int]]:
    """How many residents with one of the tags live in which building of this group's grids; never who."""
    own = session.get(Group, chat_id)
    query = (
        select(Building, Home.resident_id)
        .join(Home, Home.building_code == Building.code)
        .join(ResidentTag, ResidentTag.resident_id == Home.resident_id)
        .where(Home.ended_at.is_(None), ResidentTag.tag.in_(tags))
        .distinct()
    )
    there = Counter[str]()
    lines: dict[str, set[str]] = {}
    for building, _ in session.execute(query):
        line = lines.setdefault(building.grid_code, {area.code for area in line_of(session, building.grid_code)})
        if own and own.area_code in line and line & set(areas):
            there[building.title] += 1
    return sorted(there.items())
