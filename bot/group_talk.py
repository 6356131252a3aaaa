"""The group side of a turn: who speaks, about which ticket, and whether they may (domain §6, contract §9)."""

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import case, select
from sqlalchemy.orm import Session

from bot.command import Command, GroupTurn
from bot.group_grammar import Said, understand
from bot.group_slips import likely, one_by_one, refuses, spelled_out, wordless
from bot.message import Inbound, Reply
from models import audit
from models.area import line_of
from models.authority import counts_from, role_on
from models.database import Refused
from models.masking import mask_id
from models.message import Message
from models.person import Posting, person_by_userid
from models.roster import duties_of
from models.ticket import Actor, Ticket, ticket_for_update
from models.transitions import HANDLER, OPEN, OVERSEER, PENDING, UNFINISHED, move_of

if TYPE_CHECKING:
    from bot.office import Office

HELP = (
    "可以这样说：接单 1024；回复 1024 内容；补充 1024 问题；办结 1024 结果；转派 1024 姓名；"
    "退单 1024 理由；待办；详情 1024。引用卡片不用写编号。还有：吹哨、延期、挂账、合并、请假。"
)
NOT_YOURS = "没有您能办的 #{number}。编号看工单卡片第一行；不归您的请联系网格长。"
STRANGER = "您不在值班名册里，不能办工单。请联系网格长登记。"
NOT_YOUR_PART = "您现在不能“{action}”#{number}，{who}。"
FROM_ABOVE = "这一步由社区、街道的同事来办；您办不了请发：退单 {number} 理由"
BARE_NUMBER = "#{number} 要怎么办？请发：接单 {number}；办结 {number} 结果；退单 {number} 理由；详情 {number}"
NOT_SENT = (
    "没发给居民。不归您办或办不了请发：退单 {number} 理由，或 转派 {number} 姓名；要告诉居民请发：回复 {number} 内容"
)
NO_WORDS = "没发给居民：没有要说的话。要告诉居民请发：回复 {number} 内容；照片请引用工单重发并@我。"
WHICH_WAY = "没看懂。要告诉居民请写：回复 {number} 内容；别的请写：接单 {number}、办结 {number} 结果。"
READER = "reader"
"""May look a ticket up, masked, and do nothing with it (contract §9: other duties read only)."""
MOST_WAITING = 200
HELP_AGAIN = timedelta(minutes=1)


def answer(office: "Office", session: Session, inbound: Inbound, message: Message, now: datetime) -> Reply:
    """One mention of the bot becomes one line for the group, or silence."""
    if inbound.type == "event":
        return Reply(HELP) if inbound.event == "enter_chat" else Reply()
    typed = spelled_out(inbound.text, inbound.quote, office.commands)
    said = understand(typed, office.commands, quoted_number(inbound.quote))
    if said.forwarded:
        return Reply()
    person = person_by_userid(session, inbound.sender)
    if not person:
        audit.record(session, now, mask_id(inbound.sender), "refused", f"chat {mask_id(inbound.chat_id)}: stranger")
        return Reply(STRANGER)
    duties = duties_of(session, person.key, now, office.settings.deployment.zone)
    turn = GroupTurn(office, session, now, inbound, message, person, duties)
    try:
        with session.begin_nested():
            return _act(turn, said)
    except Refused as refused:
        if isinstance(refused, Forbidden):
            audit.record(session, now, person.key, "refused", refused.subject)
        return Reply(str(refused))


def _act(turn: GroupTurn, said: Said) -> Reply:
    command, quoted = said.command, quoted_number(turn.inbound.quote)
    if turn.inbound.media_id and (shown := _picture(turn, said, quoted)):
        return shown
    if said.problem and command:
        return Reply(_nearly(turn, command, said.number or quoted))
    if said.problem or (not command and not said.words):
        return Reply(BARE_NUMBER.format(number=said.number)) if said.number else _help(turn)
    if command and not command.about_ticket:
        turn.message.reply_kind = command.verbs[0]
        return Reply(_about_no_ticket(turn, command, said)) if command.form else _help(turn)
    number = said.number or quoted
    if not command:
        number = _addressed(turn, said, quoted)
        if not number:
            return Reply(_no_verb(turn, said.words, said.number)) if said.number else _help(turn)
    command = command or _meant_by_quoting(turn)
    turn.ticket = _ticket(turn, number, command)
    if not said.command and command.action == "reply":
        _only_the_holder(turn)
        _worth_telling(turn, said.words)
    turn.verb = said.verb
    turn.message.reply_kind = command.action or command.verbs[0]
    return Reply(command.run(turn, said.words))


def _picture(turn: GroupTurn, said: Said, quoted: int | None) -> Reply | None:
    """A picture with a card quoted is evidence; words that come with it are heard as well. Raises Refused."""
    if not (number := said.number or quoted):
        return None
    evidence = next(c for c in turn.office.commands if c.action == "evidence")
    turn.ticket = _ticket(turn, number, evidence)
    told = evidence.run(turn, said.words)
    turn.message.reply_kind = "evidence"
    return None if said.words or (said.command and said.command is not evidence) else Reply(told)


def _meant_by_quoting(turn: GroupTurn) -> Command:
    """Words without a verb go to the resident, unless the quoted card asks for something else."""
    marked = (c for c in turn.office.commands if c.quoted_as and c.quoted_as in turn.inbound.quote)
    return next(marked, None) or next(c for c in turn.office.commands if c.action == "reply")


def _addressed(turn: GroupTurn, said: Said, quoted: int | None) -> int | None:
    """Whom words without a verb are for: the quoted card, or `#1024 …` from its holder; nobody is guessed."""
    if not said.number:
        return quoted
    marked = f"#{said.number}" in turn.inbound.text.replace("＃", "#")
    return said.number if marked and said.number in _holding(turn, UNFINISHED) else None


def _only_the_holder(turn: GroupTurn) -> None:
    """Free words go to the resident from whoever holds the ticket, or takes it by answering first. Raises Refused."""
    ticket = turn.ticket
    if ticket and ticket.holder and ticket.holder_key != turn.person.key:
        title = f"{ticket.holder.surname}网格员"
        raise Refused(f"#{ticket.number} 由{title}在办，这句没有发给居民。要告诉居民请写：回复 {ticket.number} 内容")


def _worth_telling(turn: GroupTurn, words: str) -> None:
    """What is meant for colleagues, or holds no words, takes no ticket and reaches no resident. Raises Refused."""
    assert turn.ticket
    number, taken = turn.ticket.number, turn.ticket.holder_key is not None
    if wordless(words):
        raise Refused(NO_WORDS.format(number=number))
    if refuses(words, taken):
        raise Refused(NOT_SENT.format(number=number))
    if meant := likely(words, number, turn.office.commands):
        raise Refused(f"没发给居民。{meant}")


def _no_verb(turn: GroupTurn, words: str, number: int) -> str:
    """1024 不归我们, jd 1024: nothing happens, and the likely command is shown."""
    if refuses(words, taken=False):
        return NOT_SENT.format(number=number)
    meant = likely(words, number, turn.office.commands)
    return f"没看懂。{meant}" if meant else WHICH_WAY.format(number=number)


def _nearly(turn: GroupTurn, command: Command, number: int | None) -> str:
    """A command that cannot be taken as one: how to write it, and the other way for whoever cannot go."""
    if apart := one_by_one(turn.inbound.text, command):
        return apart
    form = f"没看懂。请这样写：{command.form.replace('1024', str(number)) if number else command.form}"
    cannot = command.action == "accept" and number and refuses(turn.inbound.text, taken=False)
    return f"{form}。去不了请发：退单 {number} 理由，或：转派 {number} 姓名" if cannot else form


def _about_no_ticket(turn: GroupTurn, command: Command, said: Said) -> str:
    """待办, 统计, 绑定 …: for whoever holds a duty today. Raises Refused."""
    if not turn.postings:
        raise Forbidden(STRANGER, f"{command.verbs[0]}: no duty")
    return command.run(turn, _whole(said))


def _whole(said: Said) -> str:
    """Commands about no ticket want their number back: 绑定 110101001001."""
    return f"{said.number} {said.words}".strip() if said.number else said.words


def quoted_number(quote: str) -> int | None:
    """The number on the first line of the quoted card; `#1024`."""
    match = re.search(r"[#＃](\d{1,9})", quote)
    return int(match.group(1)) if match else None


def _ticket(turn: GroupTurn, number: int | None, command: Command) -> Ticket:
    """The ticket this is about, if the speaker may do this with it from this chat. Raises Refused."""
    if number is None:
        number = _only_one(turn, command)
    ticket = ticket_for_update(turn.session, number)
    role = _role(turn, ticket, command) if ticket else None
    subject = f"#{number} {command.action or command.verbs[0]} in {mask_id(turn.inbound.chat_id) or 'single chat'}"
    if not ticket or not role or not counts_from(turn.session, turn.inbound.chat_id, ticket):
        raise Forbidden(NOT_YOURS.format(number=number), subject)
    if command.action and role[0] not in move_of(command.action).by:
        move = move_of(command.action)
        who = "请本网格的网格员来办" if HANDLER in move.by else FROM_ABOVE.format(number=number)
        raise Forbidden(NOT_YOUR_PART.format(action=move.name, number=number, who=who), subject)
    turn.actor = actor_of(role[0], role[1])
    return ticket


def actor_of(role: str, posting: Posting) -> Actor:
    """Who makes the move, as the history keeps it."""
    kind = "department" if posting.department_code else "worker"
    return Actor(role, kind, posting.person_key, posting.title, posting.area_code or "")


def _role(turn: GroupTurn, ticket: Ticket, command: Command) -> tuple[str, Posting] | None:
    """Handler, overseer, or, to look something up, whoever holds any duty on the ticket's line."""
    wanted = move_of(command.action).by if command.action else (HANDLER, OVERSEER)
    if role := role_on(turn.session, turn.postings, ticket, wanted):
        return role
    if command.action:
        return None
    line = {area.code for area in line_of(turn.session, ticket.area_code)}
    return next(((READER, posting) for posting in turn.postings if posting.area_code in line), None)


class Forbidden(Refused):
    """A refusal for want of authority: it leaves an audit row and tells nothing about the ticket."""

    def __init__(self, words: str, subject: str) -> None:
        super().__init__(words)
        self.subject = subject


def _holding(turn: GroupTurn, statuses: tuple[str, ...]) -> list[int]:
    query = select(Ticket.number).where(Ticket.holder_key == turn.person.key, Ticket.status.in_(statuses))
    return list(turn.session.scalars(query.order_by(Ticket.number).limit(MOST_WAITING)))


def _only_one(turn: GroupTurn, command: Command) -> int:
    """Without number and quote: the only one it can be about, else the bot asks which. Raises Refused."""
    if command.action == "accept":
        areas = [posting.area_code for posting in turn.postings if posting.area_code]
        query = select(Ticket.number).where(Ticket.turn_code.in_(areas), Ticket.status == PENDING)
        numbers = list(turn.session.scalars(query.order_by(Ticket.number).limit(10)))
    else:
        numbers = _holding(turn, move_of(command.action).frm if command.action else UNFINISHED)
    if len(numbers) == 1:
        return numbers[0]
    if not numbers:
        raise Refused(f"没有找到是哪一件。请写上编号，例如：{command.form}")
    listed = "、".join(f"#{number}" for number in numbers[:10])
    raise Refused(f"您说的是哪一件？{listed}。请写上编号，例如：{command.form}")


def _help(turn: GroupTurn) -> Reply:
    """One short line, at most once a minute in a chat."""
    query = select(Message.id).where(
        Message.chat_id == turn.inbound.chat_id,
        Message.received_at > turn.now - HELP_AGAIN,
        Message.reply_kind == "help",
        Message.sender == turn.inbound.sender if not turn.inbound.chat_id else Message.chat_id != "",
    )
    if turn.session.scalars(query.limit(1)).first():
        return Reply()
    turn.message.reply_kind = "help"
    return Reply(HELP)


def waiting_tickets(turn: GroupTurn) -> list[Ticket]:
    """What waits for this person and may be spoken of in this chat: what they hold, then what nobody has taken."""
    areas = [posting.area_code for posting in turn.postings if posting.area_code]
    mine = Ticket.holder_key == turn.person.key
    query = select(Ticket).where(
        (mine & Ticket.status.in_(OPEN)) | (Ticket.turn_code.in_(areas) & (Ticket.status == PENDING))
    )
    found = turn.session.scalars(query.order_by(case((mine, 0), else_=1), Ticket.due_at).limit(MOST_WAITING))
    return [ticket for ticket in found if counts_from(turn.session, turn.inbound.chat_id, ticket)]
