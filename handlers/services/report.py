"""我要反映: a matter at a place becomes a ticket; a clear one with a known home asks nothing."""

from typing import Any

from bot import filed, joining, whereabouts
from bot.answers import bare, choice, numbered
from bot.message import Reply, Unclear
from bot.placed import of_ticket
from bot.service import Answers, Question, Service
from bot.ticket_talk import gathering
from bot.turn import Turn
from models.following import following
from models.matter import OTHER

WORDS = ("我要反映", "反映问题", "我要报修", "报修")
WHAT = "请用一句话说说是什么事，例如：楼道灯不亮了。"


def _begin(turn: Turn, _rest: str) -> dict[str, Any]:
    """What the sentence already says; a draft that waits for an answer keeps what was said before."""
    draft = dict(turn.talk.answers) if turn.talk.service == "report" else {}
    answers: dict[str, Any] = {**draft, **_with_words(turn, draft)}
    answers["messages"] = [*draft.get("messages", []), turn.message.id]
    if "place" not in draft:
        value, asking = whereabouts.stated(turn, turn.text)
        if not asking and not value:
            value = _of_a_moment_ago(turn)
        answers |= {"place": value} if value else asking
    return answers


def _with_words(turn: Turn, draft: dict[str, Any]) -> dict[str, Any]:
    """Items, and what is not clear yet, with what is said now; a choice asked about twice is left to a person."""
    items, action = draft.get("items", []), turn.decision.action
    choosing = _choosing(draft)
    if action == "ask" and "matter" in draft:  # one choice was made: no second one
        return {"items": _joined(items, [filed.item(turn, turn.decision.matters[0], turn.text)])}
    if action == "ask":
        same = not choosing or set(turn.decision.matters) & set(draft["options"])
        said = _together(draft.get("said") if choosing and same else "", turn.text)
        kept = items if same else [*items, _for_a_person(turn, draft["said"])]
        return {"items": kept, "options": list(turn.decision.matters), "said": said}
    if action == "human" and choosing:
        said = _together(draft["said"], turn.text)
        return _left_to_a_person(turn, items, said) if turn.talk.misses > 1 else {"items": items, "said": said}
    if action == "human" and items:
        return {"items": [*items[:-1], {**items[-1], "text": _together(items[-1]["text"], turn.text)}]}
    items = _joined(items, _items(turn))
    return _left_to_a_person(turn, items, draft["said"]) if choosing and turn.talk.misses > 1 else {"items": items}


def _choosing(answers: Answers) -> bool:
    return bool(answers.get("options")) and "matter" not in answers


def _together(*words: str | None) -> str:
    return "；".join(filter(None, words))


def _for_a_person(turn: Turn, said: str) -> dict[str, Any]:
    return {**filed.item(turn, OTHER, said), "settled": True}


def _left_to_a_person(turn: Turn, items: list[dict[str, Any]], said: str) -> dict[str, Any]:
    return {"items": [*items, _for_a_person(turn, said)], "matter": OTHER}


def _of_a_moment_ago(turn: Turn) -> dict[str, Any] | None:
    """还有路灯也坏了, a moment after another report: where that was; on a neighbour's ticket, where they said."""
    recent = gathering(turn)
    if not recent:
        return None
    if recent.resident_id == turn.resident.id:
        return of_ticket(recent) if recent.building_code else None
    follower = following(turn.session, recent.number, turn.resident.id)
    return joining.place_of(turn, follower, recent) if follower and follower.building_code else None


def _joined(items: list[dict[str, Any]], more: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Somebody who says it again, or more clearly, while we ask for the place reports it once."""
    found = [dict(item) for item in items]
    for new in more:
        open_items = (item for item in found if not item.get("settled"))
        same = next((item for item in open_items if item["matter"] in (new["matter"], OTHER)), None)
        if same and same["text"] != new["text"]:
            same |= {**new, "text": f"{same['text']}；{new['text']}"}
        elif not same:
            found.append(new)
    return found


def _items(turn: Turn) -> list[dict[str, Any]]:
    if turn.text in WORDS:
        return []
    match turn.decision.action:
        case "ticket":
            return [filed.item(turn, code, turn.text) for code in turn.decision.matters]
        case "human":
            return [filed.item(turn, OTHER, turn.text)]
    return []


def _needs_words(answers: Answers) -> bool:
    return not answers.get("items") and not answers.get("options")


def _parse_words(turn: Turn, text: str) -> bool:
    """The sentence after a photo, a location or the menu."""
    if turn.decision.action not in ("ticket", "ask", "human"):
        raise Unclear(WHAT)
    place = {key: value for key, value in turn.answers.items() if key.startswith("place")}
    turn.answer(**{**_begin(turn, ""), **place})
    return True


def _which_matter(turn: Turn) -> str:
    names = turn.office.catalogue.matter_names
    options = [names[code] for code in turn.answers["options"]]
    return "请问是哪一件？\n" + numbered([*options, "都不是"])


def _parse_matter(turn: Turn, text: str) -> str:
    codes = [*turn.answers["options"], OTHER]
    names = [*(turn.office.catalogue.matter_names[code] for code in codes[:-1]), "都不是"]
    said = turn.answers["said"]
    try:
        code = _named(turn, codes)
        if code:
            said = _together(said, text)
        else:
            code = codes[choice(text, names, _which_matter(turn))]
    except Unclear:
        if not _place_kept(turn, text):
            raise
        if turn.talk.misses < 2:
            raise Unclear(f"地点记下了。{_which_matter(turn)}") from None
        code = OTHER
    item = filed.item(turn, code, said)
    messages = [*turn.answers.get("messages", []), turn.message.id]
    turn.answer(items=[*turn.answers.get("items", []), item], messages=messages)
    return code


def _place_kept(turn: Turn, text: str) -> bool:
    """紫荆苑3栋, said while we ask what it is."""
    value, asking = whereabouts.named(turn, text)
    if not (value or asking) or not whereabouts.like_a_place(turn, text):
        return False
    turn.talk.misses += 1
    kept = {key: said for key, said in turn.answers.items() if not key.startswith("place")}
    messages = [*turn.answers.get("messages", []), turn.message.id]
    turn.talk.answers = {**kept, **({"place": value} if value else asking), "messages": messages}
    return True


def _named(turn: Turn, codes: list[str]) -> str:
    """The option a new sentence is clearly about: 是楼道的灯."""
    meant = turn.decision.matters if turn.decision.action == "ticket" else ()
    return next((code for code in codes if code in meant), "")


def _parse_place(turn: Turn, text: str) -> dict[str, Any]:
    before = turn.answers
    try:
        value = whereabouts.parse(turn, text)
    except Unclear as unclear:
        if turn.answers != before and (names := _more(turn, text)):
            turn.answer(messages=[*turn.answers.get("messages", []), turn.message.id])
            raise Unclear(f"记下了：{names}。\n{unclear}") from None
        raise
    _more(turn, text)
    turn.answer(messages=[*turn.answers.get("messages", []), turn.message.id], asked_place=True)
    return value


def _more(turn: Turn, text: str) -> str:
    """紫荆苑3栋，下水道也堵了: a place and another matter, whose name is given back."""
    raw = turn.office.catalogue.gazetteer.find(text, whereabouts.home_codes(turn)).raw
    beside = len(bare(text)) - len(bare(raw))
    if turn.inbound.position or beside < whereabouts.MOST_BESIDE or whereabouts.like_a_place(turn, text):
        return ""
    if turn.decision.action not in ("ticket", "ask"):
        return ""
    codes = turn.decision.matters if turn.decision.action == "ticket" else turn.decision.matters[:1]
    items = [filed.item(turn, code, turn.text) for code in codes]
    turn.answer(items=_joined(turn.answers.get("items", []), items))
    return "、".join(turn.office.catalogue.matter_names[code] for code in codes)


def _fulfil(turn: Turn) -> Reply:
    return joining.file_or_join(turn)


SERVICE = Service(
    code="report",
    name="我要反映",
    order=1,
    words=WORDS,
    questions=(
        Question("words", lambda _turn: WHAT, _parse_words, when=_needs_words),
        Question("matter", _which_matter, _parse_matter, when=lambda answers: bool(answers.get("options"))),
        Question("place", whereabouts.prompt, _parse_place),
    ),
    begin=_begin,
    fulfil=_fulfil,
)
