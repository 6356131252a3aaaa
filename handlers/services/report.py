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

MOST_BESIDE_A_PLACE = 5
WORDS = ("我要反映", "反映问题", "我要报修", "报修")
WHAT = "请用一句话说说是什么事，例如：楼道灯不亮了。"


def _begin(turn: Turn, _rest: str) -> dict[str, Any]:
    """What the sentence already says; a draft that waits for its place keeps what was said before."""
    draft = turn.talk.answers if turn.talk.service == "report" else {}
    answers: dict[str, Any] = {
        "items": _joined(draft.get("items", []), _items(turn)),
        "messages": [*draft.get("messages", []), turn.message.id],
    }
    if turn.decision.action == "ask":
        answers["options"] = list(turn.decision.matters)
        answers["said"] = "；".join(filter(None, (draft.get("said"), turn.text)))
    if "place" not in draft:
        value, asking = whereabouts.stated(turn, turn.text)
        if not asking and not value:
            value = _of_a_moment_ago(turn)
        answers |= {"place": value} if value else asking
    return answers


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
        same = next((item for item in found if item["matter"] in (new["matter"], OTHER)), None)
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
    code = _named(turn, codes) or codes[choice(text, names, _which_matter(turn))]
    item = filed.item(turn, code, turn.answers["said"])
    messages = [*turn.answers.get("messages", []), turn.message.id]
    turn.answer(items=[*turn.answers.get("items", []), item], messages=messages)
    return code


def _named(turn: Turn, codes: list[str]) -> str:
    """The option a new sentence is clearly about: 是楼道的灯."""
    meant = turn.decision.matters if turn.decision.action == "ticket" else ()
    return next((code for code in codes if code in meant), "")


def _parse_place(turn: Turn, text: str) -> dict[str, Any]:
    value = whereabouts.parse(turn, text)
    if not turn.inbound.position and _says_more(turn, text):
        turn.answer(items=_joined(turn.answers.get("items", []), _items(turn)))
    turn.answer(messages=[*turn.answers.get("messages", []), turn.message.id], asked_place=True)
    return value


def _says_more(turn: Turn, text: str) -> bool:
    """紫荆苑3栋，下水道也堵了: a place and another matter."""
    raw = turn.office.catalogue.gazetteer.find(text, whereabouts.home_codes(turn)).raw
    return turn.decision.action == "ticket" and len(bare(text)) - len(bare(raw)) >= MOST_BESIDE_A_PLACE


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
