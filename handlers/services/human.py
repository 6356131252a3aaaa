"""人工: a person takes over at once; a request without a ticket becomes one, and so does a report not finished."""

from typing import Any

from bot import filed, whereabouts
from bot.dialog import MOST_MISSES, draft_of
from bot.message import Reply
from bot.service import Question, Service
from bot.ticket_talk import add_words
from bot.times import moment_words
from bot.turn import Turn
from models.matter import OTHER
from models.ticket import Ticket, ticket_for_update, tickets_of

ASKED = "居民请求人工联系。"
WHERE = "方便时再说一声是哪个小区、几栋。"


def _begin(turn: Turn, _rest: str) -> dict[str, Any]:
    if draft := draft_of(turn):
        return {"reported": draft, "place": draft.get("place") or whereabouts.unknown(turn)}
    value, asking = whereabouts.stated(turn, "")
    if tickets_of(turn.session, turn.resident.id, unfinished=True, limit=1):
        return {"place": {}}
    if turn.talk.misses >= MOST_MISSES:  # asked for it often enough
        value = value or whereabouts.unknown(turn)
    return {"place": value} if value else asking


def _fulfil(turn: Turn) -> Reply:
    draft, place = turn.answers.get("reported"), turn.answers["place"]
    unfinished = tickets_of(turn.session, turn.resident.id, unfinished=True, limit=1)
    if draft and place:
        return _hand_over(turn, draft, place)
    if unfinished:
        ticket = unfinished[0]
        add_words(turn, ticket, ASKED)
    else:
        said = "；".join(message.text for message in reversed(filed.words_before(turn, 2)))
        item = {
            "matter": OTHER,
            "text": f"居民请求人工。此前说：{said}" if said else "居民请求人工。",
            "rules": [],
            "ranked": [],
        }
        ticket = filed.file_one(turn, item, place)
    turn.talk.talking_ticket = ticket.number
    return Reply(f"已请{_who_and_when(turn, ticket)}。\n您可以接着说是什么事，我会转给他。")


def _who_and_when(turn: Turn, ticket: Ticket) -> str:
    due = moment_words(ticket.response_due_at, turn.now, turn.office.settings.deployment.zone)
    promised = f"{due} 前会联系您" if ticket.response_due_at > turn.now else "会尽快联系您"
    return f"{filed.who(turn, ticket)}接手（#{ticket.number}），{promised}"


def _hand_over(turn: Turn, draft: dict[str, Any], place: dict[str, Any]) -> Reply:
    """What was reported so far is filed as it is, in the resident's words; nobody is asked anything first."""
    items = list(draft.get("items", []))
    if draft.get("options") and "matter" not in draft:
        items.append(filed.item(turn, OTHER, draft["said"]))
    items = [{**item, "text": f"{item['text']}；{ASKED}"} for item in items]
    answers = {"items": items, "messages": draft.get("messages", []), "matter": OTHER, "place": place}
    told = turn.begin(turn.office.services["report"], answers).text
    ticket = ticket_for_update(turn.session, turn.tickets[-1])
    if ticket and not turn.talk.service:
        turn.talk.talking_ticket = ticket.number
    head = f"已请{_who_and_when(turn, ticket)}。\n" if ticket else ""
    return Reply(f"{head}{told}" + (f"\n{WHERE}" if place["text"] == whereabouts.UNKNOWN else ""))


SERVICE = Service(
    code="human",
    name="找人帮忙",
    order=5,
    words=("人工", "转人工", "人工服务", "找人", "找网格员"),
    questions=(Question("place", whereabouts.prompt, whereabouts.parse),),
    begin=_begin,
    fulfil=_fulfil,
)
