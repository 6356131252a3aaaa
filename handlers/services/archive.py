"""公告: the announcements that are still valid where the resident lives, newest first."""

from sqlalchemy import or_, select

from bot.message import Reply
from bot.service import Service
from bot.turn import Turn
from models.announcement import SENDING, SENT, Announcement, Recipient
from models.area import line_of
from models.audience import Audience

MOST, LOOKED_AT, MOST_BODY = 5, 100, 80
NO_HOME = "您还没有绑定住处，看不到本小区的公告。例如回复：绑定 紫荆苑3栋"


def _fulfil(turn: Turn) -> Reply:
    mine = [row for row in _valid(turn) if _for_me(turn, row)][:MOST]
    if mine:
        return Reply("\n\n".join(_shown(turn, row) for row in mine))
    return Reply("您那里现在没有生效的公告。" if turn.resident.current_homes else NO_HOME)


def _valid(turn: Turn) -> list[Announcement]:
    living = or_(Announcement.valid_until.is_(None), Announcement.valid_until > turn.now)
    query = select(Announcement).where(Announcement.state.in_((SENDING, SENT)), living)
    first = query.where(Announcement.second_call_of.is_(None)).order_by(Announcement.id.desc())
    return list(turn.session.scalars(first.limit(LOOKED_AT)))


def _for_me(turn: Turn, row: Announcement) -> bool:
    """It was sent to them, or it was for everybody who lives there; what is for some only is shown to those only."""
    mine = select(Recipient.id).where(Recipient.announcement_id == row.id, Recipient.resident_id == turn.resident.id)
    if turn.session.scalar(mine):
        return True
    meant = Audience.from_facts(row.audience)
    if meant.tags or meant.without_tags:
        return False
    return any(
        _lives_there(turn, meant, home.building_code, home.building.grid_code) for home in turn.resident.current_homes
    )


def _lives_there(turn: Turn, meant: Audience, building: str, grid: str) -> bool:
    line = {area.code for area in line_of(turn.session, grid)}
    outside = building in meant.without_buildings or line & set(meant.without_areas)
    return not outside and bool(building in meant.buildings or line & set(meant.areas))


def _shown(turn: Turn, row: Announcement) -> str:
    zone = turn.office.settings.deployment.zone
    day = (row.send_at or row.created_at).astimezone(zone)
    body = row.body if len(row.body) <= MOST_BODY else f"{row.body[: MOST_BODY - 1]}…"
    link = f"\n详情：{row.link}" if row.link else ""
    return f"【{day:%-m月%-d日}】{row.title}\n{body}{link}"


SERVICE = Service(code="archive", name="", words=("公告", "看公告", "公告栏", "历史公告"), fulfil=_fulfil)
