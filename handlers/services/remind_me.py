"""提醒我: a resident's own reminder, once or again and again, by calendar, working days or lunar dates."""

import re
from typing import Any

from bot.message import Reply, Unclear
from bot.recurrence import Recurrence
from bot.recurrence_words import rule_said, rule_words
from bot.reminding import NOT_ALWAYS, next_time
from bot.service import Question, Service
from bot.times import moment_words
from bot.turn import Turn
from models.reminder import RESIDENT, add_reminder, own_reminders

WHEN = "什么时候提醒您？例如：每月5号、每周一三五 19:00、明天下午3点、春节前三天。不设了请回复“取消”。"
WHAT = "到时提醒您什么事？例如：交物业费。"
PAST = "这个时间已经过了。请换一个，例如：明天下午3点。"
_WORD = re.compile(
    r"^(?:请|麻烦|帮忙|记得|到时|你|您)*提醒(?:一下)?我(?:一下|一声)?[，,：:\s]*(?P<rest>.*)$", re.DOTALL
)
_MIDDLE = re.compile(r"^(?P<when>.{2,20}?)[，,\s]*(?:请|记得)?提醒(?:一下)?我(?P<what>.{1,60})$", re.DOTALL)


def _hears(turn: Turn) -> str | None:
    """提醒我 每月5号 交物业费; 每月5号提醒我交物业费, when the words before are a time and nothing else."""
    if found := _WORD.match(turn.text):
        return found["rest"]
    found = _MIDDLE.match(turn.text)
    said = rule_said(found["when"], turn.now, turn.office.settings.deployment.zone) if found else None
    return f"{found['when']} {found['what']}" if found and said and not said.rest else None


def _begin(turn: Turn, rest: str) -> dict[str, Any]:
    """As much as the sentence says already."""
    said = rule_said(rest, turn.now, turn.office.settings.deployment.zone)
    if said is None:
        return {"what": rest.strip()} if rest.strip() else {}
    if next_time(turn.office, said.rule, turn.now) is None:
        return {"what": said.rest} if said.rest else {}
    return {"rule": said.rule.facts(), **({"what": said.rest} if said.rest else {})}


def _when(turn: Turn, text: str) -> dict[str, Any]:
    said = rule_said(text, turn.now, turn.office.settings.deployment.zone)
    if said is None:
        raise Unclear(WHEN)
    if next_time(turn.office, said.rule, turn.now) is None:
        raise Unclear(PAST)
    if said.rest and "what" not in turn.answers:
        turn.answer(what=said.rest)
    return said.rule.facts()


def _what(_turn: Turn, text: str) -> str:
    if not text.strip():
        raise Unclear(WHAT)
    return text.strip()


def _fulfil(turn: Turn) -> Reply:
    rule, zone = Recurrence.from_facts(turn.answers["rule"]), turn.office.settings.deployment.zone
    if (next_at := next_time(turn.office, rule, turn.now)) is None:
        return Reply(PAST)
    row = add_reminder(
        turn.session, turn.now, kind=RESIDENT, text=turn.answers["what"], rule=rule.facts(), next_at=next_at,
        resident_id=turn.resident.id, by="resident",
    )  # fmt: skip
    number = next(number for number, own in own_reminders(turn.session, turn.resident.id).items() if own is row)
    moved = "（夜里不打扰，改在早上）" if next_at.astimezone(zone).time() != rule.at else ""
    return Reply(
        f"记下了，提醒{number}：{rule_words(rule)} {row.text}\n"
        f"{'下次' if rule.recurs else '时间'}：{moment_words(next_at, turn.now, zone)}{moved}\n"
        f"{NOT_ALWAYS}\n不要了请回复“取消提醒 {number}”。"
    )


SERVICE = Service(
    code="remind_me",
    name="",
    words=("提醒我", "设提醒", "设置提醒", "定个提醒"),
    hears=_hears,
    questions=(
        Question("rule", lambda _turn: WHEN, _when),
        Question("what", lambda _turn: WHAT, _what),
    ),
    begin=_begin,
    fulfil=_fulfil,
)
