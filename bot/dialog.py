"""The form engine: an open question takes what is said, or lets something else through (house.md §2).

What a resident has reported and we have not filed yet, the draft, outlives whatever comes between: a service that asks
something itself carries it, and when that is done the draft goes on.
"""

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from bot import whereabouts
from bot.answers import number_said
from bot.knowledge.talk import area_line
from bot.message import Reply, Unclear
from bot.own_ticket import answers_a_worker
from bot.placed import of_home
from bot.service import Question, Service, next_question
from bot.turn import Turn
from models.message import MessageTicket, last_reply
from models.ticket import ticket_for_update

PASSING = ("joined", "menu", "policy", "rate")
"""Questions nobody has to answer: whatever else is said is heard as itself."""
OPEN_FOR = timedelta(hours=1)
DRAFT_FOR = timedelta(hours=24)
"""After that a question left unanswered is forgotten; a draft of a report, which holds the resident's words, later."""
STUCK = "我还是没对上。回复“人工”，请人帮您；回复“取消”，退出。"
NOTED = "记下了。"
AGAIN = "还差这一步。"
TO_A_PERSON = "刚才没说清的那件，请人来看。"
GO_ON = "接着说刚才的事。"
_CALLED_OFF = ("cancel", "withdraw")
MOST_MISSES = 3


def begin(turn: Turn, service: Service, rest: str = "") -> Reply:
    """Begin a service by word or kind."""
    return turn.begin(service, service.begin(turn, rest))


def draft_of(turn: Turn) -> dict[str, Any]:
    """What the resident has reported and we have not filed yet; empty when there is none."""
    answers = turn.talk.answers if turn.talk.service == "report" else turn.talk.answers.get("draft") or {}
    return dict(answers) if answers.get("items") or answers.get("options") else {}


def waiting(turn: Turn) -> tuple[dict[str, Any], dict[str, Any]]:
    """What must outlive this turn: the draft, and the question where somebody in danger is."""
    if _forgotten(turn):
        return {}, {}
    urgent = turn.talk.service == "relocate" and turn.answers.get("urgent")
    return draft_of(turn), dict(turn.answers) if urgent else {}


def keep(turn: Turn, reply: Reply, before: tuple[dict[str, Any], dict[str, Any]]) -> Reply:
    """Behind the answer to something else: what waited goes on, unless it was filed or called off."""
    draft, urgent = before
    if urgent and not turn.talk.service and _still_looked_for(turn, urgent):
        turn.talk.open("relocate", urgent, turn.now)
        return Reply(f"{reply.text}\n\n{whereabouts.STILL}")
    called_off = turn.message.reply_kind == "cancel" and not urgent
    if not draft or called_off or _filed(turn, draft):
        return reply
    if turn.talk.service == "report":
        return _merged(turn, reply, draft)
    if turn.talk.service:
        turn.answer(draft=draft)
        return reply
    return _resumed(turn, reply, draft)


def _still_looked_for(turn: Turn, urgent: dict[str, Any]) -> bool:
    ticket = ticket_for_update(turn.session, urgent["ticket"])
    unknown = ticket and not ticket.finished and ticket.place == whereabouts.UNKNOWN
    return bool(unknown) and turn.message.reply_kind not in (*_CALLED_OFF, "emergency")


def _filed(turn: Turn, draft: dict[str, Any]) -> bool:
    """Its words belong to a ticket now."""
    said = draft.get("messages", [])
    query = select(MessageTicket.ticket_number).where(MessageTicket.message_id.in_(said)).limit(1)
    return bool(turn.tickets) and (not said or turn.session.scalar(query) is not None)


def _merged(turn: Turn, reply: Reply, draft: dict[str, Any]) -> Reply:
    """Another report has begun beside the draft: both are one."""
    now, said = turn.answers, draft.get("messages", [])
    if set(said) <= set(now.get("messages", [])):
        return reply
    items, messages = [*draft.get("items", []), *now.get("items", [])], [*said, *now.get("messages", [])]
    turn.talk.answers = {**draft, **now, "items": items, "messages": messages}
    return reply


def _resumed(turn: Turn, reply: Reply, draft: dict[str, Any]) -> Reply:
    """Ask again what the draft still needs; a home that is known now may be all of it."""
    homes = turn.resident.current_homes
    asked = any(key.startswith("place") for key, value in draft.items() if value)
    if homes and (not asked or homes[0].building_code in draft.get("place_choices", ())):
        draft = {"place": of_home(homes[0]), **draft}
    said_as = turn.message.reply_kind
    turn.talk.open("report", draft, turn.now)
    more = turn.go_on(turn.office.services["report"]).text
    if turn.talk.service != "report":
        return Reply(f"{reply.text}\n\n{more}")
    turn.message.reply_kind = said_as
    told = f"{reply.text}\n\n{GO_ON}{more}"
    return Reply(f"{AGAIN}{more}" if told == last_reply(turn.session, turn.resident.id) else told)


def open_question(turn: Turn) -> Reply | None:
    """An answer to what was asked last; a clear new matter is heard even then. Never the same words twice."""
    reply = _answered(turn)
    if not reply or not turn.talk.service or reply.text != last_reply(turn.session, turn.resident.id):
        return reply
    noted = reply.text.startswith(NOTED)
    return Reply(f"{'也' + NOTED if noted else ''}{AGAIN}{reply.text.removeprefix(NOTED).lstrip()}")


def _answered(turn: Turn) -> Reply | None:
    service = turn.office.services.get(turn.talk.service)
    question = next_question(service, turn.talk.answers) if service else None
    if not service or not question or _forgotten(turn):
        return None
    before = turn.talk.answers
    try:
        value = question.parser(turn, turn.text)
    except Unclear as unclear:
        if turn.talk.answers != before:
            return Reply(str(unclear))  # half an answer: 紫荆苑, but which building
        return _still_open(turn, service, question, str(unclear))
    turn.answer(**{question.slot: value})
    turn.talk.misses = 0
    return turn.go_on(service)


def _forgotten(turn: Turn) -> bool:
    waits = turn.talk.service == "report" or turn.answers.get("urgent") or turn.answers.get("draft")
    open_for = DRAFT_FOR if waits else OPEN_FOR
    old = turn.talk.asked_at is not None and turn.now - turn.talk.asked_at > open_for
    if old:
        turn.talk.close()
    return old


def _still_open(turn: Turn, service: Service, question: Question, again: str) -> Reply | None:
    """Not an answer: another matter, another kind of message, or a second try."""
    kind, action = turn.understood.kind, turn.decision.action
    if turn.inbound.type == "location":
        return Reply(again)
    if turn.answers.get("urgent"):
        return _in_danger(turn, again)
    if again == whereabouts.NOT_KNOWN:
        return _missed(turn, again)
    placed = whereabouts.like_a_place(turn, turn.text)
    if placed and turn.answers.get("draft"):
        return _left(turn)
    says = kind in ("report", "question") and not (placed and question.slot == "place")
    if says and _staff_wrote_an_answer(turn):
        return None if service.code == "report" else _left(turn)
    if says and (action == "ticket" or (action == "ask" and service.code != "human")):
        return _noted(turn, service, question) if service.code == "report" else _left(turn)
    if kind == "cancel":
        return turn.begin(turn.office.services["cancel"], {"open": True})
    if kind == "progress_query" or (kind == "correction" and service.code == "report"):
        return None
    if service.code in PASSING and number_said(turn.text) is None:
        return _left(turn)
    if answers_a_worker(turn):
        return None if service.code == "report" else _left(turn)
    if kind in ("courtesy", "smalltalk"):
        return Reply(question.prompt(turn))
    if says and action == "human" and service.code == "report" and draft_of(turn):
        return _noted(turn, service, question)
    return _missed(turn, again)


def _staff_wrote_an_answer(turn: Turn) -> bool:
    return turn.office.catalogue.knowledge.find(turn.understood, area_line(turn)).action != "none"


def _left(turn: Turn) -> Reply | None:
    """The question is dropped; a draft that waited behind it is open again and hears the words."""
    draft = draft_of(turn)
    turn.talk.close()
    if not draft:
        return None
    turn.talk.open("report", draft, turn.now)
    return _answered(turn)


def _in_danger(turn: Turn, again: str) -> Reply | None:
    """Whatever is said while we ask where they are goes to those on their way."""
    if turn.understood.kind in ("cancel", "correction"):
        return None
    ticket = ticket_for_update(turn.session, turn.answers["ticket"])
    if ticket and not ticket.finished:
        turn.move(ticket, "note", note=turn.text)
        turn.joined(ticket)
    turn.talk.misses += 1
    return Reply(again)


def _noted(turn: Turn, service: Service, question: Question) -> Reply:
    """More words for the draft; what was asked is asked once more, then it goes on to a person."""
    if turn.decision.action == "human" or question.slot == "matter":
        turn.talk.misses += 1
    turn.answer(**service.begin(turn, ""))
    if turn.talk.misses >= MOST_MISSES:
        return begin(turn, turn.office.services["human"])
    names = [turn.office.catalogue.matter_names[code] for code in turn.decision.matters]
    told = f"记下了：{'、'.join(names)}。" if turn.decision.action == "ticket" else NOTED
    if question.slot == "matter" and "matter" in turn.answers:
        told, turn.talk.misses = f"{told}{TO_A_PERSON}", 0
    return Reply(f"{told}\n{turn.go_on(service).text}")


def _missed(turn: Turn, again: str) -> Reply:
    """Once more, then with the way out, then a person."""
    turn.talk.misses += 1
    if turn.talk.misses >= MOST_MISSES:
        return begin(turn, turn.office.services["human"])
    return Reply(again if turn.talk.misses == 1 else STUCK)
