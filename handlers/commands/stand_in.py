"""顶班: somebody does a colleague's duty for a while, with everything that duty may do."""

import re

from bot.colleagues import called_postings_of, named, rights_of, span_words, title_of, words_said
from bot.command import Command, GroupTurn
from bot.group_talk import Forbidden
from bot.when import span_said, without_days
from models import audit
from models.database import Refused
from models.person import Person, Posting
from models.roster import STAND_IN, add_stand_in, arranges, call_off, coming, fit_to_stand_in, may_stand_in_unasked

FORM = "顶班 小王 明天"
VERBS = ("顶班", "替班", "代班", "取消顶班")
_I_FOR = re.compile(r"^我?(?:来|去)?(?:替|帮|给|代)")


def _run(turn: GroupTurn, _words: str) -> str:
    before, verb, behind = words_said(turn, VERBS)
    stands_in, away = _who_for_whom(turn, before, behind)
    if verb == "取消顶班":
        return _call_off(turn, stands_in, away)
    span = span_said(behind, turn.now, turn.office.settings.deployment.zone)
    span = span or span_said(before, turn.now, turn.office.settings.deployment.zone)
    if not span:
        said = without_days(turn.inbound.text) != " ".join(turn.inbound.text.split())
        wrong = "没有这样的日子、先后反了，或者已经过去。" if said else ""
        raise Refused(f"{wrong}请写哪一天，例如：{FORM}，或：顶班 小王 11-28到11-30")
    for area_code in _where(turn, stands_in, away):
        add_stand_in(
            turn.session, stands_in.key, away.key, area_code, span.since, span.until, turn.person.key, turn.now
        )
    subject = f"{stands_in.key} for {away.key} {span.since.isoformat()} {span.until.isoformat()}"
    audit.record(turn.session, turn.now, turn.person.key, "roster.stand_in", subject)
    when = span_words(turn, span.since, span.until)
    return f"已记下：{title_of(turn, stands_in)} {when} 替{title_of(turn, away)}值班，可以接单、回复、办结。"


def _who_for_whom(turn: GroupTurn, before: str, behind: str) -> tuple[Person, Person]:
    """顶班 小王: I for 小王. 小李 顶班: 小李 for me. 小李替小王顶班: as it says. Raises Refused."""
    first, second = named(turn, before), named(turn, behind)
    found = [*first, *second]
    if not found:
        raise Refused(f"没有找到同事的名字。请这样写：{FORM}，或：小李 顶班 明天")
    mine = not first or bool(_I_FOR.match(before))
    if len(found) > 2 or (mine and len(found) > 1):
        raise Refused(f"请写清楚谁替谁，例如：{FORM}，或：小李替小王顶班 明天")
    stands_in, away = (turn.person, found[0]) if mine else (found[0], found[1] if len(found) == 2 else turn.person)
    if stands_in.key == away.key:
        raise Refused("自己不能顶自己的班。")
    return stands_in, away


def _where(turn: GroupTurn, stands_in: Person, away: Person) -> list[str | None]:
    """The areas it is for; None for everything they are posted to. Raises Refused."""
    postings = called_postings_of(turn, away)
    if not postings:
        raise Refused(f"{title_of(turn, away)}现在没有要顶的班。")
    rights = rights_of(turn, stands_in)
    fit = [posting for posting in postings if fit_to_stand_in(turn.session, rights, posting)]
    if not fit:
        raise Refused(f"{title_of(turn, stands_in)}不能顶这个班，请换本网格或本社区的同事。")
    said = [posting for posting in fit if _has_a_say(turn, stands_in, away, posting)]
    if not said:
        words = f"要{title_of(turn, away)}本人，或网格长、上级工作人员来说。"
        raise Forbidden(words, f"roster.stand_in {stands_in.key} for {away.key}")
    return [None] if len(said) == len(postings) else [*sorted({p.area_code for p in said if p.area_code})]


def _has_a_say(turn: GroupTurn, stands_in: Person, away: Person, posting: Posting) -> bool:
    """Whose duty it is, whoever arranges the roster there, and a peer of the same grid for themselves."""
    if turn.person.key == away.key or arranges(turn.session, turn.postings, posting):
        return True
    return turn.person.key == stands_in.key and may_stand_in_unasked(turn.postings, posting)


def _call_off(turn: GroupTurn, stands_in: Person, away: Person) -> str:
    """取消顶班: by either of the two, or by whoever arranges the roster."""
    entries = coming(turn.session, turn.now, person_key=stands_in.key, stands_in_for=away.key, kind=STAND_IN)
    concerned = turn.person.key in (stands_in.key, away.key)
    if not concerned and not any(arranges(turn.session, turn.postings, p) for p in called_postings_of(turn, away)):
        raise Forbidden(f"要{title_of(turn, away)}本人，或网格长、上级工作人员来说。", f"roster.stand_in of {away.key}")
    if not call_off(turn.session, entries, turn.now):
        raise Refused(f"没有{title_of(turn, stands_in)}替{title_of(turn, away)}顶班的安排。")
    audit.record(turn.session, turn.now, turn.person.key, "roster.stand_in_off", f"{stands_in.key} for {away.key}")
    return f"已取消：{title_of(turn, stands_in)}不再替{title_of(turn, away)}值班。"


COMMAND = Command(verbs=VERBS, form=FORM, run=_run, about_ticket=False, loose=True)
