"""What tests of clocks need: tickets, moves at a moment, minutes that pass one by one, and what climbed."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from town import GRID, STREET, Town

from models.area import Area, Group
from models.clock import Clock
from models.life import apply
from models.person import Person, Posting, postings_of
from models.ticket import Actor, Ticket, ticket_for_update
from scheduler.due import keep_clocks
from simulator.resident_hand import ResidentHand
from tests.delivery.scene import file

CHEN = Actor("handler", "worker", "chen", area_code=GRID)
WANG = Actor("resident", "resident")
DISTRICT = "990102"
HOLDS = {"holder_key": "chen"}


def move(town: Town, number: int, actor: Actor, action: str, note: str = "", **changes: Any) -> None:
    with town.database.write() as session:
        ticket = ticket_for_update(session, number)
        assert ticket
        apply(session, ticket, action, actor, town.office.promises, town.moment, note=note, changes=changes)


def signed(town: Town, hand: ResidentHand, matter: str = "street_light") -> int:
    number = file(town, hand, matter=matter)
    move(town, number, CHEN, "accept", **HOLDS)
    return number


def with_district(town: Town) -> None:
    """A level above the street, with a group and somebody in it."""
    with town.database.write() as session:
        session.add(Area(code=DISTRICT, name="云台区", level="district"))
        session.add(Person(key="xu", name="许明", wecom_userid="XuMing", userid_folded="xuming"))
        session.flush()
        session.get_one(Area, STREET).parent_code = DISTRICT
        session.add(Posting(person_key="xu", area_code=DISTRICT, duty="staff"))
        session.add(Group(chat_id=f"chat-{DISTRICT}", area_code=DISTRICT, webhook_key="key-district", name="区群"))
    town.world.add_group(f"chat-{DISTRICT}", "区群", "key-district")


def minutes_pass(town: Town, until: datetime, step: int = 1) -> None:
    """The clocks are looked at every minute; then what was promised goes out."""
    while town.moment < until:
        town.passes(minutes=step)
        keep_clocks(town.office)
    town.deliver()


def climbed(town: Town, number: int) -> list[tuple[str, str, str]]:
    """(cause, level, local time) of each step, in order."""
    rows = [row for row in town.rows("escalations") if row["ticket"] == number]
    return [(row["cause"], row["level"], f"{datetime.fromisoformat(row['at']):%H:%M}") for row in rows]


def events(town: Town, number: int, action: str) -> list[dict[str, Any]]:
    return [row for row in town.rows("events") if row["ticket"] == number and row["action"] == action]


def cards(town: Town, area: str, number: int, words: str = "") -> list[str]:
    """What a group read of this ticket."""
    return [text for text in town.cards(area) if f"#{number} " in text and words in text]


def told(hand: ResidentHand, number: int, words: str) -> int:
    return sum(f"#{number} " in text and words in text for text in hand.seen)


def clock(town: Town, number: int, kind: str) -> Clock:
    """The newest clock of that kind."""
    with town.database.read() as session:
        query = select(Clock).where(Clock.ticket_number == number, Clock.kind == kind).order_by(Clock.id.desc())
        return session.scalars(query).all()[0]


def userids(town: Town, area: str) -> list[str]:
    """Who is posted to an area."""
    with town.database.read() as session:
        keys = session.scalars(select(Posting.person_key).where(Posting.area_code == area))
        people = [session.get_one(Person, key) for key in keys if postings_of(session, key, town.moment.date())]
        return [person.wecom_userid for person in people if person.wecom_userid]


def nobody_is_due(town: Town) -> None:
    """Other people's clocks stand still, so that a test may count what is looked at."""
    with town.database.write() as session:
        session.execute(update(Clock).values(next_at=None))


def hours(amount: float) -> timedelta:
    return timedelta(hours=amount)


def stored(town: Town, number: int) -> Ticket:
    return town.stored(number)
