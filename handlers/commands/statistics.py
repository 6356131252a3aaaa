"""统计: today's counts of the chat's area."""

from datetime import datetime, time

from sqlalchemy import func, select

from bot.command import Command, GroupTurn
from models.area import Area, Group
from models.ticket import Ticket
from models.transitions import CLOSED, DEFERRED, HANDLED, IN_HAND, OPEN, PENDING
from models.whistle import Whistle


def _codes(turn: GroupTurn) -> list[str]:
    """The area of this chat, or of the speaker's postings, and everything below it."""
    group = turn.session.get(Group, turn.inbound.chat_id) if turn.inbound.chat_id else None
    codes = [group.area_code] if group and group.area_code else [p.area_code for p in turn.postings if p.area_code]
    found, layer = list(codes), list(codes)
    while layer:
        layer = list(turn.session.scalars(select(Area.code).where(Area.parent_code.in_(layer))))
        found += layer
    return [code for code in found if code]


def _run(turn: GroupTurn, _words: str) -> str:
    zone = turn.office.settings.deployment.zone
    midnight = datetime.combine(turn.now.astimezone(zone).date(), time(), zone)
    codes = _codes(turn)
    here = Ticket.area_code.in_(codes)
    query = select(Ticket.status, func.count()).where(here, Ticket.status != CLOSED).group_by(Ticket.status)
    by_status = {status: number for status, number in turn.session.execute(query)}
    new = turn.session.scalar(select(func.count()).where(here, Ticket.created_at >= midnight))
    closed = turn.session.scalar(select(func.count()).where(here, Ticket.closed_at >= midnight))
    late = turn.session.scalar(select(func.count()).where(here, Ticket.status.in_(OPEN), Ticket.due_at < turn.now))
    whistles = turn.session.scalar(
        select(func.count()).where(Whistle.area_code.in_(codes), Whistle.called_at >= midnight)
    )
    in_hand = sum(by_status.get(status, 0) for status in IN_HAND)
    return (
        f"今天新增{new}件，办结{closed}件。"
        f"现在待签收{by_status.get(PENDING, 0)}件，办理中{in_hand}件，待居民确认{by_status.get(HANDLED, 0)}件，"
        f"挂账{by_status.get(DEFERRED, 0)}件，超时{late}件。今天吹哨{whistles}次。"
    )


COMMAND = Command(verbs=("统计",), form="统计", run=_run, about_ticket=False)
