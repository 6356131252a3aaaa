"""撤回: the resident takes a report back; what neighbours still wait for goes on without them.

Danger is taken back only when it is said to be over; where a life may hang on it, a worker sees for themselves first.
"""

import re
from typing import Any

from bot import danger
from bot.answers import choice, numbered
from bot.follower_talk import no_more
from bot.message import Reply, Unclear
from bot.own_ticket import named_ticket
from bot.service import Question, Service
from bot.turn import Turn
from models.following import followed_by, following
from models.joining import heir_of, pass_on
from models.ticket import Ticket, ticket_for_update, tickets_of

_WHICH = r"(?:的?(?:那个|这个|那件|这件|事情?|问题|单子?|工单))*"
_NAMED = re.compile(
    r"(?:请|麻烦|帮我|我想|我要|把)*(?:撤回|撤销|撤掉|取消)(?:一下)? ?(?:那个|这个|我的|我报的|上次的?|昨天的?)*"
    rf"(?P<what>.{{1,12}}?){_WHICH}(?:吧|嘛|啊|了)*"
)
_BEHIND = re.compile(rf"(?P<what>.{{1,12}}?){_WHICH} ?(?:不用办|不用来|不用修|撤回|撤销|撤掉|取消)(?:吧|嘛|啊|了)*")
_PLAIN = ("撤", "取消", "不用来", "不用办", "不用修")
MOST = 50
OVER = ("弄错了，没有这回事，撤回", "危险过去了", "还有危险")
WRONG, PASSED, STILL = range(3)


def _plain(turn: Turn) -> bool:
    return turn.understood.kind != "cancel" or any(word in turn.text for word in _PLAIN)


def _hears(turn: Turn) -> str | None:
    """撤回那个垃圾桶的, 井盖不用修了: the ticket these words name; nothing when they name none of theirs."""
    said = _NAMED.fullmatch(turn.understood.text) or _BEHIND.fullmatch(turn.understood.text)
    ticket = named_ticket(turn, said["what"]) if said and not said["what"].isdigit() else None
    return str(ticket.number) if ticket else None


def _own_and_followed(turn: Turn) -> list[int]:
    own = tickets_of(turn.session, turn.resident.id, unfinished=True, limit=MOST)
    followed = [ticket for _, ticket in followed_by(turn.session, turn.resident.id) if not ticket.finished]
    return [ticket.number for ticket in (*own, *followed)]


def _begin(turn: Turn, rest: str) -> dict[str, Any]:
    mine = _own_and_followed(turn)
    if rest:
        return _chosen(turn, int(rest) if int(rest) in mine else 0)
    # 不要, 别来了 may mean something else: only the plain word takes a ticket back without asking.
    if not mine or (len(mine) == 1 and _plain(turn)):
        return _chosen(turn, mine[0] if mine else 0)
    return {"offered": mine[:9]}


def _chosen(turn: Turn, number: int) -> dict[str, Any]:
    """The ticket, and whether one sentence is too little to take it back."""
    ticket = ticket_for_update(turn.session, number) if number else None
    own = ticket is not None and ticket.resident_id == turn.resident.id
    asked = ticket and own and ticket.matter.emergency and not ticket.matter.confidential
    return {"ticket": number, **({"danger": True} if asked else {})}


def _names(turn: Turn) -> list[str]:
    offered = (ticket_for_update(turn.session, number) for number in turn.answers["offered"])
    return [f"#{ticket.number} {ticket.matter.name}{_mark(turn, ticket)}" for ticket in offered if ticket]


def _mark(turn: Turn, ticket: Ticket) -> str:
    return "" if ticket.resident_id == turn.resident.id else "（关注）"


def _ask(turn: Turn) -> str:
    names = _names(turn)
    if len(names) == 1:
        return f"要撤回 {names[0]} 吗？撤回请回复 1，不撤回请回复“取消”。"
    return f"撤回哪一件？\n{numbered(names)}"


def _parse(turn: Turn, text: str) -> int:
    number = int(text.strip("#＃ 号")) if text.strip("#＃ 号").isdecimal() else 0
    if number not in turn.answers["offered"]:
        number = turn.answers["offered"][choice(text, _names(turn), _ask(turn))]
    turn.answer(**_chosen(turn, number))
    return number


def _ask_over(turn: Turn) -> str:
    ticket = ticket_for_update(turn.session, turn.answers["ticket"])
    named = f"#{ticket.number} {ticket.matter.name}：" if ticket else ""
    return f"{named}现在还有危险吗？\n{numbered(OVER)}"


def _parse_over(turn: Turn, text: str) -> int:
    try:
        return choice(text, OVER, _ask_over(turn))
    except Unclear:
        if re.search("[弄看搞报发听说]错|误会|误报", text):
            return WRONG
        if turn.understood.resolved or turn.understood.kind == "cancel" or re.search("没有?什?么?危险", text):
            return PASSED
        raise


def _fulfil(turn: Turn) -> Reply:
    ticket = ticket_for_update(turn.session, turn.answers["ticket"]) if turn.answers["ticket"] else None
    if not ticket or ticket.finished:
        return Reply("没有可以撤回的事项。回复“进度”看您的事项。")
    if ticket.resident_id != turn.resident.id:
        follower = following(turn.session, ticket.number, turn.resident.id)
        return no_more(turn, ticket, follower) if follower else Reply("没有可以撤回的事项。回复“进度”看您的事项。")
    if kept := _kept(turn, ticket):
        return kept
    turn.joined(ticket)
    turn.talk.talking_ticket = turn.talk.recent_ticket = None
    if heir := heir_of(turn.session, ticket):
        pass_on(turn.session, ticket, heir, turn.office.promises, turn.now)
        return Reply(
            f"您的这份已撤回，不再给您发 #{ticket.number} 的进展。"
            f"还有{ticket.followers + 1}位邻居也反映了{ticket.matter.name}，这件事会接着办完。"
        )
    turn.move(ticket, "withdraw")
    return Reply(f"已撤回 #{ticket.number} {ticket.matter.name}。需要时再说一声就行。")


def _kept(turn: Turn, ticket: Ticket) -> Reply | None:
    """Danger that one sentence does not take back."""
    if ticket.matter.emergency and ticket.matter.confidential:
        return danger.not_taken_back(turn, ticket)
    over = turn.answers.get("over")
    if over == PASSED:
        return danger.passed(turn, ticket)
    if over == STILL:
        return Reply(f"好的，#{ticket.number} 照常来人。请先保护好自己，着急打110、119、120。")
    return None


SERVICE = Service(
    code="withdraw",
    name="",
    words=("撤回", "撤销", "不用来了", "不用办了"),
    kinds=("cancel",),
    questions=(
        Question("ticket", _ask, _parse),
        Question("over", _ask_over, _parse_over, when=lambda answers: bool(answers.get("danger"))),
    ),
    begin=_begin,
    fulfil=_fulfil,
    hears=_hears,
)
