"""`flask announce`: draft, look, have a colleague approve, plan, follow, withdraw. Staff's words are Chinese, as in the console."""

import json
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import click
from flask.cli import with_appcontext
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.announcing.picture import read_cover
from bot.announcing.preview import begins_words, preview, rules_from, send_to_author, tell_of_approval
from bot.announcing.progress import Progress, progress, unread_by_grid, unread_in
from bot.announcing.text import require_sayable
from bot.announcing.words import (
    preview_facts,
    preview_words,
    progress_facts,
    progress_line,
    progress_words,
    withdrawn_words,
)  # fmt: skip
from bot.at_terminal import refusals, this_office
from models.announcement import ANNOUNCEMENT_STATES, DRAFT, Announcement
from models.audience import STANDARD_TAGS, Audience
from models.audit import record
from models.cover import keep_cover
from models.database import Refused
from models.release import Wording, announcement_for_update, approve, call_again, draft, edit, fingerprint_of, plan
from models.tagging import tag_residents
from models.withdrawal import withdraw

F = TypeVar("F", bound=Callable[..., Any])
LOOK_EVERY_SECONDS = 2.0
_DAY, _MINUTE = "%Y-%m-%d", "%Y-%m-%d %H:%M"
_NUMBER = click.argument("number", metavar="ID", type=int)
_AS = click.option(
    "--as", "key", required=True, metavar="KEY", help="Who you are: a key of people.csv, posted as staff."
)
_JSON = click.option("--json", "as_json", is_flag=True, help="JSON on standard output.")
_WHO = ("areas", "buildings", "tags", "without_areas", "without_buildings", "without_tags")


@click.group("announce")
def announce() -> None:
    """Announcements: a text for exactly the right residents, released by two people."""


def _wording(command: F) -> F:
    """The options that say what an announcement is; `draft` and `edit` share them."""
    options = [
        click.option("--title", help="At most 40 characters."),
        click.option("--body", help="At most 1,200 characters."),
        click.option("--body-file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="The body, UTF-8."),
        click.option("--link", help="https only."),
        click.option("--cover", metavar="FILE", help="A picture, JPG or PNG, at most 1 MB; empty: none."),
        click.option("--until", type=click.DateTime([_DAY, _MINUTE]), help="Not sent later than this (local time; a day: its end)."),
        click.option("--area", "areas", multiple=True, help="Area code, with everything below it; repeatable."),
        click.option("--building", "buildings", multiple=True, help="Building code; repeatable."),
        click.option("--tag", "tags", multiple=True, help="Only residents with one of these tags; repeatable."),
        click.option("--without-area", "without_areas", multiple=True, help="Not the homes in this area."),
        click.option("--without-building", "without_buildings", multiple=True, help="Not the homes in this building."),
        click.option("--without-tag", "without_tags", multiple=True, help="Not the residents with this tag."),
        click.option("--receipt/--no-receipt", default=None, help="Ask residents to answer that they have read it."),
        click.option("--urgent", metavar="REASON", help="The short path: no delay, no quiet hours; still two people."),
    ]  # fmt: skip
    for option in reversed(options):
        command = option(command)
    return command


def _of(session: Session, number: int) -> Announcement:
    if not (row := session.get(Announcement, number)):
        raise Refused(f"没有公告 {number}。flask announce list 列出所有公告。")
    return row


def _local(moment: datetime, *, end_of_day: bool = False) -> datetime:
    """Local words as a moment; a day alone means until its end."""
    if end_of_day and (moment.hour, moment.minute) == (0, 0):
        moment = moment.replace(hour=23, minute=59)
    return moment.replace(tzinfo=this_office().settings.deployment.zone).astimezone(UTC)


def _changed(session: Session, old: Wording, said: dict[str, Any]) -> Wording:
    """The old wording with whatever was said this time; an option that was not given changes nothing."""
    if said["cover"]:
        said["cover"] = keep_cover(session, this_office().now(), *read_cover(said["cover"]))
    if path := said.pop("body_file"):
        said["body"] = path.read_text(encoding="utf-8").strip()
    who = {name: said.pop(name) for name in _WHO}
    until, receipt, urgent = said.pop("until"), said.pop("receipt"), said.pop("urgent")
    new: dict[str, Any] = {name: value for name, value in said.items() if value is not None}
    new |= {"valid_until": _local(until, end_of_day=True)} if until else {}
    new |= {"wants_receipt": receipt} if receipt is not None else {}
    new |= {"urgent_reason": urgent.strip()} if urgent is not None else {}
    audience = replace(old.audience, **{name: _codes(codes) for name, codes in who.items() if codes})
    wording = replace(old, audience=audience, **new)
    require_sayable(wording)
    return wording


def _codes(said: Iterable[str]) -> tuple[str, ...]:
    """Without the empty one, which clears a list; 有汽车 is the tag car."""
    by_name = {name: tag for tag, name in STANDARD_TAGS.items()}
    return tuple(by_name.get(code, code) for code in said if code)


@announce.command("draft")
@_wording
@_AS
@_JSON
@with_appcontext
def draft_(key: str, as_json: bool, **said: Any) -> None:
    """Write a draft; nothing leaves before somebody else approves it."""
    office = this_office()
    with refusals(), office.database.write() as session:
        wording = _changed(session, Wording("", "", Audience()), said)
        row = draft(session, office.now(), rules_from(office.settings), key, wording)
    _tell_draft(row, as_json, f"草稿 {row.id} 已存。")


def _tell_draft(row: Announcement, as_json: bool, done: str) -> None:
    code = fingerprint_of(row)
    if as_json:
        click.echo(json.dumps({"id": row.id, "state": row.state, "fingerprint": code}))
        return
    click.echo(f"{done}先看：flask announce preview {row.id} --send-to-me")
    click.echo(f"再请另一位同事批准：flask announce approve {row.id} --seen {code[:8]} --as 同事的key")


@announce.command("edit")
@_NUMBER
@_wording
@_AS
@_JSON
@with_appcontext
def edit_(number: int, key: str, as_json: bool, **said: Any) -> None:
    """Change words or audience; an empty value clears one. An approval is void; whoever edits is the author from then on."""
    office = this_office()
    with refusals(), office.database.write() as session:
        row = _of(session, number)
        old = Wording(row.title, row.body, Audience.from_facts(row.audience), row.link, row.valid_until,
                      row.wants_receipt, row.urgent_reason, row.cover or "")  # fmt: skip
        row = edit(session, office.now(), rules_from(office.settings), key, number, _changed(session, old, said))
    _tell_draft(row, as_json, f"公告 {number} 已改，要重新批准。")


@announce.command("preview")
@_NUMBER
@click.option("--send-to-me", is_flag=True, help="First send it to the group of the author's area, for a look.")
@_JSON
@with_appcontext
def preview_(number: int, send_to_me: bool, as_json: bool) -> None:
    """How many, by which way, who cannot be reached and why, and what it takes of this month's quota."""
    office = this_office()
    with refusals():
        if send_to_me:
            with office.database.write() as session:
                send_to_author(session, office.settings, announcement_for_update(session, number), office.now())
        with office.database.read() as session:
            found = preview(session, office.settings, _of(session, number), office.now())
    click.echo(json.dumps(preview_facts(found), ensure_ascii=False) if as_json else preview_words(found))


@announce.command("approve")
@_NUMBER
@click.option(
    "--seen", default="", metavar="CODE", help="The code the preview showed: refused if the words changed since."
)
@click.option("--unseen-reason", default="", metavar="TEXT", help="Why, when the author cannot be sent it for a look.")
@_AS
@_JSON
@with_appcontext
def approve_(number: int, seen: str, unseen_reason: str, key: str, as_json: bool) -> None:
    """Release it as the second person, after the author has seen it (preview --send-to-me): recipients are frozen now,
    sending begins after the delay. An urgent one need not be seen first; that is recorded."""
    office, now = this_office(), this_office().now()
    with refusals(), office.database.write() as session:
        rules = rules_from(office.settings, by_hand=True)
        row = approve(session, now, rules, key, number, seen, unseen_reason)
        found = progress(session, row or _of(session, number))
        if row:
            tell_of_approval(session, office.settings, row, found.recipients, now)
        current = row or _of(session, number)
    if as_json:
        facts = {"new": row is not None, "approver": current.approver_key, "fingerprint": current.fingerprint}
        click.echo(json.dumps({**progress_facts(found), **facts, "send_at": _iso(current.send_at)}, ensure_ascii=False))
    elif row is None:
        click.echo(f"公告 {number} 已由 {current.approver_key} 批准过，不会再发第二次。")
    else:
        click.echo(f"已批准：《{row.title}》，{found.recipients} 人，{begins_words(row, office.settings)} 开始发送。")
        click.echo(
            f"之前要撤：flask announce withdraw {number} --as {key}；看进度：flask announce progress {number} --watch"
        )


@announce.command("send")
@_NUMBER
@click.option(
    "--at", type=click.DateTime([_MINUTE]), help="“YYYY-MM-DD HH:MM”, local; without it as soon as the delay is over."
)
@_AS
@_JSON
@with_appcontext
def send_(number: int, at: datetime | None, key: str, as_json: bool) -> None:
    """Say when an approved one goes. Sending itself is done by `flask work`."""
    office = this_office()
    with refusals(), office.database.write() as session:
        row = plan(session, office.now(), rules_from(office.settings), key, number, _local(at) if at else None)
    if as_json:
        click.echo(json.dumps({"id": number, "state": row.state, "send_at": _iso(row.send_at)}))
        return
    click.echo(f"公告 {number} {begins_words(row, office.settings)} 开始发送（由 flask work 执行）。")


@announce.command("withdraw")
@_NUMBER
@_AS
@_JSON
@with_appcontext
def withdraw_(number: int, key: str, as_json: bool) -> None:
    """Stop whatever has not left, and say what has."""
    office = this_office()
    with refusals(), office.database.write() as session:
        new = withdraw(session, office.now(), rules_from(office.settings), key, number)
        found = progress(session, _of(session, number))
    if as_json:
        click.echo(json.dumps({**progress_facts(found), "new": new}, ensure_ascii=False))
        return
    click.echo(f"公告 {number} {'已撤回' if new else '早已撤回'}：{withdrawn_words(found)}")


@announce.command("progress")
@_NUMBER
@click.option("--watch", is_flag=True, help="Stay until it is done.")
@_JSON
@with_appcontext
def progress_(number: int, watch: bool, as_json: bool) -> None:
    """How far it has come: every recipient in exactly one state."""
    with refusals():
        found = _look(number)
        if watch and not as_json:
            found = _watch(number, found)
        while as_json and watch and not found.done:
            click.echo(json.dumps(progress_facts(found), ensure_ascii=False))
            time.sleep(LOOK_EVERY_SECONDS)
            found = _look(number)
    click.echo(json.dumps(progress_facts(found), ensure_ascii=False) if as_json else progress_words(found))


def _look(number: int) -> Progress:
    with this_office().database.read() as session:
        return progress(session, _of(session, number))


def _watch(number: int, found: Progress) -> Progress:
    """A bar that moves until the last one is settled."""
    with click.progressbar(length=max(found.recipients, 1), label=f"公告 {number}", file=sys.stderr) as bar:
        bar.update(found.settled)
        while not found.done and found.state != DRAFT:
            time.sleep(LOOK_EVERY_SECONDS)
            before, found = found.settled, _look(number)
            bar.update(found.settled - before)
    return found


@announce.command("list")
@click.option("--state", type=click.Choice(sorted(ANNOUNCEMENT_STATES)), help="Only these.")
@_JSON
@with_appcontext
def list_(state: str | None, as_json: bool) -> None:
    """The announcements, newest first."""
    query = select(Announcement).order_by(Announcement.id.desc()).limit(200)
    with this_office().database.read() as session:
        for row in session.scalars(query.where(Announcement.state == state) if state else query):
            found = progress(session, row)
            facts = {**progress_facts(found), "title": row.title, "author": row.author_key, "approver": row.approver_key,
                     "send_at": _iso(row.send_at)}  # fmt: skip
            click.echo(json.dumps(facts, ensure_ascii=False) if as_json else progress_line(row, found))


@announce.command("unread")
@_NUMBER
@click.option("--grid", metavar="CODE", help="The buildings of one grid.")
@_JSON
@with_appcontext
def unread(number: int, grid: str | None, as_json: bool) -> None:
    """Who has not read it, by grid; with --grid by building, never by door."""
    with refusals(), this_office().database.read() as session:
        row = _of(session, number)
        if not row.wants_receipt:
            raise Refused(f"公告 {number} 没有要回执，不知道谁没看。")
        grids = unread_by_grid(session, row)
        buildings = unread_in(session, row, grid) if grid else []
    if as_json and grid:
        click.echo(json.dumps([{"building": title, "unread": count} for title, count in buildings], ensure_ascii=False))
    elif as_json:
        click.echo(json.dumps([vars(one) for one in grids], ensure_ascii=False))
    elif grid:
        click.echo("\n".join(f"{title}  {count}人" for title, count in buildings) or "这个网格没有未读的人。")
    else:
        lines = [f"{one.grid_code}  {one.grid}  未读 {one.unread} / {one.recipients}" for one in grids]
        click.echo("\n".join(lines) or "都读了。")


@announce.command("again")
@_NUMBER
@click.option("--until", type=click.DateTime([_DAY, _MINUTE]), help="A new end of validity.")
@_AS
@_JSON
@with_appcontext
def again(number: int, until: datetime | None, key: str, as_json: bool) -> None:
    """Draft a second call to those who have not read it; two people again."""
    office = this_office()
    with refusals(), office.database.write() as session:
        end = _local(until, end_of_day=True) if until else None
        row = call_again(session, office.now(), rules_from(office.settings), key, number, end)
    _tell_draft(row, as_json, f"给未读的人再发一次：草稿 {row.id} 已存。")


@announce.command("tags")
@click.argument("path", metavar="FILE.csv", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_AS
@_JSON
@with_appcontext
def tags(path: Path, key: str, as_json: bool) -> None:
    """Import residents' tags: columns resident (openid, or our id) and tag. All or nothing.

    Only what residents agreed to, or what the office may know by law: a tag is personal data.
    """
    office = this_office()
    with refusals(), office.database.write() as session:
        counts = tag_residents(session, path)
        record(
            session, office.now(), key, "tags.import", " ".join(f"{tag}:{n}" for tag, n in sorted(counts.items()))[:200]
        )
    if as_json:
        click.echo(json.dumps(counts, ensure_ascii=False))
        return
    click.echo("已导入标签：" + "、".join(f"{tag} {n}人" for tag, n in sorted(counts.items())))


def _iso(moment: datetime | None) -> str | None:
    return moment.astimezone(this_office().settings.deployment.zone).isoformat() if moment else None


COMMANDS = (announce,)
