"""Results 发送结果: what the platform's events say about mass messages and subscription notices (protocol.md §1.7, §2.5)."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.config import Settings
from bot.ladder import chunks
from bot.ladder.choose import SUBSCRIBE
from bot.ladder.recipients import fell, reopened
from models.announcement import Consent, MassChunk, Recipient
from models.message import Message
from models.resident import Resident

MASS_FINISHED = "masssendjobfinish"
SUBSCRIPTION_EVENTS = {
    "subscribe_msg_popup_event": "SubscribeMsgPopupEvent",
    "subscribe_msg_change_event": "SubscribeMsgChangeEvent",
    "subscribe_msg_sent_event": "SubscribeMsgSentEvent",
}
_COUNTS = {"TotalCount": "total", "FilterCount": "filtered", "SentCount": "sent", "ErrorCount": "errors"}
_LATEST = timedelta(days=2)


def mass_finished(session: Session, details: Mapping[str, str], now: datetime) -> None:
    """MASSSENDJOBFINISH; one that comes before its call was answered is found again by `reported_already`."""
    query = select(MassChunk).where(MassChunk.platform_id == details.get("MsgID", "")[:40], MassChunk.platform_id != "")
    for chunk in session.scalars(query.with_for_update()):
        _close(session, chunk, details, now)


def reported_already(session: Session, chunk: MassChunk, now: datetime) -> None:
    """The event overtook the answer to the call."""
    query = select(Message.facts).where(Message.received_at >= chunk.created_at, Message.type == MASS_FINISHED)
    for facts in session.scalars(query):
        if facts.get("MsgID") == chunk.platform_id:
            _close(session, chunk, facts, now)


def _close(session: Session, chunk: MassChunk, details: Mapping[str, str], now: datetime) -> None:
    status = re.sub(r"\s+", " ", details.get("Status", "")).strip().lower()
    counts = {ours: int(said) for name, ours in _COUNTS.items() if (said := details.get(name, "")).isdecimal()}
    if status == "send success":
        chunks.sent(session, chunk, counts, now)
    elif chunk.state == "accepted":
        chunk.counts = {**chunk.counts, **counts}
        chunks.failed(session, chunk, f"mass:{status}"[:100], now)


def subscription(session: Session, settings: Settings, resident: Resident, event: str, details: Mapping[str, str],
                 now: datetime) -> None:  # fmt: skip
    """Consent given, taken back, or the result of a notice."""
    for one in _entries(details, SUBSCRIPTION_EVENTS[event]):
        if event == "subscribe_msg_sent_event":
            _noticed(session, settings, resident, one, now)
        elif one.get("SubscribeStatusString") == "accept":
            _consent(session, settings, resident, one.get("TemplateId", ""), now)
        else:
            withdraw_consent(session, resident.id, one.get("TemplateId", ""), now)


def _entries(details: Mapping[str, str], wrapper: str) -> Iterator[dict[str, str]]:
    """`Wrapper.List.TemplateId`, or `Wrapper.List.0.TemplateId` when there are several."""
    found: dict[str, dict[str, str]] = {}
    for path, value in details.items():
        if match := re.fullmatch(rf"{wrapper}\.List(?:\.(\d+))?\.(\w+)", path):
            found.setdefault(match[1] or "", {})[match[2]] = value
    yield from found.values()


def _consent(session: Session, settings: Settings, resident: Resident, template: str, now: datetime) -> None:
    if not template or len(template) > 64:
        return
    lasting = settings.announcements.subscribe_lasting and template == settings.announcements.subscribe_template
    consent = session.get(Consent, (resident.id, template), with_for_update=True)
    if not consent:
        consent = Consent(resident_id=resident.id, template_id=template, remaining=0, lasting=False, changed_at=now)
        session.add(consent)
    consent.remaining, consent.lasting, consent.changed_at = consent.remaining + 1, consent.lasting or lasting, now


def withdraw_consent(session: Session, resident_id: int, template: str, now: datetime) -> None:
    """Refused, turned off, or the platform knows of none: not asked for again by us."""
    if consent := session.get(Consent, (resident_id, template), with_for_update=True):
        consent.remaining, consent.lasting, consent.changed_at = 0, False, now


def _noticed(session: Session, settings: Settings, resident: Resident, one: Mapping[str, str], now: datetime) -> None:
    """The platform names no message of ours: it is the resident's last notice."""
    code = one.get("ErrorCode", "0")
    if code == "0" or one.get("TemplateId") != settings.announcements.subscribe_template:
        return
    query = select(Recipient.id, Recipient.announcement_id).where(
        Recipient.resident_id == resident.id,
        Recipient.channel == SUBSCRIBE,
        Recipient.state == "sent",
        Recipient.sent_at > now - _LATEST,
    )
    if last := session.execute(query.order_by(Recipient.id.desc()).limit(1)).first():
        reopened(session, last.announcement_id)
        fell(session.get_one(Recipient, last.id, with_for_update=True), f"errcode:{code}")
