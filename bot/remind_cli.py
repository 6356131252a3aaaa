"""`flask remind`: reminders of staff, for the groups of workers or for residents. Staff's words are Chinese."""

import json
from datetime import date, datetime
from typing import Any

import click
from flask.cli import with_appcontext
from sqlalchemy.orm import Session

from bot.announcing.text import require_sayable
from bot.at_terminal import refusals, this_office
from bot.recurrence import Recurrence
from bot.recurrence_words import rule_said, rule_words
from bot.reminding import next_times
from models.audience import STANDARD_TAGS, Audience, require_known
from models.audit import record
from models.database import Refused
from models.release import Wording, answerable
from models.reminder import ACTIVE, AUDIENCE, OF_STAFF, PROPOSED, WORKERS, Reminder, add_reminder, staff_reminders, stop

MOST_SHOWN = 50
_STATES = {PROPOSED: "等批准", ACTIVE: "生效"}
_NUMBER = click.argument("number", metavar="ID", type=int)
_AS = click.option(
    "--as", "key", required=True, metavar="KEY", help="Who you are: a key of people.csv, posted as staff."
)
_JSON = click.option("--json", "as_json", is_flag=True, help="JSON on standard output.")


@click.group("remind")
def remind() -> None:
    """Reminders for grid workers or residents, once or again and again; residents set their own in the chat."""


def _of(session: Session, number: int) -> Reminder:
    row = session.get(Reminder, number)
    if not row or row.kind not in OF_STAFF:
        raise Refused(f"没有提醒 {number}。flask remind list 列出所有提醒。")
    return row


def _rule(text: str) -> Recurrence:
    office = this_office()
    said = rule_said(text, office.now(), office.settings.deployment.zone)
    if said is None or said.rest:
        raise Refused(
            "没看懂规则。例如：每月5日 09:00；每周一、三；每个工作日 08:30；每月最后一个工作日；春节前3天；农历九月初九。"
        )
    return said.rule


@remind.command("add")
@click.option("--workers", "kind", flag_value=WORKERS, help="Into the groups of the areas' grids; active at once.")
@click.option("--residents", "kind", flag_value=AUDIENCE, help="As an announcement; a second person approves it once.")
@click.option("--area", "areas", multiple=True, required=True, help="Area code, with everything below it; repeatable.")
@click.option("--tag", "tags", multiple=True, help="Only residents with this tag; workers read how many live where.")
@click.option("--rule", "said", required=True, help="In words: 每月5日 09:00, 每周一、三, 每个工作日, 春节前3天.")
@click.option("--title", default="", help="Of the announcement; at most 40 characters.")
@click.option("--text", required=True, help="What is to be done; at most 200 characters.")
@_AS
@_JSON
@with_appcontext
def add(kind: str | None, areas: tuple[str, ...], tags: tuple[str, ...], said: str, title: str, text: str, key: str,
        as_json: bool) -> None:  # fmt: skip
    """Remind the workers or the residents of areas of something, once or again and again."""
    office, now = this_office(), this_office().now()
    with refusals(), office.database.write() as session:
        if kind is None:
            raise Refused("请写明提醒谁：--workers（网格员）或 --residents（居民）。")
        rule, by_name = _rule(said), {name: tag for tag, name in STANDARD_TAGS.items()}
        audience = Audience(areas=areas, tags=tuple(by_name.get(tag, tag) for tag in tags))
        if kind == AUDIENCE:
            require_sayable(Wording(title, text, audience))
        require_known(session, audience)
        answerable(session, key, areas, _today(now))
        if not (times := next_times(office, rule, now, 1)):
            raise Refused("这个时间已经过了，请换一个。")
        facts = {**audience.facts(), **({"title": title} if kind == AUDIENCE else {})}
        row = add_reminder(
            session, now, kind=kind, text=text, rule=rule.facts(), next_at=times[0], by=key, audience=facts,
            state=PROPOSED if kind == AUDIENCE else ACTIVE,
        )  # fmt: skip
        record(session, now, key, "remind.add", f"reminder:{row.id}")
        number = row.id
    if as_json:
        click.echo(json.dumps({"id": number, "state": row.state, "next_at": times[0].isoformat()}))
        return
    click.echo(f"提醒 {number} 已存：{rule_words(rule)}，下次 {times[0]:%Y-%m-%d %H:%M}。")
    if kind == AUDIENCE:
        click.echo(f"还要另一位同事批准一次：flask remind approve {number} --as 同事的key")
    click.echo(f"看后面几次：flask remind next {number}；停用：flask remind stop {number} --as {key}")


def _today(now: datetime) -> date:
    return now.astimezone(this_office().settings.deployment.zone).date()


@remind.command("approve")
@_NUMBER
@_AS
@with_appcontext
def approve_(number: int, key: str) -> None:
    """Release a reminder for residents as the second person: this text, this audience, this rule, every time."""
    office, now = this_office(), this_office().now()
    with refusals(), office.database.write() as session:
        row = _of(session, number)
        if row.state != PROPOSED:
            raise Refused(f"提醒 {number} 不在等批准。flask remind list 看现在的状态。")
        if key == row.created_by:
            raise Refused("起草人不能批准自己的提醒，请换一位同事来批准。")
        answerable(session, key, row.audience["areas"], _today(now))
        rule = Recurrence.from_facts(row.rule)
        if not (times := next_times(office, rule, now, 1)):
            raise Refused("这个时间已经过了，请停用后另设一个。")
        row.state, row.next_at, row.audience = ACTIVE, times[0], {**row.audience, "approver": key}
        record(session, now, key, "remind.approve", f"reminder:{number}")
        text = f"{rule_words(rule)}《{row.audience['title']}》{row.text}"
    click.echo(f"已批准提醒 {number}：{text}，下次 {times[0]:%Y-%m-%d %H:%M}。")


@remind.command("list")
@_JSON
@with_appcontext
def list_(as_json: bool) -> None:
    """Every reminder of staff that is active or waits for approval."""
    with this_office().database.read() as session:
        rows = [_facts(row) for row in staff_reminders(session)]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        click.echo(
            f"{row['id']}  {row['rule']}  {'、'.join(row['areas'])}  {row['text']}  {_STATES[row['state']]}  下次 {row['next_at'] or '没有'}"
        )
    if not rows:
        click.echo(
            '还没有提醒。例如：flask remind add --workers --area 代码 --rule "每月5日 09:00" --text "走访独居老人" --as KEY'
        )


def _facts(row: Reminder) -> dict[str, Any]:
    zone = this_office().settings.deployment.zone
    upcoming = row.next_at.astimezone(zone).isoformat(timespec="minutes") if row.next_at else None
    areas, tags = row.audience.get("areas", []), row.audience.get("tags", [])
    rule = rule_words(Recurrence.from_facts(row.rule))
    return {"id": row.id, "rule": rule, "text": row.text, "areas": areas, "tags": tags, "kind": row.kind,
            "state": row.state, "next_at": upcoming}  # fmt: skip


@remind.command("next")
@_NUMBER
@click.option("--count", default=5, show_default=True, type=click.IntRange(1, MOST_SHOWN))
@_JSON
@with_appcontext
def next_(number: int, count: int, as_json: bool) -> None:
    """The next times of a reminder, with holidays, make-up days and quiet hours."""
    office = this_office()
    with refusals(), office.database.read() as session:
        row = _of(session, number)
        times: list[datetime] = []
        if row.state in _STATES:
            times = next_times(office, Recurrence.from_facts(row.rule), office.now(), count)
    if as_json:
        click.echo(json.dumps([moment.isoformat(timespec="minutes") for moment in times]))
        return
    for moment in times:
        click.echo(f"{moment:%Y-%m-%d %H:%M} 周{'一二三四五六日'[moment.weekday()]}")
    if not times:
        click.echo("后面没有了。")


@remind.command("stop")
@_NUMBER
@_AS
@with_appcontext
def stop_(number: int, key: str) -> None:
    """End a reminder; what waits of it is not sent."""
    office, now = this_office(), this_office().now()
    with refusals(), office.database.write() as session:
        row = _of(session, number)
        answerable(session, key, row.audience["areas"], _today(now))
        stop(row)
        record(session, now, key, "remind.stop", f"reminder:{number}")
    click.echo(f"提醒 {number} 已停用。")


COMMANDS = (remind,)
