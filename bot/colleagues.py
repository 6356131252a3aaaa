"""Colleagues 同事: who is meant by 小王, 王芳 or 王网格员, and what is said behind 请假, 顶班, 交班."""

import re
from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import select

from bot.command import GroupTurn
from bot.times import moment_words
from models.area import Area, line_of
from models.database import Refused
from models.person import CALLED, Person, Posting, called_postings, postings_of
from models.roster import duties_of

_KNOWN_AS = (
    r"(?:[小老阿]{surname}(?![\u4e00-\u9fff]?(?:区|院|栋|楼))|{surname}(?:网格员|网格长|主任|师傅|同志|姐|哥|工))"
)


def words_said(turn: GroupTurn, verbs: Iterable[str]) -> tuple[str, str, str]:
    """The words before the verb, the verb, the words behind it, as typed: 11-28 and 28号 are dates here, no numbers."""
    text = " ".join(turn.inbound.text.split())
    found = [(text.find(verb), -len(verb), verb) for verb in verbs if verb in text]
    at, _, verb = min(found, default=(0, 0, ""))
    return text[:at].strip(" ,，:："), verb, text[at + len(verb) :].strip(" ,，:：")


def named(turn: GroupTurn, words: str) -> list[Person]:
    """The colleagues who are named in these words, the first named first. Raises Refused when 小王 may be several."""
    people = colleagues(turn)
    found: dict[int, list[Person]] = {}
    rest = words
    for person in people:
        if len(person.name) > 1 and person.name in words:
            found.setdefault(words.find(person.name), []).append(person)
            rest = rest.replace(person.name, "　" * len(person.name))
    for person in people:
        if (at := _known_as(person, rest)) >= 0:
            found.setdefault(at, []).append(person)
    return [_only_one(turn, found[at]) for at in sorted(found)]


def _only_one(turn: GroupTurn, people: list[Person]) -> Person:
    """Whoever is nearest: 小王 is the one of the speaker's own grid, then one below it, then one beside. Raises Refused."""
    own = {posting.area_code or posting.department_code or "" for posting in turn.postings}
    below = set(turn.session.scalars(select(Area.code).where(Area.parent_code.in_(own))))
    above = {area.code for code in own for area in line_of(turn.session, code)[1:]}
    places = {person.key: {p.area_code or p.department_code or "" for p in person.postings} for person in people}
    near = ([person for person in people if places[person.key] & codes] for codes in (own, below))
    beside = [person for person in people if places[person.key] - above]
    meant = next((found for found in (*near, beside) if found), people)
    if len(meant) > 1:
        raise Refused(f"有不止一位符合：{'、'.join(title_of(turn, person) for person in meant)}。请写全名。")
    return meant[0]


def _known_as(person: Person, words: str) -> int:
    """Where 小王, 王网格员 or the given name alone stands; -1 when nowhere."""
    surname, given = person.surname, person.name[len(person.surname) :]
    if surname and (match := re.search(_KNOWN_AS.format(surname=re.escape(surname)), words)):
        return match.start()
    return words.find(given) if len(given) > 1 else -1


def colleagues(turn: GroupTurn) -> list[Person]:
    """Everybody with a duty that is called on the speaker's lines, beside them and below them, or in their department."""
    areas: set[str] = set()
    for posting in turn.postings:
        areas |= _near(turn, posting.area_code)
    departments = {posting.department_code for posting in turn.postings if posting.department_code}
    found = called_postings(turn.session, local_day(turn), areas, departments)
    return list({posting.person_key: posting.person for posting in found}.values())


def _near(turn: GroupTurn, area_code: str | None) -> set[str]:
    """The area, its neighbours of the same parent, the line above, and what is right below."""
    line = line_of(turn.session, area_code)
    if not line:
        return set()
    parents = [line[0].code, *([line[0].parent_code] if line[0].parent_code else [])]
    below = turn.session.scalars(select(Area.code).where(Area.parent_code.in_(parents)))
    return {area.code for area in line} | set(below)


def local_day(turn: GroupTurn) -> date:
    return turn.now.astimezone(turn.office.settings.deployment.zone).date()


def called_postings_of(turn: GroupTurn, person: Person) -> list[Posting]:
    """What somebody may be missed at: their own postings with a duty that is called."""
    return [p for p in postings_of(turn.session, person.key, local_day(turn)) if p.duty in CALLED]


def rights_of(turn: GroupTurn, person: Person) -> list[Posting]:
    """Everything somebody may do now, standing in included."""
    return duties_of(turn.session, person.key, turn.now, turn.office.settings.deployment.zone)


def title_of(turn: GroupTurn, person: Person) -> str:
    """陈网格员; a group never reads a full name."""
    postings = called_postings_of(turn, person)
    return postings[0].title if postings else f"{person.surname}同志"


def span_words(turn: GroupTurn, since: datetime, until: datetime) -> str:
    """今天 14:00 到 明天 12:00; whole days without the hours."""
    zone = turn.office.settings.deployment.zone
    first, last = since.astimezone(zone), until.astimezone(zone)
    whole = f"{last:%H:%M}" == "00:00" and (f"{first:%H:%M}" == "00:00" or since == turn.now)
    if not whole:
        return f"{moment_words(since, turn.now, zone)} 到 {moment_words(until, turn.now, zone)}"
    days = [f"{day.month}月{day.day}日" for day in (first, datetime.fromtimestamp(until.timestamp() - 1, zone))]
    return days[0] if days[0] == days[1] else f"{days[0]}到{days[1]}"
