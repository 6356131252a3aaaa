"""A house whose residents are reached: announcements approved by two people, and everybody's row as it stands."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from announcing.crowd import APPROVER, AUTHOR, RULES, buildings_of, hire
from hypothesis import strategies as st
from sqlalchemy import select, update
from town import GRID, Town

from bot.ladder.choose import LADDER, Reach
from bot.ladder.facts import month_of
from models.announcement import WITHDRAWN, Announcement, MassChunk, MassUse, Recipient
from models.audience import Audience
from models.outbox import OutboxMessage
from models.person import Person
from models.release import Wording, approve, draft
from models.resident import Home, Resident
from scheduler.announce import announce
from simulator.ledger import Entry
from simulator.resident_hand import ResidentHand

CUSTOM, BIZSEND, MASS, WEBHOOK = (
    "/cgi-bin/message/custom/send", "/cgi-bin/message/subscribe/bizsend", "/cgi-bin/message/mass/send", "/cgi-bin/webhook/send",
)  # fmt: skip
REASONS = st.sampled_from(["errcode:45015", "errcode:43101", "outcome_unknown", "mass_too_few"])
REACHES = st.builds(
    Reach, st.booleans(), st.booleans(), st.integers(0, 5), st.booleans(), st.booleans(), st.integers(0, 6), st.booleans(),
    st.dictionaries(st.sampled_from(LADDER), REASONS),
)  # fmt: skip
TEMPLATE = "TEMPLATE-NOTICE"
BODY = "明天上午九点到十二点停水，请提前存水。"


def house(town: Town, grid: str = GRID) -> str:
    """A building nobody lives in yet."""
    with town.database.read() as session:
        inhabited = set(session.scalars(select(Home.building_code)))
        return next(code for code in reversed(buildings_of(session, grid)) if code not in inhabited)


def lives(town: Town, code: str, *names: str) -> list[ResidentHand]:
    """Followers who scanned their door some days ago: nothing may be written to them by customer-service message."""
    town.courier.account.reachable()  # one thread alone asks for the first token; the others would have to wait
    hands = [town.resident(name, code) for name in names]
    for hand in hands:
        hand.resident.windows.clear()
    with town.database.write() as session:
        session.execute(update(Resident).values(moment_left=0, moment_until=None))
    return hands


def approved(town: Town, *codes: str, begin: bool = True, **facts: Any) -> int:
    """An announcement to these buildings that two people answer for; its delay is over unless `begin` is false."""
    said = {"title": "停水通知", "body": BODY, "audience": Audience(buildings=codes), **facts}
    with town.database.write() as session:
        if not session.get(Person, AUTHOR):
            hire(session)
        row = draft(session, town.moment, RULES, AUTHOR, Wording(**said))
        assert approve(session, town.moment, RULES, APPROVER, row.id)
    if begin:
        town.passes(minutes=6)
    return row.id


def goes(town: Town, rounds: int = 1) -> None:
    """So many ticks: what is due is chosen and sent."""
    for _ in range(rounds):
        announce(town.office, town.courier.account)
        town.deliver()
        town.passes(seconds=5)


def recipients(town: Town, announcement: int) -> list[Recipient]:
    with town.database.read() as session:
        query = select(Recipient).where(Recipient.announcement_id == announcement).order_by(Recipient.id)
        return list(session.scalars(query))


def recipient(town: Town, announcement: int, hand: ResidentHand) -> Recipient:
    with town.database.read() as session:
        query = select(Recipient).join(Resident, Resident.id == Recipient.resident_id)
        query = query.where(Recipient.announcement_id == announcement, Resident.openid == hand.openid)
        return session.scalars(query).one()


def stands(town: Town, announcement: int, hand: ResidentHand) -> tuple[str, str]:
    """State and channel of one recipient."""
    row = recipient(town, announcement, hand)
    return row.state, row.channel


def states(town: Town, announcement: int) -> Counter[str]:
    return Counter(row.state for row in recipients(town, announcement))


def row_of(town: Town, announcement: int) -> Announcement:
    with town.database.read() as session:
        return session.get_one(Announcement, announcement)


def chunks_of(town: Town, announcement: int) -> list[MassChunk]:
    with town.database.read() as session:
        query = select(MassChunk).where(MassChunk.announcement_id == announcement).order_by(MassChunk.id)
        return list(session.scalars(query))


def rows_of(town: Town, kind: str) -> list[OutboxMessage]:
    with town.database.read() as session:
        return list(session.scalars(select(OutboxMessage).where(OutboxMessage.kind == kind).order_by(OutboxMessage.id)))


def withdraw(town: Town, announcement: int) -> None:
    """As the command does it: the state, and what has not left."""
    with town.database.write() as session:
        row = session.get_one(Announcement, announcement, with_for_update=True)
        assert row.state != WITHDRAWN
        row.state = WITHDRAWN
        waiting = Recipient.announcement_id == announcement, Recipient.state == "waiting"
        session.execute(update(Recipient).where(*waiting).values(state="skipped", reason="withdrawn"))
        promised = OutboxMessage.kind == "announcement", OutboxMessage.state == "waiting"
        session.execute(
            update(OutboxMessage).where(*promised).values(state="skipped", reason="withdrawn", next_try_at=None)
        )


def had_mass(town: Town, hands: Sequence[ResidentHand], used: int) -> None:
    """So many mass messages this month already."""
    with town.database.write() as session:
        ids = session.scalars(select(Resident.id).where(Resident.openid.in_([hand.openid for hand in hands]))).all()
        month = month_of(town.moment, town.settings.deployment.zone)
        session.add_all(MassUse(resident_id=one, month=month, used=used) for one in ids)


def used(town: Town, hand: ResidentHand) -> int:
    with town.database.read() as session:
        query = select(MassUse.used).join(Resident, Resident.id == MassUse.resident_id)
        return session.scalar(query.where(Resident.openid == hand.openid)) or 0


def texts(hand: ResidentHand, kind: str = "") -> list[str]:
    """What was pushed to this phone, by any way or by one."""
    return [item.text for item in hand.resident.screen.items("push") if kind in ("", item.kind)]


def calls(town: Town, path: str) -> list[Entry]:
    return town.world.ledger.entries(path, "to_platform")


def night(town: Town) -> datetime:
    """23:00 of the same day, on the clock of the street."""
    local = town.moment.astimezone(town.settings.deployment.zone)
    town.moment += local.replace(hour=23, minute=0, second=0) - local
    return town.moment
