"""What residents and groups read of announcements. A group learns how many and which buildings, never who."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from bot.group_push import TEXT_BYTES as GROUP_TEXT_BYTES
from bot.group_push import markdown_escape
from models.announcement import Announcement, Recipient
from models.area import Area, Building
from models.outbox import OutboxMessage
from models.resident import Home

ANNOUNCEMENT, FORWARD, VISITS, UNREAD = "announcement", "forward", "visits", "unread"
"""Kinds of outbox rows: to one resident; to a group: the text itself, whom to visit, who has not answered."""
GROUP_KINDS = (FORWARD, VISITS, UNREAD)

TEXT_BYTES, LIST_BYTES = 2_000, 3_600
FIELD_LENGTH = 20
_RECEIPT = "收到请回复1（已阅）。"
_MORE = "没有完，看后面请回复1。"
_WAY_OUT = "不想再收公告，请回复“退订”。"
_SENTENCE_END = re.compile(r"[。！？；\n]")


def title_of(announcement: Announcement) -> str:
    return f"【{'紧急通知' if announcement.urgent_reason else '公告'}】{announcement.title}"


def to_resident(announcement: Announcement, zone: ZoneInfo) -> tuple[str, str]:
    """The message, and the rest of a long one, which the answer 1 brings (an answer costs nothing)."""
    head, facts = title_of(announcement), _facts(announcement, zone)
    tail = [_RECEIPT] if announcement.wants_receipt else []
    whole = "\n".join([head, announcement.body, *facts, *tail, _WAY_OUT])
    if len(whole.encode()) <= TEXT_BYTES:
        return whole, ""
    around = "\n".join([head, "…", *facts, _MORE, _WAY_OUT])
    begun = _cut(announcement.body, TEXT_BYTES - len(around.encode()) - 1)
    return "\n".join([head, f"{begun}…", *facts, _MORE, _WAY_OUT]), announcement.body[len(begun) :].strip()


def _facts(announcement: Announcement, zone: ZoneInfo) -> list[str]:
    until = announcement.valid_until.astimezone(zone) if announcement.valid_until else None
    link = [f"详情：{announcement.link}"] if announcement.link else []
    return [*link, *([f"有效期到{until:%-m月%-d日 %H:%M}。"] if until else [])]


def _cut(text: str, limit: int) -> str:
    """As much as fits into so many bytes, up to the end of a sentence if one is near."""
    begun = text.encode()[:limit].decode(errors="ignore")
    ends = [match.end() for match in _SENTENCE_END.finditer(begun)]
    return begun[: ends[-1]] if ends and ends[-1] > len(begun) * 2 // 3 else begun


def asks_for_one(announcement: Announcement, channel: str, zone: ZoneInfo) -> bool:
    """Did the text ask for the answer 1: as a receipt, for the rest of it, or for the text behind a notice?"""
    return announcement.wants_receipt or channel == "subscribe" or bool(to_resident(announcement, zone)[1])


def subscription(
    announcement: Announcement, names: Sequence[str], area: str, now: datetime, zone: ZoneInfo
) -> dict[str, Mapping[str, str]]:
    """Title, time and area under the template's own names; longer values would be refused (47003)."""
    hint = "" if announcement.link else "，回复1看全文"
    place = f"{area}{hint}" if len(area) + len(hint) <= FIELD_LENGTH else area
    values = (_short(announcement.title), f"{now.astimezone(zone):%Y-%m-%d %H:%M}", _short(place))
    return {name: {"value": value} for name, value in zip(names, values, strict=True)}


def _short(text: str) -> str:
    one_line = " ".join(text.split())
    return one_line if len(one_line) <= FIELD_LENGTH else f"{one_line[: FIELD_LENGTH - 1]}…"


def to_group(session: Session, row: OutboxMessage, announcement: Announcement | None, zone: ZoneInfo) -> str:
    """Words for a group. Raises LookupError when the announcement is gone: a poisoned row."""
    if not announcement:
        raise LookupError("announcement of this row does not exist")
    return _TO_GROUP[row.kind](session, row, announcement, zone)


def as_plain_text(row: OutboxMessage, words: str) -> bool:
    """Plain text can be forwarded to any chat; what is too long for it goes as markdown."""
    return row.kind == FORWARD and len(words.encode()) <= GROUP_TEXT_BYTES


def _forward(session: Session, row: OutboxMessage, announcement: Announcement, zone: ZoneInfo) -> str:
    grids: list[str] = row.facts["grids"]
    mine = (Recipient.announcement_id == announcement.id) & Recipient.grid_code.in_(grids)
    all_meant = session.scalar(select(func.count()).where(mine)) or 0
    left = session.scalar(select(func.count()).where(mine & (Recipient.state == "task"))) or 0
    ask = f"请转发到居民群：{_names(session, grids)}应通知{all_meant}位居民，其中{left}位微信没有送到。"
    return "\n".join([ask, "", title_of(announcement), announcement.body, *_facts(announcement, zone)])


def _visits(session: Session, row: OutboxMessage, announcement: Announcement, _zone: ZoneInfo) -> str:
    told_now = Recipient.sent_at == datetime.fromisoformat(row.facts["at"])
    here = (Recipient.channel == "visit") & (Recipient.state == "task") & told_now
    return _list(session, row, announcement, here, "请上门或电话告知", "位居民没有别的办法通知到")


def _unread(session: Session, row: OutboxMessage, announcement: Announcement, _zone: ZoneInfo) -> str:
    silent = Recipient.state.in_(("sent", "unknown", "under_way", "task"))
    return _list(session, row, announcement, silent, "还没有已阅", "位居民还没有回复已阅，请上门或电话提醒")


def _list(
    session: Session, row: OutboxMessage, announcement: Announcement, which: ColumnElement[bool], label: str, what: str
) -> str:
    grids: list[str] = row.facts["grids"]
    buildings = _by_building(session, announcement.id, grids, which)
    number = sum(count for _, count in buildings)
    urgent = "【紧急】" if announcement.urgent_reason else ""
    lines = [f"**{urgent}【{label}】{markdown_escape(announcement.title)}**"]
    lines.append(f"> {_names(session, grids)}有{number}{what}：")
    left = number
    for title, count in buildings:
        line = f"> {markdown_escape(title) or '住处不明'} {count}位"
        if len("\n".join([*lines, line]).encode()) > LIST_BYTES:
            return "\n".join([*lines, f"> 其余楼栋共{left}位"])
        lines.append(line)
        left -= count
    return "\n".join(lines)


def _by_building(
    session: Session, announcement_id: int, grids: Sequence[str], which: ColumnElement[bool]
) -> list[tuple[str, int]]:
    """How many in which building, each resident once: in their newest home of the grid."""
    homes = (
        select(Home.resident_id, func.max(Home.id).label("home_id"))
        .join(Building, Building.code == Home.building_code)
        .where(Home.ended_at.is_(None), Building.grid_code.in_(grids))
        .group_by(Home.resident_id)
        .subquery()
    )
    query = (
        select(Building.code, func.count(Recipient.id))
        .select_from(Recipient)
        .outerjoin(homes, homes.c.resident_id == Recipient.resident_id)
        .outerjoin(Home, Home.id == homes.c.home_id)
        .outerjoin(Building, Building.code == Home.building_code)
        .where(Recipient.announcement_id == announcement_id, Recipient.grid_code.in_(grids), which)
        .group_by(Building.code)
        .order_by(Building.code)
    )
    found = [(session.get(Building, code) if code else None, count) for code, count in session.execute(query)]
    return [(building.title if building else "", count) for building, count in found]


def _names(session: Session, grids: Sequence[str]) -> str:
    areas = (session.get(Area, code) for code in grids)
    return "、".join(markdown_escape(area.name) for area in areas if area)[:200]


_TO_GROUP: dict[str, Callable[[Session, OutboxMessage, Announcement, Any], str]] = {
    FORWARD: _forward,
    VISITS: _visits,
    UNREAD: _unread,
}
