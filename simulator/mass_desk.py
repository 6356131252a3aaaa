"""Mass messages and notices as the platform keeps them: quotas, consents, remembered ids, and results told later (§2.3–2.5)."""

import itertools
import threading
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

from simulator.answers import PlatformError
from simulator.clock import Clock
from simulator.residents import Resident, Residents
from simulator.screen import Item, Screen
from simulator.wechat_callback import WechatCallback

A_MONTH, LEAST, MOST = 4, 2, 10_000
CALLS_A_DAY, CALLS_A_MINUTE = 100, 60
REMEMBERED_SECONDS = 86_400
RESULT_SECONDS = 2.0
ARTICLE = 2
"""PopupScene of an article; a page of the account's own is 1."""
CHINA = timezone(timedelta(hours=8))


@dataclass
class Job:
    """群发任务: one accepted mass message."""

    msg_id: int
    at: float
    status: str
    total: int
    filtered: int = 0
    sent: int = 0
    errors: int = 0
    receivers: list[str] = field(default_factory=list)
    """Those whose phone shows it."""


class MassDesk:
    """群发台: what the platform knows of mass messages, subscription notices and templates; tests read it as a ledger.

    Results are told by `tell_results`: a world on real time does so by itself after two seconds, a test when it likes.
    """

    def __init__(self, clock: Clock, residents: Residents, callback: WechatCallback, account_name: str,
                 *, by_itself: bool) -> None:  # fmt: skip
        self._clock, self._residents, self._callback, self._name = clock, residents, callback, account_name
        self._by_itself = by_itself
        self._ids, self._lock = itertools.count(1_000_000_001), threading.RLock()
        self._calls: deque[float] = deque()
        self._remembered: dict[str, tuple[int, float]] = {}
        self._helper = Resident("mphelper", "mphelper", Screen(lambda _: None))
        self._untold: list[Callable[[], Any]] = []
        self.jobs: dict[int, Job] = {}
        self.used: Counter[tuple[str, str]] = Counter()
        """(openid, month) → mass messages received, whoever sent them."""
        self.consents: dict[tuple[str, str], int] = {}
        """(openid, template) → notices still allowed; -1 for a long-term template."""
        self.verdicts: deque[str] = deque()
        """Status of the next mass messages instead of `send success`: they reach nobody."""

    @property
    def month(self) -> str:
        return f"{datetime.fromtimestamp(self._clock.now(), CHINA):%Y-%m}"

    def known(self, client_id: str) -> Job | None:
        """The job of this clientmsgid, if it is remembered."""
        found = self._remembered.get(client_id) if client_id else None
        return self.jobs[found[0]] if found and self._clock.now() - found[1] < REMEMBERED_SECONDS else None

    def send(
        self, openids: list[str], text: str, client_id: str, article: dict[str, Any] | None = None
    ) -> tuple[Job, bool]:
        """The job, and whether it is new. `article`: what an article shows besides the text. Raises PlatformError."""
        with self._lock:
            now = self._clock.now()
            if len(client_id.encode()) > 32:
                raise PlatformError(45066, "clientmsgid is too long")
            if known := self.known(client_id):
                return known, False
            self._count_call(now)
            if len(openids) < LEAST:
                raise PlatformError(40130, "invalid openid list size, at least two openid")
            if len(openids) > MOST:
                raise PlatformError(40032)
            status = self.verdicts.popleft() if self.verdicts else "send success"
            job = Job(next(self._ids), now, status, len(openids))
            self.jobs[job.msg_id] = job
            if client_id:
                self._remembered[client_id] = (job.msg_id, now)
            if status == "send success":
                self._spread(job, dict.fromkeys(openids), text, article or {})
        self._later(lambda: self._tell_mass(job))
        return job, True

    def _spread(self, job: Job, openids: dict[str, None], text: str, article: dict[str, Any]) -> None:
        for openid in openids:
            resident = self._residents.get(openid)
            if resident is None or not resident.following:
                job.errors += 1
            elif self.used[(openid, self.month)] >= A_MONTH:
                continue  # skipped without any error
            else:
                self.used[(openid, self.month)] += 1
                job.receivers.append(openid)
                self._show(resident, "mass", text, article)
        job.sent = len(job.receivers)
        job.filtered = job.sent + job.errors

    def _count_call(self, now: float) -> None:
        while self._calls and self._calls[0] <= now - 86_400:
            self._calls.popleft()
        if len(self._calls) >= CALLS_A_DAY:
            raise PlatformError(45009)
        if sum(at > now - 60 for at in self._calls) >= CALLS_A_MINUTE:
            raise PlatformError(45011)
        self._calls.append(now)

    def notify(self, openid: str, template: str, data: dict[str, Any]) -> None:
        """A subscription notice. Raises PlatformError."""
        resident, left = self._residents.get(openid), self.consents.get((openid, template), 0)
        if resident is None:
            raise PlatformError(40003)
        text = "\n".join(_values(data))
        if not resident.following or not left:
            raise PlatformError(43101, "user refuse to accept the msg")
        self.consents[(openid, template)] = left - 1 if left > 0 else left
        self._show(resident, "subscribe", text)
        one = {"TemplateId": template, "MsgID": next(self._ids), "ErrorCode": 0, "ErrorStatus": "success"}
        self._later(lambda: self._event(resident, "subscribe_msg_sent_event", SubscribeMsgSentEvent={"List": one}))

    def template(self, openid: str, template: str, data: dict[str, Any]) -> int:
        """A template message; its msgid. Raises PlatformError."""
        resident = self._residents.get(openid)
        if resident is None:
            raise PlatformError(40003)
        if not resident.following:
            raise PlatformError(43004, "require subscribe")
        if not template:
            raise PlatformError(40037, "invalid template_id")
        text, number = "\n".join(_values(data)), next(self._ids)
        self._show(resident, "template", text)
        self._later(lambda: self._event(resident, "TEMPLATESENDJOBFINISH", MsgID=number, Status="success"))
        return number

    def accepts(self, openid: str, template: str, *, lasting: bool = False, scene: int = ARTICLE) -> None:
        """The resident taps 允许."""
        self.consents[(openid, template)] = -1 if lasting else max(self.consents.get((openid, template), 0), 0) + 1
        self._popup(openid, template, "accept", scene)

    def refuses(self, openid: str, template: str, *, scene: int = ARTICLE) -> None:
        self._popup(openid, template, "reject", scene)

    def turns_off(self, openid: str, template: str) -> None:
        """In the settings, later."""
        self.consents.pop((openid, template), None)
        one = {"TemplateId": template, "SubscribeStatusString": "reject"}
        self._event(self._known(openid), "subscribe_msg_change_event", SubscribeMsgChangeEvent={"List": one})

    def fails(self, openid: str, template: str, code: int = 43101) -> None:
        """The result of a notice that was accepted and did not arrive."""
        one = {"TemplateId": template, "MsgID": next(self._ids), "ErrorCode": code, "ErrorStatus": "user refused"}
        self._event(self._known(openid), "subscribe_msg_sent_event", SubscribeMsgSentEvent={"List": one})

    def tell_results(self) -> int:
        """Push every result that is not told yet; how many there were."""
        with self._lock:
            untold, self._untold = self._untold, []
        for tell in untold:
            tell()
        return len(untold)

    def forget_results(self) -> None:
        """They are lost on the way."""
        self._untold.clear()

    def forget(self) -> None:
        """Empty, but for the consents."""
        self._calls.clear()
        self._remembered.clear()
        self._untold.clear()
        self.jobs.clear()
        self.used.clear()
        self.verdicts.clear()

    def _later(self, tell: Callable[[], Any]) -> None:
        with self._lock:
            self._untold.append(tell)
        if self._by_itself:
            timer = threading.Timer(RESULT_SECONDS, self.tell_results)
            timer.daemon = True
            timer.start()

    def _tell_mass(self, job: Job) -> None:
        counts = {"TotalCount": job.total, "FilterCount": job.filtered, "SentCount": job.sent, "ErrorCount": job.errors}
        self._event(self._helper, "MASSSENDJOBFINISH", MsgID=job.msg_id, Status=job.status, **counts)

    def _popup(self, openid: str, template: str, said: str, scene: int) -> None:
        one = {"TemplateId": template, "SubscribeStatusString": said, "PopupScene": scene}
        self._event(self._known(openid), "subscribe_msg_popup_event", SubscribeMsgPopupEvent={"List": one})

    def _event(self, resident: Resident, event: str, **fields: Any) -> None:
        self._callback.push(resident, self._callback.event_fields(resident, event, **fields))

    def _known(self, openid: str) -> Resident:
        resident = self._residents.get(openid)
        assert resident, openid
        return resident

    def _show(self, resident: Resident, kind: str, text: str, details: dict[str, Any] | None = None) -> None:
        item = Item("push", kind, text, self._clock.now(), author_name=self._name, details=details or {})
        resident.screen.show(item)


def _values(data: dict[str, Any]) -> list[str]:
    """Values of a template; the field's name says its type. Raises PlatformError 47003."""
    values = []
    for name, content in data.items():
        value = str(content.get("value", ""))
        longest = {"thing": 20, "phrase": 5}.get(name.rstrip("0123456789"), 32)
        if not value or len(value) > longest:
            raise PlatformError(47003, f"argument invalid! data.{name}.value is empty or too long")
        values.append(value)
    return values
