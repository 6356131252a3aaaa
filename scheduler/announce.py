"""Announcements go out: page by page a rung for everybody, then mass messages, then the groups, then the account is closed.

Every page is one transaction under the announcement's row: choices and promised rows together, so that a process that
dies leaves a page done or not begun. Withdrawing takes the same row: nothing is chosen or sent after it.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import String, cast, literal, select, update
from sqlalchemy.orm import Session

from bot.ladder import articles, chunks
from bot.ladder.before_send import put_off, stopped
from bot.ladder.choose import GROUP_PUSH, MASS, OFFICIAL_ACCOUNT, VISIT, WRITTEN, choose
from bot.ladder.facts import Groups, month_of, reach_from, with_facts
from bot.ladder.recipients import promise_written
from bot.ladder.results import reported_already
from bot.message import DeliveryFailed
from bot.notices.of_announcements import FORWARD, UNREAD, VISITS, to_resident
from bot.office import Office
from bot.official_account_api import OfficialAccountApi
from models.announcement import APPROVED, SENDING, SENT, WITHDRAWN, Announcement, MassChunk, Recipient
from models.outbox import OutboxMessage, promise
from models.release import still_as_approved
from models.resident import Resident

log = structlog.get_logger()

SPAN_SECONDS = 5.0
"""One run of the job; a stopped worker has to end within ten."""
PAGE = 1000
PACE = 50
"""Ordinary announcements enter the outbox so many a second: news of tickets never waits behind thousands of them."""
UNREAD_WITHIN = timedelta(days=1)
QUOTA_USED = 45028
OPEN = ("waiting", "under_way")
TO_GROUPS = (GROUP_PUSH, VISIT)


@dataclass
class Pass:
    """一轮: how far the pages have come, and how many messages this pass has promised."""

    last: int = 0
    written: int = 0


def announce(office: Office, account: OfficialAccountApi) -> None:
    """Whatever is due, for some seconds; the next tick goes on at the very row."""
    until = time.monotonic() + SPAN_SECONDS
    for announcement_id in _of_state(office, WITHDRAWN):
        _guarded(announcement_id, lambda id_=announcement_id: _close_withdrawn(office, account, id_))
    for announcement_id in _due(office):
        _guarded(announcement_id, lambda id_=announcement_id: _advance(office, account, id_, until))


def _guarded(announcement_id: int, run) -> None:  # type: ignore[no-untyped-def]
    """One poisoned announcement delays no other."""
    try:
        run()
    except Exception:
        log.exception("announce.failed", announcement=announcement_id)


def _due(office: Office) -> list[int]:
    """Urgent ones first."""
    with office.database.read() as session:
        query = select(Announcement.id).where(
            Announcement.state.in_((APPROVED, SENDING)), Announcement.send_at <= office.now()
        )
        return list(session.scalars(query.order_by(Announcement.urgent_reason == "", Announcement.send_at)))


def _of_state(office: Office, state: str) -> list[int]:
    """Announcements of this state with recipients whose account is open."""
    with office.database.read() as session:
        open_ones = select(Recipient.id).where(Recipient.announcement_id == Announcement.id, Recipient.state.in_(OPEN))
        return list(session.scalars(select(Announcement.id).where(Announcement.state == state, open_ones.exists())))


def _advance(office: Office, account: OfficialAccountApi, announcement_id: int, until: float) -> None:
    if not _begin(office, announcement_id):
        return
    this = Pass()
    while _page(office, announcement_id, this):
        if time.monotonic() > until:
            return
    while send_mass(office, account, announcement_id):
        if time.monotonic() > until:
            return
    look_after(office, account, announcement_id)
    _tell_groups(office, announcement_id)
    _finish(office, announcement_id)


def _begin(office: Office, announcement_id: int) -> bool:
    """Approved becomes sending; quiet hours put it off to their end; an expired one is closed."""
    with office.database.write() as session:
        now = office.now()
        announcement = session.get_one(Announcement, announcement_id, with_for_update=True)
        if announcement.state not in (APPROVED, SENDING):
            return False
        if not still_as_approved(announcement):
            log.error("announce.not_as_approved", announcement=announcement_id)
            return False
        if announcement.valid_until and announcement.valid_until <= now:
            announcement.state = SENDING
            session.flush()
            _pass_over(session, announcement_id, "expired")
            chunks.abandoned(session, announcement_id, now)
        elif when := put_off(announcement, office.settings, now):
            announcement.send_at = when
            return False
        announcement.state = SENDING
    return True


def _still(session: Session, office: Office, announcement_id: int, now: datetime) -> Announcement | None:
    """The announcement, held, if it may go on this very moment."""
    announcement = session.get(Announcement, announcement_id, with_for_update=True)
    if not announcement or announcement.state != SENDING or stopped(announcement, now):
        return None
    return None if put_off(announcement, office.settings, now) else announcement


def _page(office: Office, announcement_id: int, this: Pass) -> bool:
    """A rung for everybody on one page; False when nobody is left to choose for."""
    settings = office.settings
    with office.database.write() as session:
        now = office.now()
        announcement = _still(session, office, announcement_id, now)
        if not announcement:
            return False
        columns = (Recipient.id, Recipient.resident_id, Resident.openid, Recipient.grid_code, Recipient.tried)
        query = select(*columns).join(Resident, Resident.id == Recipient.resident_id)
        query = query.where(Recipient.announcement_id == announcement_id, Recipient.state == "waiting")
        query = query.where(Recipient.channel == "", Recipient.id > this.last).order_by(Recipient.id).limit(PAGE)
        rows = session.execute(with_facts(query, settings, now).with_for_update(of=Recipient)).all()
        presses, groups = announcement.wants_receipt or bool(announcement.urgent_reason), Groups(session, {})
        changes = []
        for row in rows:
            id_, resident_id, openid, grid, tried = row[:5]
            fallen = {channel: reason for channel, reason in tried}
            reach = reach_from(row, settings, now, grouped=bool(groups.of(grid)), tried=fallen)
            choice = choose(reach, presses=presses)
            state = "under_way" if choice.channel in WRITTEN else "waiting" if choice.channel else "skipped"
            passed = [*tried, *(list(each) for each in choice.skipped)]
            changes.append(
                {"id": id_, "state": state, "channel": choice.channel, "reason": choice.reason, "tried": passed}
            )
            if choice.channel in WRITTEN:
                promised = promise_written(session, now, announcement, (id_, resident_id, openid), choice.channel)
                if not announcement.urgent_reason:
                    promised.next_try_at = now + timedelta(seconds=this.written // PACE)
                this.written += 1
        if changes:
            session.execute(update(Recipient), changes)
            this.last = rows[-1].id
        return len(rows) == PAGE


def send_mass(office: Office, account: OfficialAccountApi, announcement_id: int) -> bool:
    """One mass call, an unanswered one first, or one step towards the next one's article. False when nothing is to do now."""
    making = _making(office, announcement_id)
    if making and making.step != articles.WAIT:
        return _make(office, account, making)
    with office.database.write() as session:
        now = office.now()
        announcement = _still(session, office, announcement_id, now)
        if not announcement:
            return False
        month = month_of(now, office.settings.deployment.zone)
        chunk = chunks.unfinished(session, announcement_id, now)
        if not chunk and articles.ready(session, announcement, now):
            chunk = chunks.form(session, announcement, month, now)
        if not chunk or chunk.state != "sending":
            return chunk is not None
        articles.take(announcement, chunk)
        openids, draft = chunks.openids(session, chunk), articles.draft_of(chunk)
        text, _ = to_resident(announcement, office.settings.deployment.zone)
        chunks.begin(chunk, now)
        chunk_id, client_id = chunk.id, chunk.client_id
    failure, platform_id = None, ""
    try:
        platform_id = account.send_mass(openids, text, client_id, draft)
    except DeliveryFailed as failed:
        failure = failed
    with office.database.write() as session:
        now = office.now()
        session.get_one(Announcement, announcement_id, with_for_update=True)
        chunk = session.get_one(MassChunk, chunk_id, with_for_update=True)
        if chunk.state != "sending":
            return True
        if failure:
            _refused(session, chunk, failure, now)
        else:
            chunks.accepted(chunk, platform_id, len(openids), now)
            session.flush()
            reported_already(session, chunk, now)
    return True


def _making(office: Office, announcement_id: int) -> articles.Making | None:
    with office.database.write() as session:
        now = office.now()
        announcement = _still(session, office, announcement_id, now)
        return articles.begin(session, office.settings, announcement, now) if announcement else None


def _make(office: Office, account: OfficialAccountApi, making: articles.Making) -> bool:
    failure, media_id, picture = None, "", making.step == articles.PICTURE
    try:
        media_id = account.add_picture(making.kind, making.content) if picture else account.add_draft(making.article)
    except DeliveryFailed as failed:
        failure = failed
        log.warning("article.refused", step=making.step, code=str(failed.code), unknown=failed.unknown)
    with office.database.write() as session:
        if failure:
            articles.failed(session, making, failure, office.now())
        else:
            articles.made(session, making, media_id)
    return True


def _refused(session: Session, chunk: MassChunk, failure: DeliveryFailed, now: datetime) -> None:
    log.warning("mass.refused", chunk=chunk.id, code=str(failure.code), unknown=failure.unknown)
    if failure.unknown or articles.refused(session, chunk, failure, now):
        return  # an unknown one is repeated after a pause with the same clientmsgid
    if failure.code == QUOTA_USED:
        chunks.month_is_full(session, chunk)
    if failure.permanent or failure.code == QUOTA_USED:
        chunks.failed(session, chunk, f"errcode:{failure.code}", now)
    else:
        pause = max(failure.retry_after, chunks.REPEAT_PAUSES[0])
        chunks.dissolve(session, chunk, now + timedelta(seconds=pause), now)


def look_after(office: Office, account: OfficialAccountApi, announcement_id: int) -> None:
    """Mass messages whose finish event does not come are asked after."""
    with office.database.read() as session:
        here = MassChunk.announcement_id == announcement_id, MassChunk.state == "accepted"
        found = [
            chunk for chunk in session.scalars(select(MassChunk).where(*here)) if chunks.next_at(chunk) <= office.now()
        ]
    for chunk_id, platform_id in [(chunk.id, chunk.platform_id) for chunk in found]:
        try:
            status = account.mass_status(platform_id) if platform_id else ""
        except DeliveryFailed as failure:
            log.warning("mass.status", chunk=chunk_id, code=str(failure.code))
            status = ""
        with office.database.write() as session:
            now = office.now()
            chunk = session.get_one(MassChunk, chunk_id, with_for_update=True)
            if chunk.state != "accepted":
                continue
            chunk.counts = {**chunk.counts, "next_at": (now + chunks.LOOK_AFTER).isoformat()}
            if status == "SEND_SUCCESS":
                chunks.sent(session, chunk, {}, now)
            elif status in ("SEND_FAIL", "DELETE"):
                chunks.failed(session, chunk, f"mass:{status.lower()}", now)
            elif now - chunk.created_at > chunks.LOOK_AT_MOST:
                chunks.unknown(session, chunk, now)


def _tell_groups(office: Office, announcement_id: int) -> None:
    """Those nobody can write to become tasks of their grids: the text to forward, and whom to visit."""
    with office.database.write() as session:
        now = office.now()
        announcement = _still(session, office, announcement_id, now)
        if not announcement or not _settled(session, announcement, now):
            return
        left = _left_to_groups(announcement_id)
        counted = select(Recipient.grid_code, Recipient.channel).where(left).distinct().order_by(Recipient.grid_code)
        groups, by_chat, visited = Groups(session, {}), dict[str, list[str]](), set[str]()
        for grid, channel in session.execute(counted):
            chat = groups.of(grid)
            by_chat.setdefault(chat, []).append(grid)
            visited |= {chat} if channel == VISIT else set()
        for chat, grids in by_chat.items():
            mine = left & Recipient.grid_code.in_(grids)
            if not chat:  # the group was closed since
                chunks.set_all(session, mine, state="skipped", reason="no_group")
                continue
            grids = list(dict.fromkeys(grids))
            _promise_to_group(session, announcement, FORWARD, "g", chat, {"grids": grids}, now)
            if chat in visited:
                facts = {"grids": grids, "at": now.isoformat()}
                _promise_to_group(session, announcement, VISITS, f"v{now.timestamp():.0f}", chat, facts, now)
            chunks.set_all(session, mine, state="task", sent_at=now)


def _left_to_groups(announcement_id: int):  # type: ignore[no-untyped-def]
    mine = Recipient.announcement_id == announcement_id
    return mine & (Recipient.state == "waiting") & Recipient.channel.in_(TO_GROUPS)


def _settled(session: Session, announcement: Announcement, now: datetime) -> bool:
    """Everybody else is through, so that a group is told once, and how many are left."""
    mine = Recipient.announcement_id == announcement.id
    undecided = mine & (Recipient.state == "waiting") & Recipient.channel.in_(("", MASS))
    if session.scalar(select(Recipient.id).where(undecided).limit(1)):
        return False
    on_the_way = mine & (Recipient.state == "under_way")
    return not (chunks.patient(announcement, now) and session.scalar(select(Recipient.id).where(on_the_way).limit(1)))


def _promise_to_group(
    session: Session,
    announcement: Announcement,
    kind: str,
    mark: str,
    chat: str,
    facts: Mapping[str, object],
    now: datetime,
) -> None:
    """Once for each announcement and chat."""
    key = f"a{announcement.id}:{mark}:{chat}"
    session.flush()
    if session.scalar(select(OutboxMessage.id).where(OutboxMessage.dedupe_key == key)) is None:
        promise(
            session, now, key=key, kind=kind, channel="group_push", target=chat,
            facts={"announcement": announcement.id, **facts}, urgent=bool(announcement.urgent_reason),
        )  # fmt: skip


def _finish(office: Office, announcement_id: int) -> None:
    """Nobody waits and nobody is under way: the account is closed."""
    with office.database.write() as session:
        announcement = session.get_one(Announcement, announcement_id, with_for_update=True)
        mine = (Recipient.announcement_id == announcement_id) & Recipient.state.in_(OPEN)
        if announcement.state == SENDING and session.scalar(select(Recipient.id).where(mine).limit(1)) is None:
            announcement.state, announcement.finished_at = SENT, office.now()


def _pass_over(session: Session, announcement_id: int, reason: str) -> None:
    mine = (Recipient.announcement_id == announcement_id) & (Recipient.state == "waiting")
    chunks.set_all(session, mine, state="skipped", reason=reason)


def _close_withdrawn(office: Office, account: OfficialAccountApi, announcement_id: int) -> None:
    """What had not left stays; what may have left is followed to its end."""
    look_after(office, account, announcement_id)
    with office.database.write() as session:
        announcement = session.get_one(Announcement, announcement_id, with_for_update=True)
        if announcement.state != WITHDRAWN:
            return
        chunks.abandoned(session, announcement_id, office.now())
        _pass_over(session, announcement_id, "withdrawn")
        for channel in WRITTEN:
            letter = "r" if channel == OFFICIAL_ACCOUNT else "s"
            key = f"a{announcement_id}:{letter}"
            taken_back = select(OutboxMessage.id).where(
                OutboxMessage.dedupe_key == literal(key) + cast(Recipient.resident_id, String),
                OutboxMessage.state == "skipped",
            )
            mine = (Recipient.announcement_id == announcement_id) & (Recipient.channel == channel)
            under_way = mine & (Recipient.state == "under_way") & taken_back.exists()
            chunks.set_all(session, under_way, state="skipped", reason="withdrawn")


def list_unread(office: Office) -> None:
    """Some hours after it began, each grid's group learns once how many of which building have not answered."""
    rules = office.settings.announcements
    with office.database.write() as session:
        now = office.now()
        begun = now - timedelta(hours=rules.unread_hours)
        query = select(Announcement).where(
            Announcement.wants_receipt, Announcement.state.in_((SENDING, SENT)), Announcement.send_at <= begun
        )
        for announcement in session.scalars(query.where(Announcement.send_at > begun - UNREAD_WITHIN)).all():
            if not stopped(announcement, now) and not put_off(announcement, office.settings, now):
                _list_unread(session, announcement, now)


def _list_unread(session: Session, announcement: Announcement, now: datetime) -> None:
    silent = (Recipient.announcement_id == announcement.id) & Recipient.state.in_(
        ("sent", "unknown", "under_way", "task")
    )
    groups, by_chat = Groups(session, {}), dict[str, list[str]]()
    for grid in session.scalars(select(Recipient.grid_code).where(silent).distinct().order_by(Recipient.grid_code)):
        by_chat.setdefault(groups.of(grid), []).append(grid)
    for chat, grids in by_chat.items():
        if chat:
            _promise_to_group(session, announcement, UNREAD, "u", chat, {"grids": grids}, now)
