"""One message, start to end: read this first.

A repeat gets the answer it got before. A worker's message goes to the group side (`bot/group_talk.py`). A resident's
goes through the ways below in their order, and the first that has an answer ends the turn. All of it, the answer
included, is one transaction that the door commits before the answer leaves.
"""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from bot import events, group_talk, phrases, ticket_talk, whereabouts
from bot.answers import asks, number_said
from bot.dialog import begin, keep, open_question, waiting
from bot.knowledge import talk as knowledge_talk
from bot.ladder.receipts import asked_back, read_it
from bot.message import Inbound, Reply
from bot.service import next_question
from bot.subscribing import with_offer
from bot.turn import Turn
from models.conversation import conversation_of
from models.database import Refused
from models.message import Message, last_reply, take_in
from models.outbox import release_held
from models.resident import resident_of

if TYPE_CHECKING:
    from bot.office import Office

MOST_WORDS = 2048
"""Longer texts are kept whole but understood by their beginning."""
UNSHOWN = "【收到不支持的消息类型，暂无法显示】"
"""What the platform puts in place of a message it cannot hand on."""
LIKENESS = "像例句"
"""Begins the line of an explanation that no rule stands behind."""


def respond(office: "Office", session: Session, inbound: Inbound, now: datetime) -> Reply:
    """Answer one message of either channel inside the caller's transaction."""
    message, new = take_in(session, _row(inbound, now))
    if not new:
        return Reply(message.reply_text)
    answer = group_talk.answer if inbound.channel == "group_bot" else answer_resident
    reply = answer(office, session, inbound, message, now)
    message.reply_text = reply.text
    if reply and message.decision == "ignored":
        message.decision = "answered"
    return reply


def _row(inbound: Inbound, now: datetime) -> dict[str, object]:
    facts: dict[str, object] = dict(inbound.details)
    if inbound.media_id:
        facts["media_id"] = inbound.media_id
    if inbound.position:
        facts["position"] = [inbound.position.latitude, inbound.position.longitude, inbound.position.label]
    if inbound.quote:
        facts["quote"] = inbound.quote
    return {
        "dedupe_key": inbound.dedupe_key, "channel": inbound.channel, "platform_id": inbound.platform_id,
        "type": inbound.event or inbound.type, "sender": inbound.sender, "chat_id": inbound.chat_id,
        "text": inbound.text or inbound.event_key, "facts": facts, "created_at": inbound.sent_at, "received_at": now,
    }  # fmt: skip


def answer_resident(office: "Office", session: Session, inbound: Inbound, message: Message, now: datetime) -> Reply:
    if events.from_the_platform(session, inbound, now):
        return Reply()
    resident = resident_of(session, inbound.sender, now)
    message.resident_id = resident.id
    talk = conversation_of(session, resident.id)
    understanding = office.catalogue.understanding
    understood = understanding.understand(inbound.text.strip()[:MOST_WORDS])
    turn = Turn(office, session, now, inbound, message, resident, talk, understood, understanding.decide(understood))
    waits = waiting(turn)
    if inbound.type == "event":
        told = events.answer(turn)
        return keep(turn, told, waits) if told else told
    resident.wrote(now)
    resident.followed = True
    release_held(session, resident.openid, now)
    try:
        reply = next((reply for way in WAYS if (reply := way(turn)) is not None), Reply(phrases.ASK_FOR_WORDS))
        reply = keep(turn, reply, waits)
    except Refused as refused:  # somebody of the office was faster
        reply = Reply(f"{refused}回复“进度”看现在的情况。")
    return with_offer(turn, _with_notice(turn, reply))


def _with_notice(turn: Turn, reply: Reply) -> Reply:
    """Whoever writes without having followed first still reads the privacy notice once (L03)."""
    if turn.resident.privacy_notice == phrases.PRIVACY_VERSION or not reply or turn.understood.emergency:
        return reply  # under an alarm nothing stands beside the advice; it is said with the next answer
    turn.resident.privacy_notice = phrases.PRIVACY_VERSION
    return Reply(f"{reply.text}\n\n{phrases.PRIVACY}")


def emergency(turn: Turn) -> Reply | None:
    """Danger words win over every open question; so does what somebody in despair goes on to say."""
    service = turn.office.services["emergency"]
    if not turn.understood.emergency or _answers_where(turn):
        return begin(turn, service, more) if (more := service.hears(turn)) else None
    if (told := ticket_talk.same_emergency(turn)) is not None:
        return told
    turn.talk.close()
    return turn.begin(service)


def _answers_where(turn: Turn) -> bool:
    """不晓得几栋, to the question where: only likeness takes it for an alarm, and it says nothing but that."""
    service = turn.office.services.get(turn.talk.service)
    question = next_question(service, turn.answers) if service else None
    if not question or question.slot != "place":
        return False
    by_likeness = all(reason.startswith(LIKENESS) for reason in turn.understood.matters[0].rules)
    return by_likeness and whereabouts.about_the_question(turn, turn.text)


def way_out(turn: Turn) -> Reply | None:
    """菜单, 取消, 人工, 进度 1024 … at any step."""
    for service in turn.office.services.values():
        rest = _after_word(turn.text, service.words)
        rest = _after_word(turn.understood.text, service.words) if rest is None else rest  # 轉人工
        rest = service.hears(turn) if rest is None else rest
        if rest is not None:
            return begin(turn, service, rest)
    return None


def _after_word(text: str, words: tuple[str, ...]) -> str | None:
    """What follows the word, if the text is the word alone or the word and a number; None otherwise."""
    said = text.strip(" 　。，！？!?.,~“”\"'")
    for word in words:
        if said.startswith(word):
            rest = said[len(word) :].strip(" 　:：#＃号")
            number = rest.translate(_DIGITS)
            if not rest or (number.isdecimal() and number.isascii() and not word.isdecimal()):
                return number
    return None


_DIGITS = str.maketrans("０１２３４５６７８９", "0123456789")


def media(turn: Turn) -> Reply | None:
    """Photos, voice without words, locations and what we cannot open."""
    if turn.text == UNSHOWN:
        return Reply(phrases.UNSUPPORTED)
    if turn.text:
        return None
    match turn.inbound.type:
        case "image" | "video" | "shortvideo":
            return ticket_talk.photo(turn)
        case "voice":
            return Reply(phrases.VOICE_UNHEARD)
        case "location":
            return ticket_talk.location(turn)
        case "text":
            return Reply(phrases.ASK_FOR_WORDS)
    return Reply(phrases.UNSUPPORTED)


def by_kind(turn: Turn) -> Reply | None:
    """Courtesy, a question after progress, a correction, a withdrawal, a greeting."""
    for service in turn.office.services.values():
        if turn.understood.kind in service.kinds:
            return begin(turn, service)
    match turn.understood.kind:
        case "courtesy" if turn.understood.resolved and asks(turn.text):
            return begin(turn, turn.office.services["my_tickets"])
        case "courtesy":
            return ticket_talk.it_is_over(turn) if turn.understood.resolved else Reply(phrases.COURTESY)
        case "smalltalk":
            hello = phrases.SMALLTALK.format(name=turn.office.settings.deployment.name)
            said_before = number_said(turn.text) is not None or last_reply(turn.session, turn.resident.id) == hello
            return turn.begin(turn.office.services["menu"]) if said_before else Reply(hello)
    return None


def by_decision(turn: Turn) -> Reply | None:
    """A matter, two close ones, or something only a person understands: all of it is a report."""
    match turn.decision.action:
        case "ticket" | "ask" | "human":
            report = turn.office.services["report"]
            return turn.begin(report, report.begin(turn, ""))
        case "menu":
            return turn.begin(turn.office.services["menu"])
    return None


WAYS: tuple[Callable[[Turn], Reply | None], ...] = (
    media,
    emergency,
    way_out,
    ticket_talk.home_statement,
    read_it,
    open_question,
    knowledge_talk.still_unsolved,
    ticket_talk.about_a_ticket,
    asked_back,
    by_kind,
    knowledge_talk.by_knowledge,
    by_decision,
)
