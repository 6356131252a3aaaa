"""People for announcements: staff who may speak, and residents with homes and tags, made by the row, not by talking."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import insert, select
from sqlalchemy.orm import Session
from town import COMMUNITY, GRID, STREET, TUESDAY

from models.announcement import Announcement, Recipient, ResidentTag
from models.area import Building
from models.audience import Audience
from models.person import Person, Posting
from models.release import ReleaseRules, Wording, approve, draft
from models.resident import Home, Resident

ZONE = ZoneInfo("Asia/Shanghai")
RULES = ReleaseRules(ZONE, delay=timedelta(minutes=5), daily_cap=3)
AUTHOR, APPROVER, NEIGHBOUR = "gao", "lin", "he"
"""Two of the community, and one of another community who has no say here."""
OTHER_COMMUNITY = "990102001002"


def hire(session: Session) -> None:
    """The staff of the tests."""
    posts = {AUTHOR: COMMUNITY, APPROVER: COMMUNITY, NEIGHBOUR: OTHER_COMMUNITY, "street": STREET}
    for key, area in posts.items():
        session.add(Person(key=key, name=f"{key}同志", wecom_userid=key, userid_folded=key))
        session.flush()
        session.add(Posting(person_key=key, area_code=area, duty="staff", strand=""))
    session.flush()


def buildings_of(session: Session, grid: str = GRID) -> list[str]:
    return list(session.scalars(select(Building.code).where(Building.grid_code == grid).order_by(Building.code)))


def settle(session: Session, name: str, *codes: str, tags: Iterable[str] = (), **facts: object) -> int:
    """A resident with homes in these buildings; returns their id."""
    resident = Resident(openid=f"o{name}".ljust(28, "x"), created_at=TUESDAY, privacy_notice="1", **facts)
    session.add(resident)
    session.flush()
    for code in codes:
        session.add(Home(resident_id=resident.id, building_code=code, created_at=TUESDAY))
    session.add_all(ResidentTag(resident_id=resident.id, tag=tag) for tag in tags)
    session.flush()
    return resident.id


def crowd(session: Session, number: int, code: str) -> None:
    """So many followers in one building."""
    new = [{"openid": f"oCROWD{n:022d}", "created_at": TUESDAY, "privacy_notice": "1", "followed": True,
            "bulletins": True, "message_left": 0, "moment_left": 0} for n in range(number)]  # fmt: skip
    session.execute(insert(Resident), new)
    ids = session.scalars(select(Resident.id).where(Resident.openid.like("oCROWD%")))
    homes = [{"resident_id": one, "building_code": code, "unit": "", "room": "", "created_at": TUESDAY} for one in ids]
    session.execute(insert(Home), homes)


def wording(audience: Audience | None = None, **facts: object) -> Wording:
    said = {
        "title": "停水通知",
        "body": "明天上午九点到十二点停水，请提前存水。",
        "audience": audience or Audience(areas=(GRID,)),
    }
    return Wording(**{**said, **facts})  # type: ignore[arg-type]


def drafted(
    session: Session, audience: Audience | None = None, now: datetime = TUESDAY, author: str = AUTHOR, **facts: object
) -> Announcement:
    return draft(session, now, RULES, author, wording(audience, **facts))


def approved(
    session: Session, audience: Audience | None = None, now: datetime = TUESDAY, **facts: object
) -> Announcement:
    row = drafted(session, audience, now, **facts)
    assert approve(session, now, RULES, APPROVER, row.id) is row
    return row


def frozen(session: Session, announcement: Announcement) -> set[int]:
    """Who was written down to get it; a repeat would show as a smaller set than rows."""
    ids = list(session.scalars(select(Recipient.resident_id).where(Recipient.announcement_id == announcement.id)))
    assert len(ids) == len(set(ids))
    return set(ids)
