"""Doctor 体检: what an operator must still do, each finding with its remedy. Changes nothing."""

import ipaddress
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy import exists, func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot.jsapi_ticket import JsapiTicket
from bot.message import DeliveryFailed
from bot.office import Office
from bot.official_account_api import OfficialAccountApi
from bot.subscribing import page_of
from models.area import Area, Building, Group
from models.knowledge import KnowledgeEntry
from models.lease import Lease
from models.message import Message
from models.outbox import counts_by_state
from models.person import HANDLER_DUTIES, Posting
from models.schema import is_current
from models.working_time import CalendarDay


@dataclass(frozen=True)
class Finding:
    """体检结果: one thing looked at; `remedy` says what to do when it is not well."""

    name: str
    well: bool
    text: str
    remedy: str = ""


def examine(office: Office, account: OfficialAccountApi) -> Iterator[Finding]:
    """All findings, the ground first; the rest is not looked at while the ground is missing."""
    ground = list(_ground(office))
    yield from ground
    if all(finding.well for finding in ground):
        with office.database.read() as session:
            for look in _LOOKS:
                yield from look(office, session)
    yield from _platforms(office, account)


def _ground(office: Office) -> Iterator[Finding]:
    url = office.database.engine.url.render_as_string(hide_password=True)
    try:
        current = is_current(office.database)
    except SQLAlchemyError as error:
        yield Finding(
            "database", False, f"{url} does not answer ({type(error).__name__})", "Start it, or mend [database] url."
        )
        return
    yield Finding("database", True, url)
    yield Finding("schema", current, "current" if current else "not current", "Run: flask init")


def _imported(office: Office, session: Session) -> Iterator[Finding]:
    for table, name in ((Area, "areas"), (Building, "buildings"), (Group, "groups")):
        number = session.scalar(select(func.count()).select_from(table)) or 0
        yield Finding(name, number > 0, f"{number}", f"Run: flask import FOLDER (with {name}.csv)")
    silent = session.scalars(select(Group.name).where(Group.webhook_key == "").limit(5)).all()
    text = f"without a webhook key: {', '.join(silent)}" if silent else "every group can be pushed to"
    yield Finding(
        "webhooks",
        not silent,
        text,
        "Add webhook_key in groups.csv and import again; until then the group above gets the cards.",
    )
    closed = session.scalars(select(Group.name).where(Group.closed_reason != "").limit(5)).all()
    text = f"refused by the platform: {', '.join(closed)}" if closed else "none is closed"
    yield Finding("closed webhooks", not closed, text, "Add the group robot again and import its new key.")


def _vacancies(office: Office, session: Session) -> Iterator[Finding]:
    today = office.now().astimezone(office.settings.deployment.zone).date()
    held = exists().where(
        Posting.area_code == Area.code,
        Posting.duty.in_(HANDLER_DUTIES),
        Posting.from_day.is_(None) | (Posting.from_day <= today),
        Posting.to_day.is_(None) | (Posting.to_day > today),
    )
    vacant = session.scalars(select(Area.name).where(Area.level == "grid", ~held).limit(10)).all()
    text = f"nobody is posted to: {', '.join(vacant)}" if vacant else "every grid has somebody"
    yield Finding(
        "postings", not vacant, text, "Post somebody in postings.csv; until then the community gets the cards too."
    )


def _calendar(office: Office, session: Session) -> Iterator[Finding]:
    year = office.now().astimezone(office.settings.deployment.zone).year
    for wanted in (year, year + 1) if office.now().month >= 11 else (year,):
        first, last = datetime(wanted, 1, 1).date(), datetime(wanted, 12, 31).date()
        there = session.scalar(
            select(func.count()).where(CalendarDay.day.between(first, last), CalendarDay.kind == "workday")
        )
        text = "make-up days are there" if there else f"{wanted}年调休安排未确认 (no make-up days in calendar.csv)"
        yield Finding(f"calendar {wanted}", bool(there), text, "Import calendar.csv once the yearly notice is out.")


def _work(office: Office, session: Session) -> Iterator[Finding]:
    leader = session.scalar(select(Lease.until).where(Lease.name == "leader"))
    alive = bool(leader and leader > office.now())
    yield Finding(
        "work", alive, "running" if alive else "no worker keeps the clock", "Run: flask work (or flask serve)"
    )
    states = counts_by_state(session)
    lost = states.get("failed", 0) + states.get("unknown", 0)
    yield Finding(
        "outbox",
        not lost,
        f"{states or 'empty'}",
        "Look at: flask export outbox (state failed or unknown, and its reason)",
    )
    odd = session.scalar(select(func.count()).where(Message.decision == "quarantined")) or 0
    yield Finding(
        "quarantine",
        not odd,
        f"{odd} messages could not be read",
        "Look at: flask export messages (decision quarantined)",
    )


def _examples(office: Office, session: Session) -> Iterator[Finding]:
    """The shipped answers tell of a street that does not exist; only the demo may use them."""
    if _on_this_machine(office.settings.official_account.api_base_url):
        return
    number = session.scalar(select(func.count()).where(KnowledgeEntry.example.is_(True))) or 0
    yield Finding(
        "knowledge",
        not number,
        f"{number} answers are examples of a fictional street" if number else "no examples among the answers",
        "Write your own and run: flask knowledge import FILE.csv --replace-examples",
    )


def _on_this_machine(url: str) -> bool:
    """The platform is the simulator's."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


_LOOKS: tuple[Callable[[Office, Session], Iterator[Finding]], ...] = (
    _imported,
    _vacancies,
    _calendar,
    _work,
    _examples,
)


def _platforms(office: Office, account: OfficialAccountApi) -> Iterator[Finding]:
    settings = office.settings
    url = settings.deployment.public_url
    yield Finding(
        "public_url",
        url.startswith("https://"),
        url or "empty",
        "Set [deployment] public_url to the https address the platforms call.",
    )
    official = settings.official_account
    ready = bool(official.app_id and official.app_secret.get_secret_value() and official.token.get_secret_value())
    yield Finding(
        "official_account",
        ready,
        "filled in" if ready else "incomplete",
        "Fill [official_account] from 开发 → 基本配置.",
    )
    if ready:
        yield _token(account)
    if settings.announcements.subscribe_template:
        yield _subscribe_page(office)
    bot = bool(settings.group_bot.token.get_secret_value() and settings.group_bot.aes_key.get_secret_value())
    yield Finding(
        "group_bot", bot, "filled in" if bot else "incomplete", "Fill [group_bot] from the AI bot's callback page."
    )


def _subscribe_page(office: Office) -> Finding:
    """Residents allow notices on a page of ours; what the platform must know of it, no call can tell."""
    name, page = "subscribe page", page_of(office.settings)
    if not page:
        remedy = "Set [deployment] public_url and [official_account] app_id and app_secret."
        return Finding(name, False, "a template is set, but nobody can be asked", remedy)
    try:
        JsapiTicket(office.settings, office.database, office.now).page_config(page)
    except DeliveryFailed as failure:
        return Finding(name, False, f"no ticket for it: {failure}", _REMEDIES.get(failure.code, "Look at the above."))
    return Finding(name, True, f"{page}; its host must stand in 公众号设置 → 功能设置 → JS接口安全域名")


_ALLOW = "Add this machine's address (in the message) to the IP allow-list of the account."
_REMEDIES: dict[int | str, str] = {
    40164: _ALLOW,
    61004: _ALLOW,
    40013: "[official_account] app_id is wrong.",
    40125: "[official_account] app_secret is wrong.",
}


def _token(account: OfficialAccountApi) -> Finding:
    """One harmless call shows secret, IP allow-list and reachability together."""
    try:
        account.reachable()
    except DeliveryFailed as failure:
        remedy = _REMEDIES.get(failure.code, "Check the network and [official_account] api_base_url.")
        return Finding("access token", False, f"{failure.code} {failure}", remedy)
    return Finding("access token", True, "the platform gave one")
