"""One HTTP call to a platform: bounded in time and size, no detours, and never a secret in what it says.

`requests` is kept behind this file. Its timeouts bound a single read, not a call (reliability.md finding 3), and its
errors quote the URL with the token in it (finding 4); so the call runs in a thread that is given up at the deadline,
and its errors are replaced by our own words before anybody sees them.
"""

import json
import logging
import queue
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.cookiejar import DefaultCookiePolicy

import requests
from requests.adapters import HTTPAdapter
from requests.exceptions import InvalidSchema, InvalidURL, MissingSchema
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NameResolutionError, NewConnectionError

from bot.breaker import Breaker
from bot.message import DeliveryFailed

ANSWER_BYTES = 1_048_576
_CONNECT_SECONDS = 3.0
_AT_ONCE = 64
_PIECE = 16_384
_NOT_CONNECTED = (NewConnectionError, ConnectTimeoutError, NameResolutionError, ssl.SSLCertVerificationError)

# These write the full URL, with token or key, to the log at DEBUG and (bad headers) at WARNING.
for _name in ("urllib3.connectionpool", "urllib3.connection", "urllib3.util.retry"):
    logging.getLogger(_name).addFilter(lambda record: False)


@dataclass(frozen=True, slots=True)
class Upload:
    """上传: one file, as the platforms' multipart field `media`."""

    name: str
    kind: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Call:
    """请求: a GET, or a POST when there is `content` or an `upload`; `path` is ours, secrets go into `query`."""

    path: str
    query: Mapping[str, str] = field(repr=False)
    content: Mapping[str, object] | None = field(default=None, repr=False)
    most_bytes: int = ANSWER_BYTES
    upload: Upload | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """应答: any HTTP status, and a body no larger than was allowed."""

    status: int
    body: bytes


class PlatformClient:
    """平台: one base URL, one pool of connections, one circuit breaker. Safe to share between threads."""

    def __init__(
        self,
        base_url: str,
        session: requests.Session | None = None,
        clock: Callable[[], float] = time.monotonic,
        *,
        first_pause: float = 30,
        longest_pause: float = 300,
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._session = session or _session()
        self._clock = clock
        self._breaker = Breaker(clock, first_pause=first_pause, longest_pause=longest_pause)
        self._places = threading.BoundedSemaphore(_AT_ONCE)

    def deadline(self, seconds: float) -> float:
        return self._clock() + seconds

    def call(self, call: Call, deadline: float, failure_of: Callable[[Answer], DeliveryFailed | None]) -> Answer:
        """The answer, unless `failure_of` finds it wanting. Raises DeliveryFailed, at the latest at the deadline."""
        self._breaker.enter()
        healthy = False
        try:
            outcome = self._bounded(call, deadline)
            failure = outcome if isinstance(outcome, DeliveryFailed) else failure_of(outcome)
            healthy = failure is None or not _sick(failure)
        finally:
            self._breaker.leave(healthy)
        if failure is not None:
            raise failure
        assert isinstance(outcome, Answer)
        return outcome

    def _bounded(self, call: Call, deadline: float) -> Answer | DeliveryFailed:
        # A thread, because name resolution and dripped headers know no timeout. One that hangs is left behind: it
        # ends with its connection, and the places bound how many there can ever be.
        left = deadline - self._clock()
        if left <= 0:
            return DeliveryFailed("no time left to call the platform", code="deadline")
        if not self._places.acquire(blocking=False):
            return DeliveryFailed("too many calls under way", code="busy")
        outcomes: queue.SimpleQueue[Answer | DeliveryFailed] = queue.SimpleQueue()

        def work() -> None:
            try:
                outcomes.put(self._exchange(call, deadline))
            finally:
                self._places.release()

        threading.Thread(target=work, daemon=True, name="platform-call").start()
        try:
            return outcomes.get(timeout=left)
        except queue.Empty:
            return DeliveryFailed("no full answer in time", code="deadline", unknown=True)

    def _exchange(self, call: Call, deadline: float) -> Answer | DeliveryFailed:
        left = max(deadline - self._clock(), 0.001)
        headers, file = {"Accept-Encoding": "identity"}, call.upload
        if not file:
            headers["Content-Type"] = "application/json"
        try:
            with self._session.request(
                "GET" if call.content is None and not file else "POST",
                self._base_url + call.path,
                params=call.query,
                # The platform shows \uXXXX escapes literally in some of its APIs.
                data=None if call.content is None else json.dumps(call.content, ensure_ascii=False).encode(),
                files={"media": (file.name, file.content, file.kind)} if file else None,
                headers=headers,
                timeout=(min(_CONNECT_SECONDS, left), left),
                allow_redirects=False,
                stream=True,
            ) as response:
                return _read(response, call.most_bytes, lambda: deadline - self._clock())
        except Exception as error:
            return _failure(error)


def _session() -> requests.Session:
    session = requests.Session()
    session.trust_env = False  # no proxy and no .netrc from the environment
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    for scheme in ("http://", "https://"):
        session.mount(scheme, HTTPAdapter(pool_maxsize=_AT_ONCE, max_retries=0))
    return session


def _read(response: requests.Response, most: int, left: Callable[[], float]) -> Answer | DeliveryFailed:
    body = b""
    while piece := response.raw.read1(_PIECE):
        body += piece
        if len(body) > most:
            return DeliveryFailed("the answer is too large", code="too_large", permanent=True)
        if left() <= 0:
            return DeliveryFailed("no full answer in time", code="deadline", unknown=True)
    declared = response.headers.get("Content-Length", "")
    if declared.isdecimal() and len(body) < int(declared):
        return DeliveryFailed("the answer was cut", code="cut", unknown=True)
    return Answer(response.status_code, body)


def _failure(error: Exception) -> DeliveryFailed:
    """Built, not raised, inside `except`: so it carries no `__context__` that quotes the URL."""
    if any(isinstance(cause, _NOT_CONNECTED) for cause in _causes(error)):
        return DeliveryFailed("the platform cannot be reached", code="connect")
    if isinstance(error, (InvalidURL, InvalidSchema, MissingSchema)):
        return DeliveryFailed("api_base_url is malformed", code="address", retry_after=600)
    if isinstance(error, UnicodeError):
        return DeliveryFailed("the call cannot be written", code="unwritable", permanent=True)
    if isinstance(error, (requests.RequestException, HTTPError, OSError)):
        return DeliveryFailed(f"the answer did not come ({type(error).__name__})", code="broken", unknown=True)
    return DeliveryFailed(f"the call failed ({type(error).__name__})", code="bug", unknown=True)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and what it wraps; requests keeps the cause in `args`, urllib3 in `reason`."""
    waiting: list[object] = [error]
    for cause in waiting:
        if isinstance(cause, BaseException) and len(waiting) < 20:
            yield cause
            waiting += [*cause.args, getattr(cause, "reason", None), cause.__cause__]


def _sick(failure: DeliveryFailed) -> bool:
    """Whether the host, rather than this one call, is at fault."""
    return not failure.permanent and (failure.unknown or isinstance(failure.code, str) or failure.code in _SICK_CODES)


# Busy, or a token that stays bad: asking again at once helps nobody.
_SICK_CODES = frozenset({-1, 268487001, 268487002, 40001, 40014, 42001})
