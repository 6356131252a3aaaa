"""Residents, their homes, and how far the platform still lets us write to them."""

from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from models.area import Building
from models.database import Record, insert_into

MESSAGE_WINDOW = timedelta(hours=48)
MESSAGE_BUDGET = 5
MOMENT_WINDOW = timedelta(minutes=1)
MOMENT_BUDGET = 3
"""Customer-service messages the platform allows after a message, and after a follow, scan or click (protocol.md §2.2)."""

RESERVE = 1
"""One message of every window is kept for what cannot wait."""


class Resident(Record):
    """居民: somebody who wrote to the official account; the openid never leaves the database in clear."""

    __tablename__ = "residents"
    id: Mapped[int] = mapped_column(primary_key=True)
    openid: Mapped[str] = mapped_column(String(64), unique=True)
    followed: Mapped[bool] = mapped_column(default=True)
    bulletins: Mapped[bool] = mapped_column(default=True)
    """False after 退订: no announcements; news of their own tickets still comes."""
    privacy_notice: Mapped[str] = mapped_column(String(20), default="")
    """Version of the privacy notice that was shown."""
    created_at: Mapped[datetime]
    last_message_at: Mapped[datetime | None]
    message_left: Mapped[int] = mapped_column(default=0)
    message_until: Mapped[datetime | None]
    moment_left: Mapped[int] = mapped_column(default=0)
    moment_until: Mapped[datetime | None]
    homes: Mapped[list["Home"]] = relationship(back_populates="resident", order_by="Home.id")

    @property
    def current_homes(self) -> list["Home"]:
        """Newest first: the first one is where a message without a place is about."""
        return [home for home in reversed(self.homes) if home.ended_at is None]

    def wrote(self, now: datetime) -> None:
        """A message opens the 48-hour window afresh."""
        self.last_message_at = now
        self.message_left, self.message_until = MESSAGE_BUDGET, now + MESSAGE_WINDOW

    def touched(self, now: datetime) -> None:
        """A follow, scan or menu click opens the one-minute window."""
        self.moment_left, self.moment_until = MOMENT_BUDGET, now + MOMENT_WINDOW

    def sends_left(self, now: datetime) -> int:
        """How many customer-service messages may still go out now."""
        message = self.message_left if self.message_until and self.message_until > now else 0
        moment = self.moment_left if self.moment_until and self.moment_until > now else 0
        return max(message - RESERVE, moment, 0)

    def spend(self, now: datetime, count: int = 1) -> None:
        """Count one customer-service message, from the window that closes first; -1 gives back one that never left."""
        if self.moment_until and self.moment_until > now and self.moment_left:
            self.moment_left -= count
        elif self.message_left or count < 0:
            self.message_left = min(self.message_left - count, MESSAGE_BUDGET)

    def shut(self) -> None:
        """The platform says the window is closed or used up (45015, 45047)."""
        self.message_left = self.moment_left = 0


class Home(Record):
    """房屋: one place a resident lives in or answers for; several are allowed."""

    __tablename__ = "homes"
    id: Mapped[int] = mapped_column(primary_key=True)
    resident_id: Mapped[int] = mapped_column(ForeignKey("residents.id"), index=True)
    building_code: Mapped[str] = mapped_column(ForeignKey("buildings.code"), index=True)
    unit: Mapped[str] = mapped_column(String(20), default="")
    room: Mapped[str] = mapped_column(String(20), default="")
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    resident: Mapped[Resident] = relationship(back_populates="homes")
    building: Mapped[Building] = relationship(lazy="joined")


def resident_of(session: Session, openid: str, now: datetime) -> Resident:
    """Find or begin the resident, and hold the row: two messages of one person are answered one after the other."""
    query = select(Resident).where(Resident.openid == openid).with_for_update(key_share=True)
    if found := session.scalars(query).first():
        return found
    values = {"openid": openid, "created_at": now, "followed": True, "bulletins": True, "privacy_notice": ""}
    session.execute(
        insert_into(session, Resident).values(**values, message_left=0, moment_left=0).on_conflict_do_nothing()
    )
    return session.scalars(query).one()


def bind_home(session: Session, resident: Resident, building_code: str, unit: str, room: str, now: datetime) -> Home:
    """Remember a home; naming it again makes it the current one instead of a second one."""
    for home in resident.current_homes:
        if home.building_code == building_code and (not unit or home.unit in ("", unit)):
            unit, room = unit or home.unit, room or home.room
            home.ended_at = now
    home = Home(building_code=building_code, unit=unit, room=room, created_at=now)
    resident.homes.append(home)
    session.flush()
    return home
