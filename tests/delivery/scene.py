"""What delivery tests need: followers, tickets without any talk, promised rows, and the wire as the platform saw it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from town import GRID, Town

from bot.group_push import GroupPush
from bot.official_account_api import OfficialAccountApi
from bot.token_store import SqlTokenStore
from models.exporting import KINDS, Exporter
from models.life import apply, open_ticket
from models.matter import Matter
from models.outbox import OutboxMessage, promise
from models.resident import resident_of
from models.ticket import Actor, Filing, ticket_for_update
from scheduler.deliver import Courier
from simulator.ledger import Entry
from simulator.resident_hand import ResidentHand

CHEN = Actor("handler", "worker", "chen")
TO_RESIDENT, TO_GROUP, TOKEN = "/cgi-bin/message/custom/send", "/cgi-bin/webhook/send", "/cgi-bin/stable_token"


def writer(town: Town, name: str = "王阿姨") -> ResidentHand:
    """A follower who has just written: five messages may go to them within 48 hours."""
    hand: ResidentHand = town.resident(name)
    hand.says("你好")
    return hand


def file(town: Town, hand: ResidentHand, area: str = GRID, matter: str = "street_light") -> int:
    """A ticket, and so a card for the group."""
    now = town.moment
    with town.database.write() as session:
        filing = Filing(session.get_one(Matter, matter), area, "楼道灯不亮", place="紫荆苑3栋")
        ticket = open_ticket(session, resident_of(session, hand.openid, now), filing, town.office.promises, now)
    return ticket.number


def file_quietly(town: Town, hand: ResidentHand, area: str = GRID) -> int:
    """A ticket whose card has arrived already."""
    number = file(town, hand, area)
    town.deliver()
    return number


def note(town: Town, number: int, words: str) -> int:
    """The worker writes a word to the resident; returns the id of the row that promises it."""
    return _move(town, number, CHEN, "reply", words)


def word(town: Town, number: int, words: str) -> int:
    """The resident writes a word to the group; returns the id of the row that promises it."""
    return _move(town, number, Actor("resident", "resident"), "note", words)


def _move(town: Town, number: int, actor: Actor, action: str, words: str) -> int:
    with town.database.write() as session:
        ticket = ticket_for_update(session, number)
        assert ticket
        apply(session, ticket, action, actor, town.office.promises, town.moment, note=words)
        session.flush()
        return session.scalar(select(func.max(OutboxMessage.id))) or 0


def promise_nonsense(town: Town, target: str, channel: str, number: int | None) -> int:
    """A row for which nobody has words."""
    with town.database.write() as session:
        row = promise(
            session, town.moment, key=f"nonsense-{target}", kind="nonsense", channel=channel, target=target,
            ticket=number, event=1,
        )  # fmt: skip
        session.flush()
        return row.id


def outbox(town: Town, **wanted: Any) -> list[dict[str, Any]]:
    return [row for row in town.rows("outbox") if all(row[name] == value for name, value in wanted.items())]


def row(town: Town, row_id: int) -> dict[str, Any]:
    """One row as the export shows it."""
    with town.database.read() as session:
        exporter = Exporter(session, town.settings.deployment.zone, with_personal=False)
        return KINDS["outbox"][2](exporter, session.get_one(OutboxMessage, row_id))


def settled(town: Town) -> None:
    """What is still open is given up, so that the next thing a test does is alone on the wire."""
    with town.database.write() as session:
        unfinished = OutboxMessage.state.in_(("waiting", "unknown"))
        session.execute(update(OutboxMessage).where(unfinished).values(state="skipped", next_try_at=None))
    town.world.faults.clear()


def waits(town: Town, row_id: int) -> float | None:
    """Seconds until a row is tried again; None when it is not."""
    when = row(town, row_id)["next_try_at"]
    return (datetime.fromisoformat(when) - town.moment).total_seconds() if when else None


def calls(town: Town, path: str) -> list[Entry]:
    entries: list[Entry] = town.world.ledger.entries(path, "to_platform")
    return entries


@contextmanager
def second_courier(town: Town) -> Iterator[Courier]:
    """Another process on the same database, with doors of its own."""
    tokens = SqlTokenStore(town.database, "test", town.office.now)
    account = OfficialAccountApi(town.settings, tokens, town.office.now)
    courier = Courier(town.office, account, GroupPush(town.settings))
    yield courier
    courier.close()
