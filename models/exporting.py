"""Export 导出: JSON lines for exchange and for checks (contract §7); personal fields masked unless asked for."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.announcement import Announcement, Recipient
from models.audit import AuditRow
from models.clock import PROMISED, Clock
from models.escalation import Escalation
from models.following import Follower
from models.label import Label
from models.masking import mask_id, mask_words
from models.message import Message, MessageTicket
from models.outbox import OutboxMessage
from models.ticket import Ticket, TicketEvent
from models.whistle import Whistle

PAGE = 1000


class Exporter:
    """导出: one pass over one kind, in pages, oldest first."""

    def __init__(self, session: Session, zone: ZoneInfo, with_personal: bool) -> None:
        self.session, self.zone, self.personal = session, zone, with_personal

    def lines(self, kind: str) -> Iterator[dict[str, Any]]:
        """Raises KeyError for an unknown kind."""
        table, key, shape = KINDS[kind]
        last = None
        while True:
            query = select(table).order_by(key).limit(PAGE)
            rows = self.session.scalars(query if last is None else query.where(key > last)).unique().all()
            if not rows:
                return
            yield from (line for row in rows if (line := shape(self, row)) is not None)
            last = getattr(rows[-1], key.key)
            self.session.expunge_all()

    def time(self, moment: datetime | None) -> str | None:
        return moment.astimezone(self.zone).isoformat() if moment else None

    def words(self, text: str) -> str:
        return text if self.personal else mask_words(text)

    def who(self, identity: str) -> str:
        return identity if self.personal else mask_id(identity)


def _ticket(x: Exporter, t: Ticket) -> dict[str, Any]:
    ids = x.session.scalars(
        select(MessageTicket.message_id)
        .where(MessageTicket.ticket_number == t.number)
        .order_by(MessageTicket.message_id)
    )
    return {
        "number": t.number, "status": t.status, "outcome": t.outcome, "matter": t.matter_code, "area_code": t.area_code,
        "place": f"{t.place}{t.door}" if x.personal else x.words(t.place), "title": x.words(t.title), "text": x.words(t.text),
        "holder": t.holder_key, "created_at": x.time(t.created_at), "response_due_at": x.time(t.response_due_at),
        "due_at": x.time(t.due_at), "level": t.level, "followers": t.followers, "merged_into": t.merged_into, "message_ids": list(ids),
        "department": t.department_code, "turn_code": t.turn_code, "building": t.building_code,
        "handled_at": x.time(t.handled_at), "closed_at": x.time(t.closed_at), "rating": t.rating, "returns": t.returns,
        "reopenings": t.reopenings, "explained": t.explained,
    }  # fmt: skip


def _event(x: Exporter, e: TicketEvent) -> dict[str, Any]:
    return {
        "ticket": e.ticket_number, "seq": e.seq, "action": e.action, "from": e.frm, "to": e.to, "actor_kind": e.actor_kind,
        "actor": e.actor, "area_code": e.area_code, "at": x.time(e.at), "note": x.words(e.note),
    }  # fmt: skip


def _message(x: Exporter, m: Message) -> dict[str, Any]:
    numbers = x.session.scalars(
        select(MessageTicket.ticket_number)
        .where(MessageTicket.message_id == m.id)
        .order_by(MessageTicket.ticket_number)
    )
    return {
        "id": m.id, "channel": m.channel, "platform_id": m.platform_id, "type": m.type, "created_at": x.time(m.created_at),
        "received_at": x.time(m.received_at), "decision": m.decision, "tickets": list(numbers), "reply_kind": m.reply_kind,
        "sender": x.who(m.sender), "text": x.words(m.text) if m.decision != "quarantined" or x.personal else "",
    }  # fmt: skip


def _outbox(x: Exporter, o: OutboxMessage) -> dict[str, Any]:
    target = x.who(o.target) if o.channel != "group_push" else o.target
    key = (
        o.dedupe_key
        if x.personal
        else o.dedupe_key.replace(o.target, mask_id(o.target))
        if o.channel != "group_push"
        else o.dedupe_key
    )
    return {
        "id": o.id, "kind": o.kind, "channel": o.channel, "target": target, "ticket": o.ticket_number, "state": o.state,
        "attempts": o.attempts, "sends": o.sends, "reason": o.reason, "created_at": x.time(o.created_at),
        "sent_at": x.time(o.sent_at), "next_try_at": x.time(o.next_try_at), "dedupe_key": key,
    }  # fmt: skip


def _clock(x: Exporter, c: Clock) -> dict[str, Any] | None:
    """Promises only: what merely wakes a ticket up is nobody's deadline."""
    if c.kind not in PROMISED:
        return None
    return {
        "ticket": c.ticket_number, "kind": c.kind, "state": c.state, "started_at": x.time(c.started_at),
        "paused_seconds": round(c.paused_seconds, 3), "due_at": x.time(c.due_at), "breached_levels": c.breached_levels,
    }  # fmt: skip


def _whistle(x: Exporter, w: Whistle) -> dict[str, Any]:
    return {
        "ticket": w.ticket_number, "department": w.department_code, "area_code": w.area_code, "called_by": w.called_by,
        "called_at": x.time(w.called_at), "reported_at": x.time(w.reported_at), "result": x.words(w.result),
        "result_at": x.time(w.result_at), "score": w.score,
    }  # fmt: skip


def _follower(x: Exporter, f: Follower) -> dict[str, Any]:
    return {
        "ticket": f.ticket_number, "resident": f"resident-{f.resident_id}", "joined_at": x.time(f.joined_at),
        "left_at": x.time(f.left_at), "came_with": f.came_with,
    }  # fmt: skip


def _escalation(x: Exporter, e: Escalation) -> dict[str, Any]:
    return {
        "ticket": e.ticket_number, "cause": e.cause, "level": e.level, "area_code": e.area_code, "breach": e.breach,
        "at": x.time(e.at),
    }  # fmt: skip


def _label(x: Exporter, one: Label) -> dict[str, Any]:
    return {
        "ticket": one.ticket_number, "text": x.words(one.text), "matter": one.matter, "guessed": one.guessed,
        "by_kind": one.by_kind, "revision": one.revision, "at": x.time(one.at),
    }  # fmt: skip


def _audit(x: Exporter, a: AuditRow) -> dict[str, Any]:
    return {
        "seq": a.seq, "at": x.time(a.at), "actor": a.actor, "action": a.action, "subject": a.subject,
        "hash": a.hash, "previous_hash": a.previous_hash,
    }  # fmt: skip


def _announcement(x: Exporter, a: Announcement) -> dict[str, Any]:
    counts = select(Recipient.state, func.count()).where(Recipient.announcement_id == a.id).group_by(Recipient.state)
    return {
        "id": a.id, "title": a.title, "body": a.body, "link": a.link, "state": a.state, "audience": a.audience,
        "counts": {state: count for state, count in x.session.execute(counts)}, "left_out": a.left_out,
        "author": a.author_key, "approver": a.approver_key, "fingerprint": a.fingerprint,
        "wants_receipt": a.wants_receipt, "urgent_reason": x.words(a.urgent_reason), "second_call_of": a.second_call_of,
        "created_at": x.time(a.created_at), "approved_at": x.time(a.approved_at), "send_at": x.time(a.send_at),
        "valid_until": x.time(a.valid_until), "finished_at": x.time(a.finished_at),
    }  # fmt: skip


def _recipient(x: Exporter, r: Recipient) -> dict[str, Any]:
    return {
        "announcement": r.announcement_id, "resident": f"resident-{r.resident_id}", "grid": r.grid_code,
        "channel": r.channel, "state": r.state, "reason": r.reason, "tried": r.tried, "sent_at": x.time(r.sent_at),
        "receipt_at": x.time(r.receipt_at),
    }  # fmt: skip


KINDS: dict[str, tuple[Any, Any, Callable[[Exporter, Any], dict[str, Any] | None]]] = {
    "tickets": (Ticket, Ticket.number, _ticket),
    "events": (TicketEvent, TicketEvent.id, _event),
    "messages": (Message, Message.id, _message),
    "outbox": (OutboxMessage, OutboxMessage.id, _outbox),
    "clocks": (Clock, Clock.id, _clock),
    "whistles": (Whistle, Whistle.id, _whistle),
    "followers": (Follower, Follower.id, _follower),
    "escalations": (Escalation, Escalation.id, _escalation),
    "labels": (Label, Label.id, _label),
    "announcements": (Announcement, Announcement.id, _announcement),
    "recipients": (Recipient, Recipient.id, _recipient),
    "audit": (AuditRow, AuditRow.seq, _audit),
}
