"""Mass messages 群发: the followers gathered for it in as few calls as possible, each with one `clientmsgid`.

A chunk is formed, counted against everybody's month and begun in one transaction. Whoever finds it afterwards repeats it
with the same id, and the platform makes no second message of it. What certainly did not leave is dissolved again.
States: sending (begun, no answer known), accepted (the platform has it), sent, failed, dissolved, unknown.
"""

import uuid
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Integer, String, exists, func, literal, select, update
from sqlalchemy.orm import Session

from bot.ladder.choose import MASS, MASS_A_MONTH, MASS_LEAST, MASS_MOST, OUTCOME_UNKNOWN, WRITTEN
from models.announcement import SENDING, Announcement, MassChunk, MassUse, Recipient
from models.database import insert_into
from models.resident import Resident

SAFE_TO_REPEAT = timedelta(hours=23)
"""The platform remembers a clientmsgid for 24 hours."""
REPEAT_PAUSES = (5, 60, 300, 900)
"""Seconds between two repeats of a call nobody answered."""
PATIENCE = timedelta(hours=2)
"""So long one waits for those who are still on their way and may fall to the same rung; in an emergency not at all."""
SMALL = 500
"""So few wait for company: an account has a hundred mass calls a day."""
LOOK_AFTER, LOOK_AT_MOST = timedelta(minutes=10), timedelta(hours=48)
"""A chunk whose finish event does not come is asked after so often, and so long."""


def gathered(announcement_id: int) -> ColumnElement[bool]:
    """Those for whom a mass message is chosen and no chunk formed yet."""
    mine = Recipient.announcement_id == announcement_id
    return mine & (Recipient.state == "waiting") & (Recipient.channel == MASS)


def set_all(session: Session, where: ColumnElement[bool], **values: Any) -> int:
    """One statement for any number of recipients; objects of this session do not follow."""
    result = session.execute(
        update(Recipient).where(where).values(**values), execution_options={"synchronize_session": False}
    )
    return result.rowcount  # type: ignore[attr-defined, no-any-return]


def all_fell(session: Session, where: ColumnElement[bool], channel: str, reason: str) -> None:
    """It certainly did not arrive this way: the next rung is looked for."""
    rows = session.execute(select(Recipient.id, Recipient.tried).where(where)).all()
    changes = [
        {"id": id_, "state": "waiting", "channel": "", "chunk_id": None, "sent_at": None, "tried": [*tried, [channel, reason]]}
        for id_, tried in rows
    ]  # fmt: skip
    if changes:
        session.execute(update(Recipient), changes)


def next_at(chunk: MassChunk) -> datetime:
    return datetime.fromisoformat(chunk.counts["next_at"])


def unfinished(session: Session, announcement_id: int, now: datetime) -> MassChunk | None:
    """A chunk that was begun and whose answer never came, when its pause is over."""
    begun = select(MassChunk).where(MassChunk.announcement_id == announcement_id, MassChunk.state == "sending")
    for chunk in session.scalars(begun.order_by(MassChunk.id).with_for_update()):
        if now - chunk.created_at > SAFE_TO_REPEAT:
            unknown(session, chunk, now)
        elif next_at(chunk) <= now:
            return chunk
    return None


def wanted(session: Session, announcement: Announcement, now: datetime) -> bool:
    """Would `form` make a chunk that can be sent?"""
    return _gathered_for_now(session, announcement, now) >= MASS_LEAST


def _gathered_for_now(session: Session, announcement: Announcement, now: datetime) -> int:
    """How many wait for a mass message that may be formed at this moment."""
    if _paused(session, announcement.id, now):
        return 0
    here = gathered(announcement.id)
    _return_the_gone(session, here)
    number = session.scalar(select(func.count()).where(here)) or 0
    return 0 if number < SMALL and _company_may_come(session, announcement, now) else number


def form(session: Session, announcement: Announcement, month: str, now: datetime) -> MassChunk | None:
    """A chunk of as many as one call may have, counted at once. None when nobody waits, or not yet again."""
    number, here = _gathered_for_now(session, announcement, now), gathered(announcement.id)
    if not number:
        return None
    size = MASS_MOST - 1 if number == MASS_MOST + 1 else MASS_MOST  # nobody is left alone
    ids = list(session.scalars(select(Recipient.id).where(here).order_by(Recipient.id).limit(size)))
    chunk = MassChunk(
        announcement_id=announcement.id, client_id=uuid.uuid4().hex, platform_id="", state="sending",
        counts={"month": month, "next_at": now.isoformat(), "calls": 0}, created_at=now,
    )  # fmt: skip
    session.add(chunk)
    session.flush()
    _count(session, here & Recipient.id.between(ids[0], ids[-1]), chunk)
    members = session.scalar(select(func.count()).where(Recipient.chunk_id == chunk.id)) or 0
    if members < MASS_LEAST:
        failed(session, chunk, "mass_too_few", now)
    return chunk


def abandoned(session: Session, announcement_id: int, now: datetime) -> None:
    """Withdrawn or expired: what was begun and never answered is not repeated any more."""
    begun = select(MassChunk).where(MassChunk.announcement_id == announcement_id, MassChunk.state == "sending")
    for chunk in session.scalars(begun.with_for_update()):
        unknown(session, chunk, now)


def openids(session: Session, chunk: MassChunk) -> list[str]:
    """The same list at every repeat."""
    members = select(Resident.openid).join(Recipient, Recipient.resident_id == Resident.id)
    return list(session.scalars(members.where(Recipient.chunk_id == chunk.id).order_by(Recipient.id)))


def begin(chunk: MassChunk, now: datetime) -> None:
    """Counted before the call: whoever finds it after a crash knows that it may have left."""
    calls = chunk.counts["calls"] + 1
    pause = timedelta(seconds=REPEAT_PAUSES[min(calls, len(REPEAT_PAUSES)) - 1])
    chunk.counts = {**chunk.counts, "calls": calls, "next_at": (now + pause).isoformat()}


def accepted(chunk: MassChunk, platform_id: str, members: int, now: datetime) -> None:
    chunk.state, chunk.platform_id = "accepted", platform_id
    chunk.counts = {**chunk.counts, "members": members, "next_at": (now + LOOK_AFTER).isoformat()}


def sent(session: Session, chunk: MassChunk, counts: dict[str, int], now: datetime) -> None:
    """The platform is through with it. Whom it skipped for the month's quota it does not say, only how many."""
    chunk.counts = {**chunk.counts, **counts}
    if chunk.state == "accepted":
        chunk.state, chunk.finished_at = "sent", now
        set_all(session, _under_way(chunk), state="sent", sent_at=now)


def failed(session: Session, chunk: MassChunk, reason: str, now: datetime) -> None:
    """Nobody got it: refused by the platform, its review, or the administrator on the phone."""
    if chunk.state in ("sending", "accepted"):
        chunk.state, chunk.finished_at, chunk.counts = "failed", now, {**chunk.counts, "reason": reason}
        _give_back_the_month(session, chunk)
        all_fell(session, _under_way(chunk), MASS, reason)


def dissolve(session: Session, chunk: MassChunk, until: datetime, now: datetime) -> None:
    """It did not leave and may later: its recipients are gathered again for a new chunk."""
    _give_back_the_month(session, chunk)
    set_all(session, _under_way(chunk), state="waiting", chunk_id=None)
    chunk.state, chunk.finished_at, chunk.counts = "dissolved", now, {**chunk.counts, "next_at": until.isoformat()}


def unknown(session: Session, chunk: MassChunk, now: datetime) -> None:
    """It may have arrived. Nobody is written to twice; in an emergency somebody of the grid makes sure."""
    announcement = session.get_one(Announcement, chunk.announcement_id)
    chunk.state, chunk.finished_at = "unknown", now
    if announcement.urgent_reason and announcement.state == SENDING:
        all_fell(session, _under_way(chunk), MASS, OUTCOME_UNKNOWN)
    else:
        set_all(session, _under_way(chunk), state="unknown", reason=OUTCOME_UNKNOWN)


def month_is_full(session: Session, chunk: MassChunk) -> None:
    """The platform counts more than we do (its own console sends too): believed for the rest of the month."""
    full = update(MassUse).where(_members_month(chunk)).values(used=MASS_A_MONTH + 1)
    session.execute(full, execution_options={"synchronize_session": False})


def patient(announcement: Announcement, now: datetime) -> bool:
    """Is there time to wait for those still on their way?"""
    begun = announcement.send_at or now
    return not announcement.urgent_reason and now < begun + PATIENCE


def _company_may_come(session: Session, announcement: Announcement, now: datetime) -> bool:
    """Others may fall to this rung in a moment."""
    mine = Recipient.announcement_id == announcement.id, Recipient.state == "under_way"
    others = select(Recipient.id).where(*mine, Recipient.channel.in_(WRITTEN)).limit(1)
    return patient(announcement, now) and session.scalar(others) is not None


def _under_way(chunk: MassChunk) -> ColumnElement[bool]:
    return (Recipient.chunk_id == chunk.id) & (Recipient.state == "under_way")


def _members_month(chunk: MassChunk) -> ColumnElement[bool]:
    members = select(Recipient.resident_id).where(Recipient.chunk_id == chunk.id)
    month: str = chunk.counts["month"]
    return (MassUse.month == month) & MassUse.resident_id.in_(members)


def _give_back_the_month(session: Session, chunk: MassChunk) -> None:
    back = update(MassUse).where(_members_month(chunk), MassUse.used > 0).values(used=MassUse.used - 1)
    session.execute(back, execution_options={"synchronize_session": False})


def _return_the_gone(session: Session, here: ColumnElement[bool]) -> None:
    """Left or unsubscribed since they were gathered: looked at again."""
    gone = Resident.followed.is_(False) | Resident.bulletins.is_(False)
    set_all(session, here & exists().where(Resident.id == Recipient.resident_id, gone), channel="")


def _count(session: Session, page: ColumnElement[bool], chunk: MassChunk) -> None:
    """Take one of the month's four for everybody on the page; who has none left looks further."""
    month, once = literal(chunk.counts["month"], String), literal(1, Integer)
    source = select(Recipient.resident_id, month, once).where(page)
    insert = insert_into(session, MassUse).from_select(["resident_id", "month", "used"], source)
    upsert = insert.on_conflict_do_update(
        index_elements=["resident_id", "month"], set_={"used": MassUse.used + 1}, where=MassUse.used < MASS_A_MONTH
    )
    counted = set(session.execute(upsert.returning(MassUse.resident_id)).scalars())
    rows = session.execute(select(Recipient.id, Recipient.resident_id).where(page)).all()
    full = [id_ for id_, resident_id in rows if resident_id not in counted]
    for start in range(0, len(full), 500):
        all_fell(session, Recipient.id.in_(full[start : start + 500]), MASS, "mass_quota")
    set_all(session, page, state="under_way", chunk_id=chunk.id)


def _paused(session: Session, announcement_id: int, now: datetime) -> bool:
    """The platform said when it may be asked again."""
    last = select(MassChunk).where(MassChunk.announcement_id == announcement_id).order_by(MassChunk.id.desc()).limit(1)
    chunk = session.scalars(last).first()
    return bool(chunk and chunk.state == "dissolved" and next_at(chunk) > now)
