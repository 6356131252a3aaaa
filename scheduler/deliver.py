"""Delivery 投递: due rows of the outbox go out; what became of each is written down, and nothing is sent blindly twice.

Three short transactions surround a send: claim (with a lease), begin (still ours? a slot, a budget?), settle (fenced
by the claim). Targets are served in parallel, one send at a time each, so a dead group delays nobody else.
"""

import time
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import structlog
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.announcing.article import card_of
from bot.announcing.preview import STAFF_NOTE
from bot.group_push import GroupPush
from bot.ladder.before_send import held, may_leave, may_reach
from bot.message import DeliveryFailed
from bot.notices import digest, notice_of, overtaken, together, words_of
from bot.notices.of_announcements import ANNOUNCEMENT, GROUP_KINDS, as_plain_text, subscription, to_group, to_resident
from bot.notices.of_reminders import reminder_words
from bot.office import Office
from bot.official_account_api import OfficialAccountApi
from bot.pictures import Pictures
from models.announcement import Announcement, Consent, Recipient
from models.area import Area, Group
from models.outbox import PHOTO, OutboxMessage, PushCall, begin, claim_due, push_slots
from models.reminder import REMINDER
from models.resident import Resident
from scheduler.outcome import fail, give_back, give_up, hold, most_sends, readdress, settle_failure, settle_sent
from scheduler.photos import close, just_told, media_to_show, promise_photos, settle_photo

log = structlog.get_logger()

CHANNELS = ("official_account", "subscribe", "group_push")
PHOTO_THREADS = 2
BATCH = 200
DIGEST_ABOVE = 20
KEPT_FOR_CARDS = 5
"""Of a group's messages a minute, so many are left to cards when pictures wait."""
MOST_TARGETS = 400
RESIDENT_BYTES = 2000
POISON_PAUSE = timedelta(minutes=1)


@dataclass(frozen=True)
class Parcel:
    """投递批次: claimed rows of one target."""

    channel: str
    target: str
    ids: tuple[int, ...]
    to_all: frozenset[int] = frozenset()
    """Those of them that are announcements; news of the resident's own tickets goes first."""


class Courier:
    """投递员: one process's delivery; any number may run on one database."""

    def __init__(self, office: Office, account: OfficialAccountApi, push: GroupPush, threads: int = 8) -> None:
        self.office, self.account, self.push = office, account, push
        self.pictures = Pictures(office.settings, account)
        self.claim = uuid.uuid4().hex[:16]
        # One pool a channel: an account that hangs on every thread of its own leaves the groups theirs (R13).
        self._pools = {channel: ThreadPoolExecutor(threads, f"deliver-{channel}") for channel in CHANNELS}
        self._pools[PHOTO] = ThreadPoolExecutor(PHOTO_THREADS, "deliver-photo")
        self._busy: set[str] = set()
        self._lease = timedelta(seconds=office.settings.scheduler.lease_seconds)

    def send_due(self) -> list[Future[None]]:
        """Start to send what is due, without waiting: a target that hangs holds up nobody else."""
        if len(self._busy) >= MOST_TARGETS:
            return []
        parcels = self._claim()
        self._busy.update(parcel.target for parcel in parcels if parcel.channel != PHOTO)
        return [self._pools[parcel.channel].submit(self._serve, parcel) for parcel in parcels]

    def drain(self) -> None:
        """Send until nothing is due, and wait for it."""
        while futures := self.send_due():
            for future in futures:
                future.result()

    def close(self) -> None:
        for pool in self._pools.values():
            pool.shutdown(wait=True, cancel_futures=True)

    def _claim(self) -> list[Parcel]:
        by_target: dict[tuple[str, str], list[int]] = {}
        to_all: set[int] = set()
        with self.office.database.write() as session:
            now = self.office.now()
            for row in claim_due(session, now, self.claim, self._lease, BATCH, self._busy):
                if row.sends >= most_sends(row):
                    close(row, "outcome_unknown") if row.kind == PHOTO else give_up(session, row, now)
                    continue
                channel = PHOTO if row.kind == PHOTO else row.channel
                by_target.setdefault((channel, row.target), []).append(row.id)
                if row.kind == ANNOUNCEMENT:
                    to_all.add(row.id)
        return [
            Parcel(channel, target, tuple(ids), frozenset(to_all.intersection(ids)))
            for (channel, target), ids in by_target.items()
        ]

    def _serve(self, parcel: Parcel) -> None:
        """Send a target's rows one after the other until the lease gets short."""
        settings = self.office.settings
        patience = max(settings.scheduler.lease_seconds - settings.delivery.send_deadline_seconds, 1)
        started, left = time.monotonic(), list(parcel.ids)
        try:
            while left and time.monotonic() - started < patience:
                served = self._send_next(parcel, left)
                left = [row_id for row_id in left if row_id not in served]
            if left:
                with self.office.database.write() as session:
                    give_back(session, left, self.claim, self.office.now())
        except Exception:
            log.exception("deliver.failed", rows=left)
        finally:
            if parcel.channel != PHOTO:  # no card waits while a picture is fetched
                self._busy.discard(parcel.target)

    def _send_next(self, parcel: Parcel, ids: Sequence[int]) -> set[int]:
        if parcel.channel == PHOTO:
            return self._send_photo(parcel.target, ids[0])
        if parcel.channel == "group_push":
            return self._send_to_group(parcel.target, ids)
        own = [row_id for row_id in ids if row_id not in parcel.to_all]
        return self._send_to_resident(parcel.target, own) if own else self._send_announcement(parcel, ids[0])

    def _mine(self, session: Session, ids: Sequence[int]) -> list[OutboxMessage]:
        """The rows this process still holds: a stopped process wakes to find them taken (R07)."""
        now = self.office.now()
        rows = (session.get(OutboxMessage, row_id, with_for_update=True) for row_id in ids)
        return [
            row for row in rows if row and row.claim == self.claim and row.claimed_until and row.claimed_until > now
        ]

    def _announced(self, session: Session, row_id: int) -> Announcement | None:
        """The announcement a row speaks of, held before the row itself, as withdrawing holds them."""
        facts = session.scalar(select(OutboxMessage.facts).where(OutboxMessage.id == row_id))
        return held(session, facts["announcement"]) if facts and "announcement" in facts else None

    def _words(self, session: Session, row: OutboxMessage, announcement: Announcement | None = None) -> str | None:
        """The text of a row; a row whose words cannot be made is put aside and, after some tries, given up."""
        office = self.office
        try:
            if row.kind == STAFF_NOTE:
                return str(row.facts["text"])
            if row.kind == REMINDER:
                zone, names = office.settings.deployment.zone, office.catalogue.staff_names
                return reminder_words(session, row, office.now(), zone, names)
            if row.kind in GROUP_KINDS:
                may = may_leave(session, office.settings, row, announcement, office.now())
                return to_group(session, row, announcement, office.settings.deployment.zone) if may else None
            facts = {
                "now": office.now(),
                "zone": office.settings.deployment.zone,
                "bot_name": office.settings.group_bot.name,
                "staff_names": office.catalogue.staff_names,
                "reopen_hours": office.settings.promises.reopen_hours,
            }
            notice = notice_of(session, row, **facts)
            if overtaken(notice):
                row.state, row.reason, row.next_try_at, row.claim = "skipped", "overtaken", None, ""
                return None
            return words_of(notice)
        except Exception as error:
            log.error("deliver.poison", row=row.id, error=type(error).__name__)
            dead = row.attempts >= office.settings.delivery.poison_attempts
            row.state, row.claim = ("failed" if dead else "waiting"), ""
            row.reason = f"poison:{type(error).__name__}"
            row.next_try_at = None if dead else office.now() + POISON_PAUSE
            return None

    def _send_to_group(self, chat_id: str, ids: Sequence[int]) -> set[int]:
        """One call to a group: one card, or a digest when too many wait."""
        office = self.office
        with office.database.write() as session:
            now = office.now()
            announcement = self._announced(session, ids[0])
            rows = self._mine(session, ids)
            if rows and (lost := set(ids) - {row.id for row in rows}):
                return lost
            group = session.get(Group, chat_id, with_for_update=True)
            if not rows or not group or not group.webhook_key:
                readdress(session, rows, office.settings.delivery, now)
                return set(ids)
            when = _when_free(session, group, now, office.settings.group_push.per_minute)
            if when > now:
                give_back(session, ids, self.claim, when)
                return set(ids)
            cards = [row for row in rows if row.kind == "card" and not row.urgent and row.ticket_number]
            if len(cards) > DIGEST_ABOVE and not rows[0].urgent:
                numbers = [row.ticket_number or 0 for row in cards]
                words, named = digest(session, numbers, office.settings.group_bot.name)
                chosen = [row for row in cards if row.ticket_number in named]
                text: str | None = words
            else:
                chosen, text = rows[:1], self._words(session, rows[0], announcement)
            if text is None:
                return {row.id for row in chosen}
            served, key = begin(chosen, now + self._lease), group.webhook_key
            call = PushCall(chat_id=chat_id, started_at=now)
            session.add(call)
            session.flush()
            call_id = call.id
        send = self.push.send_text if as_plain_text(chosen[0], text) else self.push.send_markdown
        self._settle(served, lambda: send(key, text), call_ids=[call_id])
        return served

    def _send_photo(self, chat_id: str, row_id: int) -> set[int]:
        """One picture to the group that has its ticket, with a line before it when the group just read of another."""
        office = self.office
        with office.database.write() as session:
            now = office.now()
            rows = self._mine(session, [row_id])
            group = session.get(Group, chat_id, with_for_update=True)
            media = media_to_show(session, rows[0], group, now) if rows else ""
            if not group or not group.webhook_key or not media:
                return {row_id}
            per_minute = max(office.settings.group_push.per_minute - KEPT_FOR_CARDS, 1)
            if (when := _when_free(session, group, now, per_minute)) > now:
                give_back(session, [row_id], self.claim, when)
                return {row_id}
            if (head := self._words(session, rows[0])) is None:
                return {row_id}
            begin(rows, now + self._lease)
            key, call = group.webhook_key, PushCall(chat_id=chat_id, started_at=now)
            session.add(call)
            session.flush()
            call_id = call.id
        forward = partial(self.pictures.forward, key, media, head, announced=lambda: self._just_told(chat_id, row_id))
        self._settle({row_id}, forward, call_ids=[call_id], failed=settle_photo)
        return {row_id}

    def _just_told(self, chat_id: str, row_id: int) -> bool:
        """Asked when the picture is in hand; the line that is said otherwise takes a place in the minute of its own."""
        with self.office.database.write() as session:
            told, now = just_told(session, session.get_one(OutboxMessage, row_id)), self.office.now()
            if not told:
                session.add(PushCall(chat_id=chat_id, started_at=now, done_at=now))
        return told

    def _send_to_resident(self, openid: str, ids: Sequence[int]) -> set[int]:
        """One customer-service message with as many waiting notices as fit, if the platform's window allows one."""
        office = self.office
        with office.database.write() as session:
            now = office.now()
            rows = self._mine(session, ids)
            resident = session.query(Resident).filter_by(openid=openid).with_for_update(key_share=True).one_or_none()
            if not rows or not resident:
                fail(rows, "no_resident")
                return set(ids)
            if not resident.sends_left(now):
                reason = "budget_used" if resident.message_until and resident.message_until > now else "window_closed"
                hold(session, rows, reason, now)
                return set(ids)
            texts: list[str] = []
            served: set[int] = set()
            for row in rows:
                words = self._words(session, row)
                if words and texts and len("\n\n".join([*texts, words]).encode()) > RESIDENT_BYTES:
                    break
                served.add(row.id)
                texts += [words] if words else []
            if not texts:
                return served
            resident.spend(now)
            mine = [row for row in rows if row.id in served and row.claim == self.claim]
            sent = begin(mine, now + self._lease)
        self._settle(sent, lambda: self.account.send_text(openid, together(texts)), openid=openid)
        return served

    def _send_announcement(self, parcel: Parcel, row_id: int) -> set[int]:
        """One announcement to one resident, if it may still leave this way; otherwise another way is looked for."""
        office, openid = self.office, parcel.target
        with office.database.write() as session:
            now = office.now()
            announcement = self._announced(session, row_id)
            rows = self._mine(session, [row_id])
            resident = session.query(Resident).filter_by(openid=openid).with_for_update(key_share=True).one_or_none()
            if not rows or not resident:
                fail(rows, "no_resident")
            elif may_reach(session, office.settings, rows[0], announcement, resident, now) and announcement:
                send = self._carrier(session, announcement, rows[0], resident, now)
                begin(rows, now + self._lease)
                spent = openid if parcel.channel == "official_account" else ""
            else:
                rows = []
        if rows and resident:
            self._settle({row_id}, send, openid=spent)
        return {row_id}

    def _carrier(
        self, session: Session, announcement: Announcement, row: OutboxMessage, resident: Resident, now: datetime
    ) -> Callable[[], None]:
        """The call that carries it; what it costs is counted before it is made."""
        settings, openid = self.office.settings, resident.openid
        rules, zone = settings.announcements, settings.deployment.zone
        if row.channel == "official_account":
            resident.spend(now)
            if card := card_of(session, announcement, settings):
                return lambda: self.account.send_card(openid, card)
            text, _ = to_resident(announcement, zone)
            return lambda: self.account.send_text(openid, text)
        consent = session.get_one(Consent, (resident.id, rules.subscribe_template), with_for_update=True)
        consent.remaining -= 0 if consent.lasting else 1
        row.facts = {**row.facts, "template": consent.template_id}
        recipient = session.get_one(Recipient, row.facts["recipient"])
        area, link = session.get(Area, recipient.grid_code), announcement.link
        fields = subscription(announcement, rules.subscribe_fields, area.name if area else "", now, zone)
        return lambda: self.account.send_subscribe(openid, rules.subscribe_template, fields, link)

    def _settle(
        self,
        ids: set[int],
        send: Callable[[], None],
        *,
        call_ids: Sequence[int] = (),
        openid: str = "",
        failed: Callable[..., None] = settle_failure,
    ) -> None:
        failure: DeliveryFailed | None = None
        try:
            send()
        except DeliveryFailed as refused:
            failure = refused
        with self.office.database.write() as session:
            now = self.office.now()
            if call_ids:
                session.execute(update(PushCall).where(PushCall.id.in_(call_ids)).values(done_at=now))
            if failure is None:
                settle_sent(session, ids, self.claim, now)
                if call_ids:
                    promise_photos(session, ids, now)
            else:
                log.warning(
                    "deliver.refused",
                    rows=sorted(ids),
                    code=str(failure.code),
                    permanent=failure.permanent,
                    unknown=failure.unknown,
                )
                if openid and not failure.unknown:
                    session.query(Resident).filter_by(openid=openid).with_for_update().one().spend(now, -1)
                failed(session, ids, self.claim, failure, self.office.settings.delivery, now)


def _when_free(session: Session, group: Group, now: datetime, per_minute: int) -> datetime:
    """Now, or when this group may be pushed to again."""
    if group.paused_until and group.paused_until > now:
        return group.paused_until
    free, next_free = push_slots(session, group.chat_id, now, per_minute)
    return now if free > 0 else next_free
