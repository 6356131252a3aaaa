"""合并: two tickets are the same matter; the first goes into the second, and its people follow that one."""

import re

from bot.command import Command, GroupTurn
from bot.group_talk import NOT_YOURS, Forbidden, quoted_number
from models.authority import counts_from, role_on
from models.database import Refused
from models.merging import merge
from models.ticket import Ticket, join, ticket_for_update
from models.transitions import move_of

FORM = "合并 1025 1024"
_SURELY = re.compile("确[认定实]|强制|同一[件回]")


def _run(turn: GroupTurn, words: str) -> str:
    source, target = _which(turn, words)
    assert turn.actor
    surely = bool(_SURELY.search(words))
    merge(turn.session, source, target, turn.actor, turn.office.promises, turn.now, surely=surely)
    for ticket in (source, target):
        join(turn.session, turn.message.id, ticket.number)
    return f"#{source.number} 已并入 #{target.number}，现在一共{target.followers + 1}位居民反映。弄错了请发：撤销合并 {source.number}"


def _which(turn: GroupTurn, words: str) -> tuple[Ticket, Ticket]:
    """What is merged, and into which: two numbers, or the quoted card and one number. Raises Refused."""
    named, quoted = turn.ticket, quoted_number(turn.inbound.quote)
    assert named
    numbers = [int(number) for number in re.findall(r"\d{1,9}", words)]
    if len(numbers) > 1:
        raise Refused(f"一次合并一件，例如：{FORM}")
    if numbers:
        return named, _theirs(turn, numbers[0])
    if not quoted or quoted == named.number:
        raise Refused(f"请写把哪一件并到哪一件，例如：{FORM}（1025 并入 1024）")
    return _theirs(turn, quoted), named


def _theirs(turn: GroupTurn, number: int) -> Ticket:
    """The other ticket has to be theirs as well: a number alone opens nobody's. Raises Refused."""
    ticket = ticket_for_update(turn.session, number)
    wanted = move_of("merge").by
    role = role_on(turn.session, turn.postings, ticket, wanted) if ticket else None
    if not ticket or not role or role[0] not in wanted or not counts_from(turn.session, turn.inbound.chat_id, ticket):
        raise Forbidden(NOT_YOURS.format(number=number), f"#{number} merge")
    return ticket


COMMAND = Command(verbs=move_of("merge").verbs, form=FORM, run=_run, action="merge")
