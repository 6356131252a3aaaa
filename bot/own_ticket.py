"""Which of the resident's tickets is meant, reported or joined: by number, by its words, by who asked; nobody else's."""

import re
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select

from bot import whereabouts
from bot.answers import bare, verdict
from bot.placed import of_entry
from bot.turn import Turn
from bot.understanding import normalise
from bot.understanding.places import PlaceFound
from models.following import followed_by
from models.ticket import Ticket, TicketEvent, tickets_of
from models.transitions import HANDLED, NEED_INFO, OPEN, UNFINISHED

MOST = 50
NAMED = 2.0
"""Score from which words point to one of a few tickets: 树 alone is enough between a tree and a drain."""
SPOKEN_OF = 3.0
"""… and from which they do in a sentence that need not name any: 修好了 is no lift."""
_SAYS_NOTHING = ("好了", "修好", "了吗", "没有", "一下", "那个", "这个", "我的", "的事", "还是", "不是", "我家")
_CORRECTS = re.compile(r"不对|不是|我?[说搞写弄]?错了?|应该|地址|位置|地点|我|是|在|的|了")
_ASKING = re.compile(r"[?？]|吗|呢|哪|几|什么|啥|多少|谁|怎么|咋|是不是|有没有|能不能|在不在|方不方便|么$")
MOST_AROUND = 16
_AROUND_A_PLACE = re.compile(
    r"(?:不对|错了|我?[说搞写弄]错了?|应该|地址|位置|地点|我|就|是|在|说的|的|门口|楼下|楼上|旁边|[那这对前后外里侧][边面里头儿]|[那这]栋|附近|哦|啊|嘛|呢|哈|了)*"
)


def named_ticket(turn: Turn, rest: str, statuses: tuple[str, ...] = UNFINISHED) -> Ticket | None:
    """The ticket with that number, the one these words name, or the one they came to last; None when there is none.

    Their own, or their neighbours' that they follow; the number of a merged one means the ticket that took it.
    """
    own = tickets_of(turn.session, turn.resident.id, unfinished=True, limit=MOST)
    came = [(ticket.created_at, {ticket.number}, ticket) for ticket in own]
    for follower, ticket in followed_by(turn.session, turn.resident.id, MOST):
        came.append((follower.joined_at, {ticket.number, follower.came_with or 0}, ticket))
    fit = [(at, numbers, ticket) for at, numbers, ticket in came if ticket.status in statuses]
    if rest.isdigit():
        return next((ticket for _, numbers, ticket in fit if int(rest) in numbers), None)
    if rest:
        return meant_by(turn, rest, [ticket for *_, ticket in fit])
    return max(fit, key=lambda one: (one[0], one[2].number))[2] if fit else None


def meant_by(turn: Turn, words: str, tickets: list[Ticket], least: float = NAMED) -> Ticket | None:
    """井盖, 那个垃圾桶的: the one of these tickets the words are about; None when none or two are alike."""
    scores = turn.office.catalogue.understanding.read(words).ranking.scores
    said = bare(normalise(words))
    pairs = {said[at : at + 2] for at in range(len(said) - 1)} - set(_SAYS_NOTHING)
    fit = {ticket.number: ticket for ticket in tickets}
    points = {
        number: scores.get(ticket.matter_code, 0.0) + 2 * sum(pair in normalise(ticket.text) for pair in pairs)
        for number, ticket in fit.items()
    }
    best = max(points.values(), default=0.0)
    first = [number for number, value in points.items() if value == best]
    return fit[first[0]] if best >= least and len(first) == 1 else None


def open_danger(turn: Turn, window: timedelta) -> Ticket | None:
    """The resident's own latest emergency, while it is being dealt with."""
    own = tickets_of(turn.session, turn.resident.id, unfinished=True, limit=MOST)
    return next(
        (
            ticket
            for ticket in own
            if ticket.matter.emergency and ticket.status in OPEN and turn.now - ticket.created_at <= window
        ),
        None,
    )


def without_place(turn: Turn, window: timedelta) -> list[Ticket]:
    """Cries for help of a moment ago whose place nobody knows yet."""
    own = tickets_of(turn.session, turn.resident.id, unfinished=True, limit=MOST)
    return [ticket for ticket in own if ticket.place == whereabouts.UNKNOWN and turn.now - ticket.created_at <= window]


def asked_by_worker(turn: Turn) -> Ticket | None:
    """The resident's own ticket about which a worker asked something that they have not answered yet."""
    number = turn.talk.talking_ticket
    ticket = turn.session.get(Ticket, number) if number else None
    if not ticket or ticket.finished or ticket.resident_id != turn.resident.id:
        return None
    query = select(TicketEvent).where(
        TicketEvent.ticket_number == ticket.number, TicketEvent.action.in_(("reply", "note", "supply"))
    )
    last = turn.session.scalars(query.order_by(TicketEvent.seq.desc()).limit(1)).first()
    return ticket if last and last.action == "reply" and _ASKING.search(last.note) else None


def answers_a_worker(turn: Turn) -> bool:
    """A worker's question or result waits for these words, whatever form was left open before."""
    statuses = {ticket.status for ticket in tickets_of(turn.session, turn.resident.id, unfinished=True)}
    if NEED_INFO in statuses or (HANDLED in statuses and verdict(turn.text) is not None):
        return True
    return asked_by_worker(turn) is not None


def place_said(turn: Turn, ticket: Ticket) -> dict[str, object]:
    """Another place than the ticket's, as the answers of a form: `place`, or what is still to be asked about it.

    是8栋 is 8栋 of where the ticket is; empty when the words name no place, or the one it has.
    """
    found = _place_in(turn, ticket)
    if found.kind == "building":
        same = found.buildings[0].code == ticket.building_code and not found.unit
        return {} if same else {"place": of_entry(found.buildings[0], found.unit, found.room)}
    if found.kind in ("none", "unknown"):
        return {}
    value, asking = whereabouts.stated(turn, turn.text)
    return {"place": value} if value else dict(asking)


def _place_in(turn: Turn, ticket: Ticket) -> PlaceFound:
    """A bare number counts from where the ticket is: its building, or the estate it was said to be in."""
    gazetteer, homes = turn.office.catalogue.gazetteer, whereabouts.home_codes(turn)
    if ticket.building_code:
        return gazetteer.find(turn.text, [ticket.building_code])
    alone = gazetteer.find(turn.text, [])
    if alone.kind != "number" or ticket.place == whereabouts.UNKNOWN:
        return gazetteer.find(turn.text, homes)
    there = gazetteer.find(f"{ticket.place}{alone.raw}", [])
    return replace(there, raw=alone.raw) if there.kind == "building" else gazetteer.find(turn.text, homes)


def only_a_place(turn: Turn, ticket: Ticket) -> bool:
    """在桂花里小区2栋门口: nothing but where it is."""
    raw = _place_in(turn, ticket).raw
    if not bare(raw):
        return False
    before, found, after = bare(turn.text).partition(bare(raw))
    if len(before) + len(after) > MOST_AROUND:
        return False
    return bool(found and _AROUND_A_PLACE.fullmatch(before) and _AROUND_A_PLACE.fullmatch(after))


def beside_the_place(turn: Turn) -> str:
    """What a correction names besides the place: 不对，树是三号楼 → 树; empty when it names nothing."""
    raw = turn.office.catalogue.gazetteer.find(turn.text, whereabouts.home_codes(turn)).raw
    return bare(_CORRECTS.sub(" ", turn.text.replace(raw, " ") if raw else turn.text))
