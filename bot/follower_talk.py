"""What a neighbour who follows a ticket may say of it: that theirs is another thing, or is not solved yet."""

import re
from datetime import timedelta
from typing import Any

from bot import filed, joining
from bot.answers import bare
from bot.message import Reply
from bot.neighbours import hold_matters, ticket_of_neighbours
from bot.turn import Turn
from models.following import Follower, followed_by, following, messages_on
from models.joining import join_in, leave, leave_unsolved
from models.ticket import Ticket, may_reopen, ticket_for_update
from models.transitions import TO_DO

NOT_THE_SAME = re.compile(
    r".{0,6}(?:不是同?一?(?:回事|件事?|个事情?|码事|个问题|处|个地方)|不是这[件个]事?|不一样|两码事|两回事).{0,8}"
)
MOST = 9
NO_CHANGE = "不改请回复“取消”。"


def takes_part(turn: Turn, ticket: Ticket) -> bool:
    """The resident's own, or one they follow: nobody else's is opened by its number."""
    return ticket.resident_id == turn.resident.id or bool(following(turn.session, ticket.number, turn.resident.id))


def not_the_same(turn: Turn) -> Reply | None:
    """不是一回事: off the neighbours' ticket again, or, when a worker merged them, said to whoever did."""
    if not NOT_THE_SAME.fullmatch(bare(turn.text)):
        return None
    for follower, ticket in followed_by(turn.session, turn.resident.id, MOST):
        if ticket.status not in TO_DO:
            continue
        if follower.came_with:
            return dispute(turn, ticket, follower.came_with)
        if turn.talk.recent_ticket == ticket.number:
            held = ticket_for_update(turn.session, ticket.number)
            return Reply(filed.told(turn, [joining.separate(turn, held or ticket, follower)]))
    return None


def dispute(turn: Turn, ticket: Ticket, source: int) -> Reply:
    """A worker merged them: whoever did is told, and parts them."""
    note = f"说 #{source} 和这件不是一回事（要分开请发：撤销合并 {source}）：{turn.text}"
    turn.move(ticket, "note", note=note)
    turn.joined(ticket)
    return Reply(f"好的，已转告办理人员：您说 #{source} 和 #{ticket.number} 不是同一件事，由他们看过再分开。")


def place_on(turn: Turn, ticket: Ticket) -> Follower | None:
    """The resident's place on a neighbours' ticket; None when it is their own, or they have no part in it."""
    return None if ticket.resident_id == turn.resident.id else following(turn.session, ticket.number, turn.resident.id)


def theirs_alone(ticket: Ticket, what: str) -> str:
    """改类, 换地址 on a neighbours' ticket: what the answer will do, said before the question."""
    return f"#{ticket.number} {ticket.matter.name} 是邻居先反映的，照常办理。您的要是{what}，给您单独登记。"


def own_instead(
    turn: Turn, ticket: Ticket, follower: Follower, matter_code: str, place: dict[str, Any], why: str, said: str = ""
) -> Reply:
    """Theirs is another thing, or elsewhere: a report of their own, and nothing changes for the others."""
    words = f"{follower.text}（{said}）" if follower.text and said else follower.text or said or turn.text
    item = filed.item(turn, matter_code, words, turn.office.catalogue.understanding.understand(words))
    messages = messages_on(turn.session, ticket.number, turn.resident.id)
    no_more(turn, ticket, follower, why)
    report = turn.begin(turn.office.services["report"], {"items": [item], "place": place, "messages": messages})
    return Reply(f"好的，#{ticket.number} 照常给邻居办，不再给您发它的进展。\n{report.text}")


def settled(turn: Turn) -> tuple[Follower, Ticket] | None:
    """What the resident follows and was said to be done a short while ago, the latest first."""
    window = timedelta(hours=turn.office.settings.promises.reopen_hours)
    pairs = followed_by(turn.session, turn.resident.id, MOST)
    done = [(follower, ticket) for follower, ticket in pairs if may_reopen(ticket, window, turn.now)]
    return max(done, key=lambda pair: pair[1].closed_at or pair[1].handled_at or pair[1].created_at, default=None)


def unsolved_for_me(turn: Turn, follower: Follower, ticket: Ticket) -> Reply:
    """我这里没解决: a ticket of their own, or a place with the neighbours who said so before."""
    hold_matters(turn, [ticket.matter_code])
    place = joining.place_of(turn, follower, ticket)
    others = ticket_of_neighbours(turn, ticket.matter_code, place)
    held = ticket_for_update(turn.session, ticket.number) or ticket
    if not others:
        own = joining.file_own(turn, held, follower, turn.text)
        leave_unsolved(turn.session, held, follower, own, turn.office.promises, turn.now)
        return Reply(f"对不起，给您家单独登记了。\n{filed.told(turn, [own])}")
    leave(turn.session, held, follower, turn.office.promises, turn.now, note=f"没解决，转到 #{others.number}")
    if not following(turn.session, others.number, turn.resident.id):
        item = {"text": follower.text or turn.text, "matter": others.matter_code, "rules": [], "ranked": []}
        filing = filed.filing(turn, item, place)
        join_in(turn.session, others, turn.resident, filing, turn.office.promises, turn.now)
    turn.joined(others)
    return Reply(f"对不起。您这里已有邻居另外登记了 #{others.number}，已替您加入。{joining.state(turn, others)}")


def no_more(turn: Turn, ticket: Ticket, follower: Follower, why: str = "") -> Reply:
    """Leave it, and let nothing that is said later land on it."""
    leave(turn.session, ticket, follower, turn.office.promises, turn.now, note=why)
    if turn.talk.recent_ticket == ticket.number:
        turn.talk.recent_ticket = None
    if turn.talk.talking_ticket == ticket.number:
        turn.talk.talking_ticket = None
    return Reply(f"好的，不再给您发 #{ticket.number} {ticket.matter.name} 的进展。需要时再说一声就行。")
