"""A fake of both platforms: a real HTTP server with scripted answers and a ledger of every call."""

import json
import re
import socket
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

OK = {"errcode": 0, "errmsg": "ok"}
Content = dict[str, object]


@dataclass
class Call:
    """调用: one request of the product, and whether a human would now read its message."""

    at: float
    path: str
    key: str
    raw: bytes
    delivered: bool = False

    @property
    def body(self) -> dict[str, object]:
        return dict(json.loads(self.raw or b"{}"))

    @property
    def text(self) -> str:
        body = self.body
        inner = body.get(str(body.get("msgtype")), {})
        return str(inner.get("content", "")) if isinstance(inner, dict) else ""

    @property
    def first_line(self) -> str:
        return self.text.strip().splitlines()[0] if self.text.strip() else ""

    def names(self, number: int) -> bool:
        return re.search(rf"#{number}(?!\d)", self.text) is not None


@dataclass(frozen=True)
class Answer:
    """应答: what the platform says, and when. `accepted` decides whether the message counts as delivered."""

    body: Content | bytes = field(default_factory=lambda: dict(OK))
    status: int = 200
    accepted: bool = True
    before: float = 0.0  # seconds until it is accepted
    after: float = 0.0  # seconds from there until it is answered
    reset: bool = False  # accepted, then the connection is torn


def refused(errcode: int) -> Answer:
    return Answer({"errcode": errcode, "errmsg": f"refused {errcode}"}, accepted=False)


Script = Callable[[Call], Answer | None]


class Ledger(ThreadingHTTPServer):
    """账本: `script(call)` returns an Answer, or None for the ordinary one."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.script: Script = lambda call: None
        super().__init__(("127.0.0.1", 0), Desk)
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: object, client_address: object) -> None:
        """A killed worker tears its connection; that is the point of the exercise."""

    def of(self, part: str, key: str = "") -> list[Call]:
        return [call for call in list(self.calls) if part in call.path and (not key or call.key == key)]

    def delivered(self, part: str = "webhook/send", key: str = "") -> list[Call]:
        return [call for call in self.of(part, key) if call.delivered]

    def said_to(self, openid: str) -> list[Call]:
        return [call for call in self.delivered("custom/send") if call.body.get("touser") == openid]


class Desk(BaseHTTPRequestHandler):
    server: Ledger
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._take(b"")

    def do_POST(self) -> None:
        self._take(self._body())

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def _take(self, raw: bytes) -> None:
        split = urlsplit(self.path)
        call = Call(time.monotonic(), split.path, parse_qs(split.query).get("key", [""])[0], raw)
        self.server.calls.append(call)
        answer = self.server.script(call) or self._ordinary(call)
        time.sleep(answer.before)
        call.delivered = answer.accepted
        time.sleep(answer.after)
        self._reset() if answer.reset else self._say(answer)

    def _ordinary(self, call: Call) -> Answer:
        if call.path.endswith("token"):
            return Answer({"access_token": "TOKEN-CANARY", "expires_in": 7200}, accepted=False)
        return Answer()

    def _say(self, answer: Answer) -> None:
        body = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
        self.send_response(answer.status)
        self.send_header("Content-Type", "application/json; encoding=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _reset(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()

    def log_message(self, format: str, *args: object) -> None:
        """Quiet: the ledger is the log."""
