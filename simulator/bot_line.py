"""The line to the bot: one callback, one answer, inside the platform's time limit."""

import http.client
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from simulator.clock import Clock
from simulator.ledger import Ledger

Deliver = Callable[[str, str, bytes, Mapping[str, str]], tuple[int, Mapping[str, str], bytes]]
"""(method, path with query, body, headers) → (status, headers, body). Raises OSError when no answer came in time."""

ANSWER_CAP = 1 << 20


class HttpDelivery:
    """送达: plain HTTP with one deadline for the whole exchange."""

    def __init__(self, bot_url: str, answer_seconds: float) -> None:
        parts = urlsplit(bot_url)
        self._host, self._port = parts.hostname or "127.0.0.1", parts.port or 80
        self._prefix = parts.path.rstrip("/")
        self._answer_seconds = answer_seconds

    def __call__(
        self, method: str, path: str, body: bytes, headers: Mapping[str, str]
    ) -> tuple[int, Mapping[str, str], bytes]:
        deadline = time.monotonic() + self._answer_seconds
        connection = http.client.HTTPConnection(self._host, self._port, timeout=self._answer_seconds)
        try:
            connection.request(method, self._prefix + path, body=body or None, headers=dict(headers))
            response = connection.getresponse()
            answer = b""
            while len(answer) < ANSWER_CAP:
                if connection.sock:
                    connection.sock.settimeout(max(0.01, deadline - time.monotonic()))
                piece = response.read1(65536)
                if not piece:
                    break
                answer += piece
                if time.monotonic() > deadline:
                    raise TimeoutError("answer dripped past the limit")
            return response.status, dict(response.getheaders()), answer
        except http.client.HTTPException as error:
            raise ConnectionError(type(error).__name__) from error
        finally:
            connection.close()


class BadAnswer(Exception):
    """The bot's answer is one the platform does not take; the text says why."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """往来: one try of one callback."""

    ok: bool
    content: Any
    """What the answer carried, decoded; None for silence and for failures."""
    verdict: str


class BotLine:
    """回调线路: delivers one callback, has the answer read, writes the ledger."""

    def __init__(self, deliver: Deliver, clock: Clock, ledger: Ledger) -> None:
        self._deliver = deliver
        self._clock = clock
        self._ledger = ledger

    def send(
        self,
        path: str,
        body: bytes,
        content_type: str,
        sent: Any,
        read: Callable[[bytes], Any],
        attempt: int,
        lost: bool,
    ) -> Exchange:
        """`read` turns the answer's body into its content or raises BadAnswer. `lost`: act as if no answer came."""
        started = time.perf_counter()
        try:
            with self._clock.still():
                status, _, answer = self._deliver("POST", path, body, {"Content-Type": content_type})
            exchange = self._judge(status, answer, read, lost)
        except OSError as error:
            exchange = Exchange(False, None, f"no answer: {type(error).__name__}")
        self._ledger.write(
            direction="to_bot",
            path=path,
            at=self._clock.now(),
            sent=sent,
            answer=exchange.content,
            verdict=exchange.verdict,
            ok=exchange.ok,
            delivered=exchange.ok and exchange.content is not None,
            milliseconds=round((time.perf_counter() - started) * 1000, 1),
            attempt=attempt,
        )
        return exchange

    def check(self, path: str, expected: str) -> bool:
        """GET verification: 200 and exactly the clear text, nothing around it (§1.2)."""
        try:
            status, _, answer = self._deliver("GET", path, b"", {})
        except OSError:
            return False
        return status == 200 and answer == expected.encode()

    def _judge(self, status: int, answer: bytes, read: Callable[[bytes], Any], lost: bool) -> Exchange:
        if lost:
            return Exchange(False, None, "answer lost on the way (fault)")
        if status != 200:
            return Exchange(False, None, f"HTTP {status}")
        try:
            content = read(answer)
        except BadAnswer as error:
            return Exchange(False, None, f"bad answer: {error}")
        return Exchange(True, content, "silence" if content is None else "shown")
