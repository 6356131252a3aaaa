"""Receipts 回执: 回复1已阅, and what residents ask back about an announcement they have just had.

The two ways of `bot/respond.py` that are about announcements: `read_it` and `asked_back`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from bot import filed, whereabouts
from bot.answers import bare, number_said
from bot.ladder.choose import MASS, SUBSCRIBE
from bot.message import Reply
from bot.notices.of_announcements import asks_for_one, to_resident
from bot.turn import Turn
from models.announcement import SENDING, SENT, WITHDRAWN, Announcement, Recipient
from models.matter import OTHER
from models.ticket import Ticket, TicketEvent, tickets_of
from models.transitions import HANDLED, NEED_INFO

READ_WITHIN, ASKED_WITHIN = timedelta(days=30), timedelta(hours=24)
SAID_SO = ("收到", "已收到", "收到了", "知道了", "已读", "看到了", "好的收到")
"""Said of the newest announcement that asks for a receipt, as good as 1."""
NOTHING_TO_READ = "现在没有等您回执的公告。有事直接说，例如：楼道灯不亮了。"
_COMMON = frozenset(
    {
        "什么",
        "时候",
        "怎么",
        "我们",
        "你们",
        "请问",
        "可以",
        "一下",
        "没有",
        "多少",
        "哪里",
        "在哪",
        "开始",
        "通知",
        "公告",
        "居民",
        "社区",
        "今天",
        "明天",
    }
)


@dataclass(frozen=True)
class Reached:
    """收到的公告: an announcement this resident has had, and since when."""

    announcement: Announcement
    recipient: Recipient
    since: datetime


def read_it(turn: Turn) -> Reply | None:
    """1 or 收到: the newest announcement that asked for it, unless something newer asks for a number."""
    by_number = number_said(turn.text) == 1
    if not by_number and bare(turn.text) not in SAID_SO:
        return None
    found = _reached(turn, READ_WITHIN)
    zone = turn.office.settings.deployment.zone
    asked = (
        r for r in found if r.recipient.state != "read" and asks_for_one(r.announcement, r.recipient.channel, zone)
    )
    newest = next(asked, None)
    if not newest or _asked_since(turn, newest.since) or not (by_number or newest.announcement.wants_receipt):
        return None
    return mark(turn, newest)


def read_by_word(turn: Turn) -> Reply:
    """已阅, whatever else is open."""
    newest = next((r for r in _reached(turn, READ_WITHIN) if r.recipient.state != "read"), None)
    return mark(turn, newest) if newest else Reply(NOTHING_TO_READ)


def mark(turn: Turn, reached: Reached) -> Reply:
    """Read; and the rest of a long text, or the text behind a subscription notice."""
    recipient = turn.session.get_one(Recipient, reached.recipient.id, with_for_update=True, populate_existing=True)
    channel, announcement = recipient.channel, reached.announcement
    recipient.state, recipient.receipt_at = "read", turn.now
    turn.message.reply_kind = "receipt"
    text, rest = to_resident(announcement, turn.office.settings.deployment.zone)
    more = announcement.body if channel == SUBSCRIBE else rest
    thanks = f"谢谢，已记下您看过“{announcement.title}”。有疑问直接回复。"
    return Reply(f"{more}\n{thanks}" if more and text else thanks)


def asked_back(turn: Turn) -> Reply | None:
    """A question soon after an announcement, about it: a ticket under the announcement."""
    if turn.understood.kind != "question" or turn.inbound.type != "text":
        return None
    reached = next((r for r in _reached(turn, ASKED_WITHIN) if _about(turn, r.announcement)), None)
    if not reached:
        return None
    sure = turn.decision.action == "ticket"
    codes = turn.decision.matters if sure else (OTHER,)
    place, asking = whereabouts.stated(turn, turn.text)
    under = {"announcement": reached.announcement.id}
    items = [{**filed.item(turn, code, turn.text), **under} for code in codes]
    answers = {"items": items, "messages": [turn.message.id], **({"place": place} if place else asking)}
    reply = turn.begin(turn.office.services["report"], answers)
    return Reply(f"您问的是公告“{reached.announcement.title}”。\n{reply.text}")


def _reached(turn: Turn, within: timedelta) -> list[Reached]:
    """What this resident has had lately, newest first. A mass message has no receipt of its own while under way."""
    since = func.coalesce(Recipient.sent_at, Announcement.send_at)
    on_the_way = (Recipient.state == "under_way") & (Recipient.channel == MASS)
    query = (
        select(Recipient, Announcement, since)
        .join(Announcement, Announcement.id == Recipient.announcement_id)
        .where(
            Recipient.resident_id == turn.resident.id,
            Recipient.state.in_(("sent", "read", "unknown", "task")) | on_the_way,
            Announcement.state.in_((SENDING, SENT, WITHDRAWN)),
            since > turn.now - within,
        )
        .order_by(since.desc(), Recipient.id.desc())
        .limit(5)
    )
    return [Reached(announcement, recipient, at) for recipient, announcement, at in turn.session.execute(query)]


def _asked_since(turn: Turn, moment: datetime) -> bool:
    """Something newer waits for a number: a form, a result to confirm, a worker's question."""
    if turn.talk.service and turn.talk.asked_at and turn.talk.asked_at >= moment:
        return True
    for ticket in tickets_of(turn.session, turn.resident.id, unfinished=True):
        if ticket.status == HANDLED and ticket.handled_at and ticket.handled_at >= moment:
            return True
        if ticket.status == NEED_INFO and _moved_at(turn, ticket) >= moment:
            return True
    return False


def _moved_at(turn: Turn, ticket: Ticket) -> datetime:
    query = select(func.max(TicketEvent.at)).where(TicketEvent.ticket_number == ticket.number)
    return turn.session.scalar(query) or ticket.created_at


def _about(turn: Turn, announcement: Announcement) -> bool:
    """No matter of its own, or words of the announcement: 停水到几点 after 停水通知, but not 路灯什么时候修."""
    if turn.decision.action != "ticket":
        return True
    said = bare(turn.text)
    pairs = {said[n : n + 2] for n in range(len(said) - 1)} - _COMMON
    return any(pair in announcement.title or pair in announcement.body for pair in pairs if len(pair) == 2)
