"""办事指南: answers staff wrote, with source and date; by menu, or found for a question (bot/knowledge/talk.py)."""

from datetime import date
from typing import Any

from bot import filed, whereabouts
from bot.answers import choice, numbered
from bot.knowledge import Entry
from bot.knowledge.talk import area_line, unanswered
from bot.message import Reply, Unclear
from bot.service import Question, Service
from bot.turn import Turn
from bot.understanding import Understood
from handlers.knowledge import Topic, topics
from models.matter import OTHER

MOST = 9
"""Choices a thumb can answer with one digit."""
MORE = "更多"
NONE_OF_THEM = "都不是，请人回答"
UNSOLVED = "没解决请回复“没解决”，给您转人工登记。"
NOTHING_YET = "办事指南还没有内容。请直接说您想问的事，我请人回答。"

_TOPICS = topics()


def _entries(turn: Turn) -> list[Entry]:
    line = area_line(turn)
    return [e for e in turn.office.catalogue.knowledge.entries if e.area_code is None or e.area_code in line]


def _of_topic(turn: Turn, topic: Topic) -> list[Entry]:
    if topic.matters:
        return [entry for entry in _entries(turn) if entry.matter_code in topic.matters]
    named = {code for other in _TOPICS for code in other.matters}
    return [entry for entry in _entries(turn) if entry.matter_code not in named]


def _offered_topics(turn: Turn) -> list[Topic]:
    return [topic for topic in _TOPICS if _of_topic(turn, topic)]


def _ask_topic(turn: Turn) -> str:
    names = numbered([topic.name for topic in _offered_topics(turn)])
    return f"想问哪一方面？也可以直接说您的问题。\n{names}" if names else NOTHING_YET


def _parse_topic(turn: Turn, text: str) -> str:
    names = [topic.name for topic in _offered_topics(turn)]
    return names[choice(text, names, _ask_topic(turn))]


def _page(turn: Turn) -> tuple[list[Entry], bool]:
    """The entries to choose from now, and whether there are more."""
    topic = next((topic for topic in _TOPICS if topic.name == turn.answers["topic"]), _TOPICS[-1])
    entries, page = _of_topic(turn, topic), turn.answers.get("page", 0)
    if len(entries) <= MOST:
        return entries, False
    shown = entries[page * (MOST - 1) : (page + 1) * (MOST - 1)]
    return shown, len(entries) > (page + 1) * (MOST - 1)


def _ask_entry(turn: Turn) -> str:
    if turn.answers.get("offers"):
        return "您想问的是哪一个？\n" + numbered([*_titles(turn), NONE_OF_THEM])
    shown, more = _page(turn)
    names = [entry.title for entry in shown]
    return f"请回复数字：\n{numbered([*names, MORE] if more else names)}\n没有您要的，直接说您的问题就行。"


def _titles(turn: Turn) -> list[str]:
    known = turn.office.catalogue.knowledge.by_code
    return [known[code].title for code in turn.answers["offers"] if code in known]


def _parse_entry(turn: Turn, text: str) -> str:
    if turn.answers.get("offers"):
        codes: list[str] = [c for c in turn.answers["offers"] if c in turn.office.catalogue.knowledge.by_code]
        return [*codes, ""][choice(text, [*_titles(turn), NONE_OF_THEM], _ask_entry(turn))]
    shown, more = _page(turn)
    names = [entry.title for entry in shown]
    chosen = choice(text, [*names, MORE] if more else names, _ask_entry(turn))
    if chosen < len(shown):
        return shown[chosen].code
    turn.answer(page=turn.answers.get("page", 0) + 1)
    raise Unclear(_ask_entry(turn))


def _fulfil(turn: Turn) -> Reply:
    answers = turn.answers
    known = turn.office.catalogue.knowledge.by_code
    if code := answers.get("unsolved"):
        return _to_a_person(turn, known.get(code))
    entry = known.get(answers["entry"])
    if not entry:
        return _to_a_person(turn, None)
    asked = answers.get("asked") or (turn.text if "topic" not in answers else entry.title)
    turn.message.facts = {**turn.message.facts, "knowledge": entry.code, "asked": asked}
    return Reply(_answer(entry, turn.today))


def _answer(entry: Entry, today: date) -> str:
    lines = [entry.title, entry.answer]
    if entry.effective_until and entry.effective_until < today:
        lines.append(f"提醒您：这条有效期到{_day(entry.effective_until)}，请以窗口为准。")
    elif entry.review_on and entry.review_on <= today:
        lines.append("提醒您：这条内容正在复核，请以窗口为准。")
    if entry.effective_from and entry.effective_from > today:
        lines.append(f"提醒您：这条从{_day(entry.effective_from)}起执行。")
    dated = f"，更新日期：{_day(entry.effective_from)}" if entry.effective_from else ""
    lines.append(f"来源：{entry.source or '本街道'}{dated}")
    return "\n".join([*lines, UNSOLVED])


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _to_a_person(turn: Turn, entry: Entry | None) -> Reply:
    """The question becomes a ticket, with what was answered and what the resident adds."""
    answers = turn.answers
    asked = answers.get("asked") or turn.text
    understanding = turn.office.catalogue.understanding
    understood = understanding.understand(asked)
    turn.understood, turn.decision = understood, understanding.decide(understood)
    if entry:
        text = f"{asked}；居民补充：{answers['said']}；已答《{entry.title}》：{entry.answer}"
    else:
        text = asked
        unanswered(turn, understood)
    item = filed.item(turn, _matter(turn, entry), text, understood)
    value, asking = whereabouts.stated(turn, asked)
    place: dict[str, Any] = {"place": value} if value else asking
    reply = turn.begin(
        turn.office.services["report"], {"items": [item], "messages": answers.get("messages", []), **place}
    )
    return Reply(f"对不起，没帮上您，请人来答。\n{reply.text}") if entry else reply


def _matter(turn: Turn, entry: Entry | None) -> str:
    """The entry's matter; without one, what the question was understood as."""
    if entry and entry.matter_code:
        return entry.matter_code
    understood: Understood = turn.understood
    return understood.matters[0].code if turn.decision.matters and understood.matters else OTHER


SERVICE = Service(
    code="policy",
    name="办事指南",
    order=6,
    words=("办事指南", "政策", "政策咨询", "查政策"),
    questions=(
        Question(
            "topic",
            _ask_topic,
            _parse_topic,
            when=lambda answers: not any(answers.get(key) for key in ("offers", "entry", "unsolved")),
        ),
        Question("entry", _ask_entry, _parse_entry, when=lambda answers: not answers.get("unsolved")),
    ),
    fulfil=_fulfil,
)
