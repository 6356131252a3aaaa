"""请假、销假: when somebody is away; their new tickets go to whoever stands in, or to the others of the grid."""

import re
from datetime import timedelta

from bot.colleagues import called_postings_of, named, rights_of, span_words, title_of, words_said
from bot.command import Command, GroupTurn
from bot.group_talk import Forbidden
from bot.when import Span, span_said
from models import audit
from models.database import Refused
from models.person import Person
from models.roster import (
    LEAVE,
    STAND_IN,
    RosterEntry,
    add_leave,
    add_stand_in,
    arranges,
    call_off,
    coming,
    covering,
    fit_to_stand_in,
)

FORM = "请假 11-28到11-30 看病"
VERBS = ("请假", "休假", "销假", "取消请假")
_STAND_IN = re.compile(
    r"(?:请|由|让|找)?\s*(?P<name>[\u4e00-\u9fff]{2,6}?)\s*(?:替我|帮我|代我|来)?\s*(?:顶班|代班|替班|顶一下)"
)


def _run(turn: GroupTurn, _words: str) -> str:
    before, verb, words = words_said(turn, VERBS)
    return _back(turn, words) if verb in ("销假", "取消请假") else _away(turn, f"{before} {words}".strip())


def _away(turn: GroupTurn, words: str) -> str:
    span = span_said(words, turn.now, turn.office.settings.deployment.zone)
    if not span:
        raise Refused(f"请写从哪天到哪天，例如：{FORM}，或：请假 明天下午")
    person, reason = _whose(turn, span)
    areas = _areas(turn, person)
    stand_in = _stand_in(turn, person, words)
    for area_code in areas:
        add_leave(turn.session, person.key, area_code, span.since, span.until, reason, turn.person.key, turn.now)
        if stand_in:
            add_stand_in(
                turn.session, stand_in.key, person.key, area_code, span.since, span.until, turn.person.key, turn.now
            )
    turn.session.flush()
    subject = f"{person.key} {span.since.isoformat()} {span.until.isoformat()}"
    audit.record(turn.session, turn.now, turn.person.key, "roster.leave", subject)
    if stand_in:
        audit.record(turn.session, turn.now, turn.person.key, "roster.stand_in", f"{stand_in.key} for {subject}")
    head = f"已记下：{title_of(turn, person)} {span_words(turn, span.since, span.until)} 请假"
    return f"{head}{f'，{title_of(turn, stand_in)}顶班' if stand_in else ''}。{_who_covers(turn, person, span)}"


def _whose(turn: GroupTurn, span: Span) -> tuple[Person, str]:
    """Who is away, and the reason: a name right before the day is somebody else, 看病 is a reason. Raises Refused."""
    found = named(turn, span.before)[:1]
    said = " ".join(part for part in ("" if found else span.before, span.behind) if part)
    return (found[0] if found else turn.person), _STAND_IN.sub("", said).strip(" ,，。")[:200]


def _areas(turn: GroupTurn, person: Person) -> list[str | None]:
    """Where they are away: everywhere, or only where the speaker has a say. Raises Refused."""
    postings = called_postings_of(turn, person)
    if person.key == turn.person.key:
        return [None]
    theirs = [posting for posting in postings if arranges(turn.session, turn.postings, posting)]
    if not theirs:
        words = f"不能替{title_of(turn, person)}请假，请本人，或网格长、上级工作人员来说。"
        raise Forbidden(words, f"roster.leave of {person.key}")
    return [None] if len(theirs) == len(postings) else [*sorted({p.area_code for p in theirs if p.area_code})]


def _stand_in(turn: GroupTurn, person: Person, words: str) -> Person | None:
    """请假 明天 小李顶班. Raises Refused when nobody, or the wrong one, is meant."""
    match = _STAND_IN.search(words)
    if not match:
        return None
    found = [one for one in named(turn, match["name"]) if one.key != person.key]
    if not found:
        raise Refused(f"没有找到“{match['name']}”，请写全名。")
    given = called_postings_of(turn, person)
    if not given or not all(fit_to_stand_in(turn.session, rights_of(turn, found[0]), posting) for posting in given):
        raise Refused(f"{title_of(turn, found[0])}不能顶这个班，请换本网格或本社区的同事。")
    return found[0]


def _who_covers(turn: GroupTurn, person: Person, span: Span) -> str:
    """Whether anybody is there then, so that nobody finds out too late."""
    zone = turn.office.settings.deployment.zone
    at_work = turn.office.promises.working.after(span.since, timedelta())
    postings = called_postings_of(turn, person)
    there = [
        covering(turn.session, at_work, zone, area_code=p.area_code, department_code=p.department_code)
        for p in postings
    ]
    if not all(there):
        return "那时没有别的人在岗，请找人顶班，例如：请假 明天 小李顶班；找不到请告诉上级。"
    return f"新工单由{there[0][0].title}接。" if there else ""


def _back(turn: GroupTurn, words: str) -> str:
    """销假: from now on they are there again, and nobody stands in for them."""
    found = named(turn, words)
    person = found[0] if found else turn.person
    areas = _areas(turn, person)
    leave = [e for e in coming(turn.session, turn.now, person_key=person.key, kind=LEAVE) if _theirs(e, areas)]
    if not leave:
        raise Refused(f"{title_of(turn, person)}没有请假。")
    stand_ins = coming(turn.session, turn.now, stands_in_for=person.key, kind=STAND_IN)
    call_off(turn.session, [*leave, *(entry for entry in stand_ins if _theirs(entry, areas))], turn.now)
    audit.record(turn.session, turn.now, turn.person.key, "roster.back", person.key)
    return f"已销假：{title_of(turn, person)}现在起照常值班。"


def _theirs(entry: RosterEntry, areas: list[str | None]) -> bool:
    """An entry this speaker has a say in: all of them, or those of their own areas."""
    return None in areas or entry.area_code in areas


COMMAND = Command(verbs=VERBS, form=FORM, run=_run, about_ticket=False)
