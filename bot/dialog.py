"""The form engine: an open question takes what is said, or lets something else through (house.md §2)."""

from datetime import timedelta

from bot.answers import number_said
from bot.message import Reply, Unclear
from bot.own_ticket import answers_a_worker
from bot.service import Question, Service, next_question
from bot.turn import Turn

PASSING = ("joined", "menu", "policy", "rate")
"""Questions nobody has to answer: whatever else is said is heard as itself."""
ASIDES = ("my_tickets", "my_data", "unsubscribe")
"""Answered in passing: a report that waits for an answer goes on afterwards."""
OPEN_FOR = timedelta(hours=1)
DRAFT_FOR = timedelta(hours=24)
"""After that a question left unanswered is forgotten; a draft of a report, which holds the resident's words, later."""
STUCK = "我还是没对上。回复“人工”，请人帮您；回复“取消”，退出。"


def begin(turn: Turn, service: Service, rest: str = "") -> Reply:
    """Begin a service by word or kind; a draft of a report survives an aside."""
    draft = draft_of(turn)
    reply = turn.begin(service, service.begin(turn, rest))
    return resume(turn, reply, draft) if service.code in ASIDES else reply


def draft_of(turn: Turn) -> dict[str, object]:
    """What the resident has reported and we have not filed yet; empty when there is none."""
    answers = turn.talk.answers if turn.talk.service == "report" else {}
    return dict(answers) if answers.get("items") or answers.get("options") else {}


def resume(turn: Turn, reply: Reply, draft: dict[str, object]) -> Reply:
    """Ask again what the draft still needs, behind the answer to something else."""
    question = next_question(turn.office.services["report"], draft)
    if not draft or not question or turn.talk.service:
        return reply
    turn.talk.open("report", draft, turn.now)
    return Reply(f"{reply.text}\n\n接着说刚才的事。{question.prompt(turn)}")


def open_question(turn: Turn) -> Reply | None:
    """An answer to what was asked last; a clear new matter is heard even then."""
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
    open_for = DRAFT_FOR if turn.talk.service == "report" or turn.answers.get("urgent") else OPEN_FOR
    old = turn.talk.asked_at is not None and turn.now - turn.talk.asked_at > open_for
    if old:
        turn.talk.close()
    return old


def _still_open(turn: Turn, service: Service, question: Question, again: str) -> Reply | None:
    """Not an answer: another matter, another kind of message, or a second try."""
    kind = turn.understood.kind
    if turn.inbound.type == "location":
        return Reply(again)
    if turn.decision.action in ("ticket", "ask") and kind in ("report", "question"):
        if service.code == "report":
            turn.answer(**service.begin(turn, ""))
            return turn.go_on(service)
        turn.talk.close()
        return None
    if kind == "cancel" and not turn.answers.get("urgent"):
        return turn.begin(turn.office.services["cancel"], {"open": True})
    if kind in ("progress_query", "cancel") or (kind == "correction" and service.code == "report"):
        return None
    if service.code in PASSING and number_said(turn.text) is None:
        turn.talk.close()
        return None
    if answers_a_worker(turn):
        if service.code != "report":
            turn.talk.close()
        return None
    if kind in ("courtesy", "smalltalk"):
        return Reply(question.prompt(turn))
    return _missed(turn, again)


def _missed(turn: Turn, again: str) -> Reply:
    """Once more, then with the way out, then a person."""
    turn.talk.misses += 1
    if turn.talk.misses >= 3:
        return turn.begin(turn.office.services["human"])
    return Reply(again if turn.talk.misses == 1 else STUCK)
