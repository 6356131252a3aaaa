"""Announcements by real processes that are killed: the platforms' ledger shows nobody twice, and nobody is unaccounted for."""

import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from blackbox.conftest import Deploy
from blackbox.little_street import building, grid, key
from blackbox.platform_ledger import Answer, Call, Ledger
from blackbox.running import BOTH, LONG, ONE_OF_BOTH, Product, Web, measured, until
from blackbox.talking import Resident, account_envelope, post
from sqlalchemy import func, insert, select, update

from bot.ladder.choose import MASS_A_MONTH
from models.announcement import SENT, WITHDRAWN, Announcement, Consent, MassChunk, MassUse, Recipient
from models.audience import Audience
from models.database import Database
from models.person import Person, Posting
from models.release import ReleaseRules, Wording, approve, draft
from models.resident import Home
from models.resident import Resident as Row

ZONE = ZoneInfo("Asia/Shanghai")
RULES = ReleaseRules(ZONE, delay=timedelta(0), daily_cap=99)
TEMPLATE = "TEMPLATE-NOTICE"
BY_DAY_AND_NIGHT = {
    "QUIET_HOURS__START": "00:00", "QUIET_HOURS__END": "00:00", "ANNOUNCEMENTS__SUBSCRIBE_TEMPLATE": TEMPLATE,
}  # fmt: skip
TALKS, NOTICED, FULL = 10, 10, 100
"""Every tenth has an open window, every tenth of the others a consent, every hundredth has had four this month."""
LETTERS = ("custom/send", "subscribe/bizsend", "mass/send")
SEEDS = random.SystemRandom()


class Masses:
    """群发平台: quotas, remembered ids and results as the platform has them; the script of a ledger."""

    def __init__(self, platform: Ledger, pause: float = 0.0) -> None:
        self.pause, self._lock = pause, threading.Lock()
        self.jobs: dict[str, int] = {}
        self.got: Counter[str] = Counter()
        """openid → mass messages on that phone."""
        self.reported: set[int] = set()
        self.counts: dict[int, tuple[int, int]] = {}
        platform.script = self.answer

    def answer(self, call: Call) -> Answer | None:
        if not call.path.endswith("mass/send"):
            return Answer(before=self.pause / 10, after=self.pause / 10) if call.path.endswith(LETTERS) else None
        with self._lock:
            client_id, openids = str(call.body["clientmsgid"]), call.body["touser"]
            assert isinstance(openids, list) and 2 <= len(openids) <= 10_000 and len(client_id) <= 32
            if client_id in self.jobs:
                again = {"errcode": 45065, "errmsg": "clientmsgid exist", "msg_id": self.jobs[client_id]}
                return Answer(again, accepted=False, after=self.pause)
            number = self.jobs[client_id] = 1_000_000_001 + len(self.jobs)
            new = [openid for openid in openids if self.got[openid] < MASS_A_MONTH]
            self.got.update(new)
            self.counts[number] = (len(openids), len(new))
        return Answer({"errcode": 0, "errmsg": "ok", "msg_id": number}, before=self.pause, after=self.pause)

    def report(self, web: Web) -> None:
        """The finish events that are not told yet."""
        helper = Resident("mphelper")
        for number in set(self.counts) - self.reported:
            total, reached = self.counts[number]
            counts = {"TotalCount": total, "FilterCount": reached, "SentCount": reached, "ErrorCount": 0}
            fields = {"Event": "MASSSENDJOBFINISH", "MsgID": number, "Status": "send success", **counts}
            xml = helper.xml("event", {name: str(value) for name, value in fields.items()})
            if post(web, account_envelope(xml), helper).status == 200:
                self.reported.add(number)


@contextmanager
def opened(product: Product) -> Iterator[Database]:
    database = Database(product.database)
    yield database
    database.close()


def settle(product: Product, number: int) -> list[str]:
    """So many followers in the six grids, each reachable in their own way; returns their openids."""
    now = datetime.now(UTC)
    openids = [f"oBlackbox{n:019d}" for n in range(number)]
    rows = [
        {"openid": openid, "created_at": now, "followed": True, "bulletins": True, "privacy_notice": "1", "moment_left": 0,
         "message_left": 5 if n % TALKS == 0 else 0, "message_until": now + timedelta(hours=40)}
        for n, openid in enumerate(openids)
    ]  # fmt: skip
    with opened(product) as database, database.write() as session:
        session.execute(insert(Row), rows)
        ids = list(session.scalars(select(Row.id).where(Row.openid.like("oBlackbox%")).order_by(Row.id)))
        homes = [{"resident_id": one, "building_code": building(n % 6 + 1), "unit": "", "room": "", "created_at": now}
                 for n, one in enumerate(ids)]  # fmt: skip
        session.execute(insert(Home), homes)
        consents = [{"resident_id": one, "template_id": TEMPLATE, "remaining": 1, "lasting": False, "changed_at": now}
                    for n, one in enumerate(ids) if n % NOTICED == 1]  # fmt: skip
        session.execute(insert(Consent), consents)
        month = f"{now.astimezone(ZONE):%Y-%m}"
        full = [{"resident_id": one, "month": month, "used": 4} for n, one in enumerate(ids) if n % FULL == 2]
        session.execute(insert(MassUse), full)
        session.add(Person(key="p-second", name="公孙长庚", wecom_userid="second", userid_folded="second"))
        session.flush()
        session.add(Posting(person_key="p-second", area_code=grid(1)[:9] + "000", duty="staff", strand=""))
    return openids


def announced(product: Product, title: str = "停水通知", *, approval: bool = True) -> int:
    now = datetime.now(UTC)
    with opened(product) as database, database.write() as session:
        audience = Audience(areas=tuple(grid(n) for n in range(1, 7)))
        row = draft(session, now, RULES, "p-street", Wording(title, "明天上午停水，请提前存水。", audience))
        if approval:
            assert approve(session, now, RULES, "p-second", row.id)
        return row.id


def state_of(product: Product, announcement: int) -> str:
    with opened(product) as database, database.read() as session:
        return session.get_one(Announcement, announcement).state


def account(product: Product, announcement: int) -> dict[str, str]:
    """openid → state."""
    with opened(product) as database, database.read() as session:
        query = select(Row.openid, Recipient.state).join(Recipient, Recipient.resident_id == Row.id)
        rows = session.execute(query.where(Recipient.announcement_id == announcement))
        return {openid: state for openid, state in rows}


def phones(platform: Ledger, masses: Masses) -> Counter[str]:
    """How many messages each phone shows, whichever way they came; a request cut off by a kill is no message."""
    got = Counter(masses.got)
    for part in LETTERS[:2]:
        whole = (call for call in platform.delivered(part) if call.raw.endswith(b"}"))
        got.update(str(call.body["touser"]) for call in whole)
    return got


def work_until_sent(product: Product, web: Web, masses: Masses, announcement: int, seconds: float) -> None:
    def through() -> bool:
        masses.report(web)
        return state_of(product, announcement) == SENT

    until(through, seconds, "the account is closed")


def killed(product: Product, platform: Ledger, web: Web, masses: Masses, number: int, kills: int,
           seconds: float) -> None:  # fmt: skip
    """Workers die in the middle, `kills` times; another one finishes; then the books are compared."""
    openids, seed = settle(product, number), SEEDS.randrange(10**6)
    dice = random.Random(seed)
    announcement = announced(product)
    for _ in range(kills):
        seen, worker = len(platform.of("/message/")), product.work()
        until(lambda seen=seen: len(platform.of("/message/")) > seen, 30, "the worker sends")
        time.sleep(dice.uniform(0, 1.5))
        masses.report(web)
        worker.kill()
    masses.pause = 0
    started = time.monotonic()
    product.work()
    work_until_sent(product, web, masses, announcement, seconds)
    books, got = account(product, announcement), phones(platform, masses)
    counts = Counter(books.values())
    measured(
        f"seed {seed}: {number} recipients, {kills} kills, {counts}, {time.monotonic() - started:.1f} s after the last"
    )
    assert set(books) == set(openids) and sum(counts.values()) == number, seed
    assert set(counts) <= {"sent", "task", "unknown"}, (seed, counts)
    assert max(got.values()) == 1, (seed, [openid for openid, times in got.items() if times > 1][:5])
    assert all(got[openid] == 1 for openid in openids if books[openid] == "sent"), seed
    assert all(got[openid] == 0 for openid in openids if books[openid] == "task"), seed
    assert counts["task"] == len([n for n in range(number) if n % FULL == 2 and n % TALKS and n % NOTICED != 1]), seed
    assert counts["unknown"] <= 16 * kills, (seed, counts)
    until(lambda: any("转发" in call.text for call in platform.delivered(key=key(grid(3)))), 20, "the grid is asked")


@pytest.mark.parametrize("kind", ONE_OF_BOTH)
def test_workers_are_killed_in_the_middle_of_an_announcement(kind: str, deploy: Deploy, platform: Ledger) -> None:
    product, masses = deploy(kind, **BY_DAY_AND_NIGHT), Masses(platform, pause=0.4)
    killed(product, platform, product.web(), masses, 500, 3, 90)


@pytest.mark.skipif(not LONG, reason="BLACKBOX_LONG=1 runs it")
@pytest.mark.parametrize("kind", BOTH)
def test_workers_are_killed_in_the_middle_of_ten_thousand(kind: str, deploy: Deploy, platform: Ledger) -> None:
    product, masses = deploy(kind, **BY_DAY_AND_NIGHT), Masses(platform, pause=0.4)
    killed(product, platform, product.web(), masses, 10_000, 10, 300)


def test_nothing_leaves_that_is_withdrawn_or_not_approved(deploy: Deploy, platform: Ledger) -> None:
    product, masses = deploy(**BY_DAY_AND_NIGHT), Masses(platform)
    settle(product, 30)
    web, bare, gone = product.web(), announced(product, "没批准", approval=False), announced(product, "撤回的")
    with opened(product) as database, database.write() as session:
        session.execute(update(Announcement).where(Announcement.id == gone).values(state=WITHDRAWN))
    fine = announced(product, "好的")

    product.work()
    work_until_sent(product, web, masses, fine, 60)

    texts = [call.text + str(call.body) for part in (*LETTERS, "webhook/send") for call in platform.of(part)]
    assert texts and not any("没批准" in text or "撤回的" in text for text in texts)
    assert account(product, bare) == {}
    until(lambda: set(account(product, gone).values()) == {"skipped"}, 20, "the withdrawn one is closed")


def test_six_announcements_in_a_month_are_four_mass_messages(deploy: Deploy, platform: Ledger) -> None:
    product, masses = deploy(**BY_DAY_AND_NIGHT), Masses(platform)
    settle(product, 60)
    web = product.web()
    several = [announced(product, f"第{n}条") for n in range(1, 7)]

    product.work()
    for announcement in several:
        work_until_sent(product, web, masses, announcement, 60)

    assert max(masses.got.values()) == MASS_A_MONTH
    with opened(product) as database, database.read() as session:
        assert session.scalar(select(func.max(MassUse.used))) == MASS_A_MONTH
        reached = session.scalar(select(func.count(Recipient.id)).where(Recipient.channel == "mass"))
        assert reached == sum(masses.got.values()), "every mass message is in the account, and no other"
        assert set(session.scalars(select(MassChunk.state))) <= {"sent", "failed"}, "failed: nobody had room left"
