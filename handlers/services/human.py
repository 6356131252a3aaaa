"""人工: a person takes over at once; a request without a ticket becomes one."""

from typing import Any

from bot import filed, whereabouts
from bot.message import Reply
from bot.service import Question, Service
from bot.ticket_talk import add_words
from bot.times import moment_words
from bot.turn import Turn
from models.matter import OTHER
from models.ticket import tickets_of


def _begin(turn: Turn, _rest: str) -> dict[str, Any]:
    value, asking = whereabouts.stated(turn, "")
    if tickets_of(turn.session, turn.resident.id, unfinished=True, limit=1):
        return {"place": {}}
    return {"place": value} if value else asking


def _fulfil(turn: Turn) -> Reply:
    unfinished = tickets_of(turn.session, turn.resident.id, unfinished=True, limit=1)
    if unfinished:
        ticket = unfinished[0]
        add_words(turn, ticket, "居民请求人工联系。")
    else:
        said = "；".join(message.text for message in reversed(filed.words_before(turn, 2)))
        item = {
            "matter": OTHER,
            "text": f"居民请求人工。此前说：{said}" if said else "居民请求人工。",
            "rules": [],
            "ranked": [],
        }
        ticket = filed.file_one(turn, item, turn.answers["place"])
    due = moment_words(ticket.response_due_at, turn.now, turn.office.settings.deployment.zone)
    promised = f"{due} 前会联系您" if ticket.response_due_at > turn.now else "会尽快联系您"
    turn.talk.talking_ticket = ticket.number
    return Reply(
        f"已请{filed.who(turn, ticket)}接手（#{ticket.number}），{promised}。\n您可以接着说是什么事，我会转给他。"
    )


SERVICE = Service(
    code="human",
    name="找人帮忙",
    order=5,
    words=("人工", "转人工", "人工服务", "找人", "找网格员"),
    questions=(Question("place", whereabouts.prompt, whereabouts.parse),),
    begin=_begin,
    fulfil=_fulfil,
)
