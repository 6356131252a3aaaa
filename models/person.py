"""People and what they are posted to: authority comes from here and nowhere else."""

from collections.abc import Collection
from datetime import date

from sqlalchemy import ForeignKey, String, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from models.database import Record

HANDLER_DUTIES = frozenset({"grid_leader", "full_time", "part_time"})
"""May accept, reply, ask and handle in their own grid (contract §9)."""

DUTY_NAMES = {
    "grid_leader": "网格长",
    "full_time": "网格员",
    "part_time": "兼职网格员",
    "advisor": "网格指导员",
    "volunteer": "志愿者",
    "police": "民警",
    "judge": "法官",
    "procurator": "检察官",
    "lawyer": "法律工作者",
    "mediator": "调解员",
    "building_leader": "楼栋长",
    "liaison": "联络员",
    "operator": "值守员",
    "staff": "工作人员",
}


class Person(Record):
    """网格力量: somebody who may hold postings; `key` is our own stable name for them."""

    __tablename__ = "people"
    key: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(String(100), default="")
    mobile: Mapped[str] = mapped_column(String(40), default="")
    wecom_userid: Mapped[str] = mapped_column(String(100), default="")
    userid_folded: Mapped[str | None] = mapped_column(String(100), unique=True)
    """Case-folded: WeCom userids ignore case (protocol.md §3.6)."""
    postings: Mapped[list["Posting"]] = relationship(back_populates="person")

    @property
    def surname(self) -> str:
        compound = (
            "欧阳",
            "司马",
            "上官",
            "诸葛",
            "尉迟",
            "皇甫",
            "令狐",
            "慕容",
            "夏侯",
            "东方",
            "司徒",
            "轩辕",
            "公孙",
            "端木",
            "东郭",
            "南宫",
        )
        return self.name[:2] if self.name.startswith(compound) else self.name[:1]


class Posting(Record):
    """任职: a person's duty in an area or a department, from a day (inclusive) to a day (exclusive)."""

    __tablename__ = "postings"
    id: Mapped[int] = mapped_column(primary_key=True)
    person_key: Mapped[str] = mapped_column(ForeignKey("people.key"), index=True)
    area_code: Mapped[str | None] = mapped_column(ForeignKey("areas.code"), index=True)
    department_code: Mapped[str | None] = mapped_column(ForeignKey("departments.code"), index=True)
    duty: Mapped[str] = mapped_column(String(30))
    strand: Mapped[str] = mapped_column(String(100), default="")
    from_day: Mapped[date | None]
    to_day: Mapped[date | None]
    person: Mapped[Person] = relationship(back_populates="postings", lazy="joined")
    stands_in_for = ""
    """顶班: whose duty this is, when it is done for somebody else; such a posting is never stored."""

    @property
    def title(self) -> str:
        """陈网格员: how residents and groups know them; never the full name."""
        return f"{self.person.surname}{'同志' if self.duty == 'staff' else DUTY_NAMES.get(self.duty, '')}"


def person_by_userid(session: Session, userid: str) -> Person | None:
    return session.scalars(select(Person).where(Person.userid_folded == userid.casefold())).first()


def _current(day: date):  # type: ignore[no-untyped-def]
    return (
        or_(Posting.from_day.is_(None), Posting.from_day <= day),
        or_(Posting.to_day.is_(None), Posting.to_day > day),
    )


def postings_of(session: Session, person_key: str, day: date) -> list[Posting]:
    """What this person is posted to on that day."""
    query = select(Posting).where(Posting.person_key == person_key, *_current(day)).order_by(Posting.id)
    return list(session.scalars(query))


CALLED = ("full_time", "part_time", "grid_leader", "liaison", "staff", "operator")
"""Duties that are called for a ticket, the first to call first; the others read only (contract §9)."""


def posted_to(
    session: Session, day: date, *, area_code: str | None = None, department_code: str | None = None
) -> list[Posting]:
    """Who holds a duty that is called, in an area or a department, the first to call first (`to` exclusive).

    Whether they are at work at this moment says `models.roster.covering`.
    """
    where = Posting.area_code == area_code if area_code else Posting.department_code == department_code
    query = select(Posting).where(where, Posting.duty.in_(CALLED), *_current(day))
    return sorted(session.scalars(query), key=lambda posting: (CALLED.index(posting.duty), posting.id))


def called_postings(
    session: Session, day: date, area_codes: Collection[str], department_codes: Collection[str] = ()
) -> list[Posting]:
    """The same for many areas and departments at once, in no order of rank."""
    where = or_(Posting.area_code.in_(area_codes), Posting.department_code.in_(department_codes))
    query = select(Posting).where(where, Posting.duty.in_(CALLED), *_current(day))
    return list(session.scalars(query.order_by(Posting.id)))


def ended_lately(session: Session, since: date, day: date) -> list[str]:
    """Whose posting ended after `since` and is over on that day; they may hold another."""
    query = select(Posting.person_key).where(Posting.to_day > since, Posting.to_day <= day)
    return sorted(set(session.scalars(query)))
