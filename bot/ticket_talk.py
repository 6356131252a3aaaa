"""Words, photos and places that belong to something already under way, instead of opening something new."""

import re
from datetime import timedelta
from typing import Any

from bot import danger, follower_talk, own_ticket, phrases, whereabouts
from bot.answers import bare, number_said, score_said, verdict
from bot.dialog import PASSING, open_question
from bot.knowledge.talk import area_line
from bot.message import Reply
from bot.service import next_question
from bot.turn import Turn
from models.following import followed_by, survivor
from models.ticket import Ticket, may_reopen, ticket_for_update, tickets_of
from models.transitions import HANDLED, NEED_INFO

_HOME_SAID = re.compile(
    r"^(?:你好|您好)?[，, ]*(?:我家?住在?|我们?家在|我家是|家住|住在|我住的是|我搬到了?|我是|地址是?|绑定|住址是?)[:：]?"
)
MOST_OFFERED = 3
"""Matters under way that a photo without words may belong to."""
CLEARLY_NAMED = 6.0
"""Score from which a matter is named beyond doubt: 一点没变 sounds a little like half a dozen."""
MOST_THANKS = 8
"""Characters: a longer thank-you says something besides."""
_OWN_BUSINESS = ("progress_query", "cancel", "correction", "smalltalk")
MOST_BESIDE_A_HOME = 6
CORRECTED_FOR = timedelta(minutes=10)
"""So long after a report a bare place puts its place right."""
DANGER_FOR = timedelta(minutes=30)
"""So long whatever names no matter of its own is about the danger: 我妈现在怎么办啊."""
HELP_WITHIN = timedelta(hours=2)
OVER_WITHIN = timedelta(hours=24)
_RESCUE = re.compile(r"救护车|消防车|警车|救援|担架|急救|抢救|(?<!\d)(?:120|119|110)(?!\d)")
"""Words about help on its way: they belong to the danger, whatever stands in its way."""


def home_statement(turn: Turn) -> Reply | None:
    """我住紫荆苑3栋2单元501, or a bare place from somebody without a home."""
    if turn.talk.service or _waiting_for_answer(turn) or own_ticket.asked_by_worker(turn):
        return None
    if turn.understood.kind == "correction" and own_ticket.named_ticket(turn, ""):
        return None  # 地址错了，是8栋 is about what was reported
    found = turn.office.catalogue.gazetteer.find(turn.text, whereabouts.home_codes(turn))
    said = _HOME_SAID.match(turn.text)
    beside = _words_beside(turn.text[said.end() :] if said else turn.text, found.raw)
    more = said and turn.decision.action not in ("ticket", "ask")
    if found.kind in ("none", "unknown") or beside > (MOST_BESIDE_A_HOME if more else 1):
        return None
    if not said and (corrected := _put_right(turn, _of_late(turn, CORRECTED_FOR))):
        return corrected
    if not said and turn.resident.current_homes:
        return _begin_with_place(turn)
    bind = turn.office.services["bind_home"]
    return turn.begin(bind, bind.begin(turn, turn.text))


def _words_beside(text: str, raw: str) -> int:
    """Characters that are not the place: 我住紫荆苑3栋，姓王 is a home, 我住紫荆苑3栋，想问一件事… is more."""
    return len(bare(text)) - len(bare(raw))


def _begin_with_place(turn: Turn) -> Reply:
    value, asking = whereabouts.stated(turn, turn.text)
    return turn.begin(turn.office.services["report"], {"items": [], **({"place": value} if value else asking)})


def about_a_ticket(turn: Turn) -> Reply | None:
    """An answer to what we asked, a verdict on what was done, or more words on what is being talked about."""
    if (asked := _waiting_for_answer(turn)) and _belongs(turn, asked, answering=True):
        told, moved = _supply(turn, asked), _put_right(turn, asked)
        return Reply(f"{told.text}\n{moved.text}") if moved else told
    if (said := follower_talk.not_the_same(turn)) or (said := _verdict(turn)) or (said := _help_on_its_way(turn)):
        return said
    asked = own_ticket.asked_by_worker(turn)
    if asked and _belongs(turn, asked, answering=True) and not _only_polite(turn):
        return _put_right(turn, asked) or add_words(turn, asked)
    if said := _put_right(turn, _of_late(turn, CORRECTED_FOR)):
        return said
    if ticket := _talked_about(turn):
        return add_words(turn, ticket)
    return _goes_on(turn) if turn.understood.kind in ("report", "question") else None


def _goes_on(turn: Turn) -> Reply | None:
    """Fragments that name nothing: about the danger first, else about what was said a moment ago; no policy question."""
    if turn.office.catalogue.knowledge.find(turn.understood, area_line(turn)).action != "none":
        return None
    in_danger = own_ticket.open_danger(turn, DANGER_FOR)
    if in_danger and not _plainly_named(turn) and not _elsewhere(turn, in_danger):
        return _about_danger(turn, in_danger)
    ticket = gathering(turn) if not turn.decision.matters else None
    return add_words(turn, ticket) if ticket else None


def _help_on_its_way(turn: Turn) -> Reply | None:
    """救护车上不来，消防通道被堵了: about the danger, not a matter of its own."""
    if turn.understood.kind in ("cancel", "courtesy", "smalltalk") or not _RESCUE.search(turn.text):
        return None
    ticket = own_ticket.open_danger(turn, HELP_WITHIN)
    return _about_danger(turn, ticket) if ticket and not _elsewhere(turn, ticket) else None


def _about_danger(turn: Turn, ticket: Ticket) -> Reply:
    """To whoever is coming; said again what to do meanwhile, and asked where, if nobody knows yet."""
    told = f"{add_words(turn, ticket).text}\n{danger.advice(ticket.matter, turn.text)}"
    if ticket.place != whereabouts.UNKNOWN:
        return Reply(told)
    turn.talk.open("relocate", {"ticket": ticket.number, "urgent": True}, turn.now)
    return Reply(f"{told}\n{whereabouts.prompt(turn)}")


def _put_right(turn: Turn, ticket: Ticket | None) -> Reply | None:
    """紫金苑8栋的, said after a report or to a worker's question: nothing but another place than it has."""
    own = ticket and ticket.resident_id == turn.resident.id
    if not ticket or not own or ticket.status == HANDLED or turn.understood.kind in ("cancel", "correction"):
        return None
    place = own_ticket.place_said(turn, ticket) if own_ticket.only_a_place(turn, ticket) else {}
    return turn.begin(turn.office.services["relocate"], {"ticket": ticket.number, **place}) if place else None


def _belongs(turn: Turn, ticket: Ticket, *, answering: bool = False) -> bool:
    """A clear other matter opens its own ticket; a question after progress or a correction is not an answer.

    Whoever was asked by a worker answers: 3, 在1单元门口 name no matter, whatever they remind of.
    """
    if turn.understood.emergency or (turn.understood.kind in _OWN_BUSINESS and not (answering and _numbers(turn))):
        return False
    if not turn.decision.matters:
        return answering or not _elsewhere(turn, ticket)
    if _elsewhere(turn, ticket):
        return False
    return ticket.matter_code in turn.decision.matters or (answering and not _plainly_named(turn))


def _numbers(turn: Turn) -> bool:
    return turn.understood.kind == "smalltalk" and bare(turn.text).isdecimal()


def _plainly_named(turn: Turn) -> bool:
    return turn.decision.action == "ticket" and turn.understood.matters[0].score >= CLEARLY_NAMED


def _elsewhere(turn: Turn, ticket: Ticket) -> bool:
    """The words name another building: 对面2栋的路灯也不亮 is another report."""
    found = turn.office.catalogue.gazetteer.find(turn.text, whereabouts.home_codes(turn))
    named = found.buildings[0].code if found.kind == "building" else ""
    return bool(named and ticket.building_code and named != ticket.building_code)


def _waiting_for_answer(turn: Turn) -> Ticket | None:
    return next(iter(tickets_of(turn.session, turn.resident.id, status=NEED_INFO, limit=1)), None)


def _supply(turn: Turn, ticket: Ticket) -> Reply:
    turn.move(ticket, "supply", note=turn.text or "【照片】")
    turn.joined(ticket)
    holder = f"{ticket.holder.surname}网格员" if ticket.holder else "办理人员"
    return Reply(f"谢谢，已补充到 #{ticket.number}，{holder}会接着办。")


def _verdict(turn: Turn) -> Reply | None:
    """1 2 3 or words, after a ticket was handled; 没解决 also for one closed a short while ago."""
    number, said = number_said(turn.text), verdict(turn.text)
    if number is None and said is None:
        return None
    window = timedelta(hours=turn.office.settings.promises.reopen_hours)
    recent = tickets_of(turn.session, turn.resident.id)
    handled = [t for t in recent if t.status == HANDLED]
    ticket = own_ticket.meant_by(turn, turn.text, handled, own_ticket.SPOKEN_OF) or next(iter(handled), None)
    if not ticket and said == "unsolved":
        ticket = next((t for t in recent if may_reopen(t, window, turn.now)), None)
        followed = follower_talk.settled(turn)
        plainly = re.search("没有?(?:给我)?解决", turn.text)
        if followed and _later(followed[1], ticket) and (plainly or not _other_business(turn, followed[1])):
            return follower_talk.unsolved_for_me(turn, *followed)
    besides = said and score_said(turn.text) is None and _other_business(turn, ticket) if ticket else None
    if not ticket or besides or (said is None and ticket.status != HANDLED):
        return None
    service = turn.office.services["confirm"]
    question = next_question(service, {"ticket": ticket.number})
    picked = question and number in (1, 2, 3) and score_said(turn.text) is None
    value = said or (question.parser(turn, turn.text) if question and picked else None)
    return turn.begin(service, {"ticket": ticket.number, **({"verdict": value} if value else {})})


def _later(ticket: Ticket, than: Ticket | None) -> bool:
    """Which of the two was said to be done last."""
    done = ticket.closed_at or ticket.handled_at
    return not than or bool(done and than.closed_at and done > than.closed_at)


def _other_business(turn: Turn, ticket: Ticket) -> bool:
    """垃圾没人来收 is no verdict on the lamp."""
    if _plainly_named(turn) and ticket.matter_code not in turn.decision.matters:
        return True
    if _elsewhere(turn, ticket):
        return True
    return turn.understood.kind in ("correction", "cancel")


def _talked_about(turn: Turn) -> Ticket | None:
    """A worker wrote to the resident: the next words are meant for them."""
    number = turn.talk.talking_ticket
    ticket = _living(turn, number) if number else None
    if not ticket or not _belongs(turn, ticket):
        return None
    return None if _only_polite(turn) else ticket


def _living(turn: Turn, number: int) -> Ticket | None:
    """The ticket, or the one it was merged into, while it is open and the resident has a part in it."""
    ticket = ticket_for_update(turn.session, number)
    ticket = survivor(turn.session, ticket) if ticket else None
    return ticket if ticket and not ticket.finished and follower_talk.takes_part(turn, ticket) else None


def _only_polite(turn: Turn) -> bool:
    """谢谢, 修好了 are answered by us; 好的，三点我在家 is what the worker waits to hear."""
    said = bare(turn.text)
    thanks = len(said) <= MOST_THANKS and any(word in said for word in ("谢", "辛苦", "麻烦"))
    return turn.understood.kind == "courtesy" and (turn.understood.resolved or thanks)


def gathering(turn: Turn) -> Ticket | None:
    """The ticket of a moment ago, while fragments and photos still join it (contract §9)."""
    return _of_late(turn, timedelta(seconds=turn.office.settings.understanding.gather_seconds))


def _of_late(turn: Turn, window: timedelta) -> Ticket | None:
    """The ticket last filed or added to, if that is no longer ago."""
    at, number = turn.talk.recent_at, turn.talk.recent_ticket
    if number is None or at is None or turn.now - at > window:
        return None
    return _living(turn, number)


def add_words(turn: Turn, ticket: Ticket, words: str = "") -> Reply:
    """Put words on a ticket, tell its group, and say so."""
    turn.move(ticket, "note", note=words or turn.text)
    turn.joined(ticket)
    turn.message.reply_kind = "note"
    holder = f"{ticket.holder.surname}网格员" if ticket.holder else "网格群"
    told = f"好的，已转给{holder}（#{ticket.number}）。"
    if ticket.status == HANDLED and ticket.resident_id != turn.resident.id:
        told += "办理人员说已处理；您家还没解决请回复“没解决”。"
    elif ticket.status == HANDLED:  # silence would close it: the question stays open
        told += "\n" + turn.begin(turn.office.services["confirm"], {"ticket": ticket.number}).text
    return Reply(told)


def it_is_over(turn: Turn) -> Reply:
    """不漏了, 火灭了, before anybody came: whoever has the ticket should know."""
    own = tickets_of(turn.session, turn.resident.id, unfinished=True)
    mine = [*own, *(t for _, t in followed_by(turn.session, turn.resident.id) if not t.finished)]
    if not mine:
        return Reply(phrases.GLAD_IT_IS_OVER)
    ticket = mine[0] if len(mine) == 1 else _over(turn, mine)
    if not ticket:
        listed = "、".join(f"#{one.number} {one.matter.name}" for one in mine[:MOST_OFFERED])
        return Reply(f"好的。您说的是哪一件：{listed}？哪件不用办了，请回复“撤回”，我列给您选。")
    told = add_words(turn, ticket).text
    if ticket.resident_id != turn.resident.id or ticket.status == HANDLED:
        return Reply(told)
    if ticket.matter.emergency:
        return Reply(f"{told}人没事就好。他们还会来看看；又有情况，马上说。")
    return Reply(f"{told}不用办了请回复“撤回”。")


def _over(turn: Turn, mine: list[Ticket]) -> Ticket | None:
    """Which of several: what the words name, what a worker just spoke of, or the danger."""
    talked = _living(turn, turn.talk.talking_ticket) if turn.talk.talking_ticket else None
    named = own_ticket.meant_by(turn, turn.text, mine, own_ticket.SPOKEN_OF)
    return named or talked or own_ticket.open_danger(turn, OVER_WITHIN)


def same_emergency(turn: Turn) -> Reply | None:
    """More cries while we ask where: the same danger goes on its ticket; another one, and both learn the place."""
    if turn.talk.service != "relocate" or not turn.talk.answers.get("urgent"):
        return None
    ticket = ticket_for_update(turn.session, turn.talk.answers["ticket"])
    if not ticket or ticket.finished:
        return None
    best = turn.understood.matters[0].code if turn.understood.matters else ""
    value, _ = whereabouts.named(turn, turn.text)
    if ticket.matter_code != best:
        return _another_cry(turn, value)
    if value:
        turn.answer(place=value)
        return turn.go_on(turn.office.services["relocate"])
    told = add_words(turn, ticket)
    return Reply(f"{told.text}\n{whereabouts.prompt(turn)}")


def _another_cry(turn: Turn, place: dict[str, Any] | None) -> Reply:
    """The second danger is filed as well, and the place that comes with it is the first one's too."""
    before, services = dict(turn.talk.answers), turn.office.services
    known = turn.begin(services["relocate"], {**before, "place": place}) if place else None
    turn.talk.close()
    told = turn.begin(services["emergency"])
    return Reply(f"{told.text}\n\n{known.text}") if known else told


def photo(turn: Turn) -> Reply:
    """A photo joins what is under way; alone it is asked about (contract §9)."""
    words = "【照片】" if turn.inbound.type == "image" else "【视频】"
    ticket = _waiting_for_answer(turn)
    if ticket:
        return _supply(turn, ticket)
    service = turn.office.services.get(turn.talk.service)
    question = next_question(service, turn.answers) if service and service.code not in PASSING else None
    if question:
        turn.answer(messages=[*turn.answers.get("messages", []), turn.message.id])
        return Reply(f"{words.strip('【】')}收到了。{question.prompt(turn)}")
    if ticket := gathering(turn) or _talked_about(turn):
        return add_words(turn, ticket, words)
    shown = {"messages": [turn.message.id], "media": words}
    own = tickets_of(turn.session, turn.resident.id, unfinished=True, limit=MOST_OFFERED)
    followed = (ticket for _, ticket in followed_by(turn.session, turn.resident.id) if not ticket.finished)
    if offered := [*own, *followed][:MOST_OFFERED]:
        return turn.begin(turn.office.services["whose_photo"], {"offered": [t.number for t in offered], **shown})
    return turn.begin(turn.office.services["report"], {"items": [], **shown})


def location(turn: Turn) -> Reply:
    """A location answers the question for a place, joins what is under way, or is asked about."""
    service = turn.office.services.get(turn.talk.service)
    question = next_question(service, turn.talk.answers) if service else None
    if question and question.slot == "place":
        return open_question(turn) or Reply(question.prompt(turn))
    asking = whereabouts.near(turn)
    if not asking:
        return Reply(whereabouts.OUTSIDE)
    if ticket := gathering(turn):
        return add_words(turn, ticket, f"【位置】{asking['place_names'][0]}附近")
    return turn.begin(turn.office.services["report"], {"items": [], "messages": [turn.message.id], **asking})
