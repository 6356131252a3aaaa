"""A platform on loopback that answers as told: well, badly, slowly, or not at all."""

import json
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

from bot.message import DeliveryFailed


@dataclass
class Asked:
    path: str
    query: dict[str, str]
    content: dict[str, object]


Script = Callable[[Asked], bytes | Iterator[bytes]]


def http(body: bytes, status: str = "200 OK", headers: str = "") -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{headers}Connection: close\r\n\r\n".encode() + body


def says(content: object, status: str = "200 OK") -> bytes:
    return http(json.dumps(content).encode(), status)


def dripped(answer: bytes, pause: float) -> Iterator[bytes]:
    for byte in answer:
        yield bytes([byte])
        time.sleep(pause)


class Reset(Exception):
    """断线: what a script raises to have the connection reset."""


@dataclass
class FakePlatform:
    script: Script = lambda asked: says({"errcode": 0, "errmsg": "ok"})
    asked: list[Asked] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def calls(self, path: str) -> int:
        return sum(asked.path == path for asked in self.asked)

    def serve(self, connection: socket.socket) -> None:
        with connection:
            try:
                asked = _read(connection)
                self.asked.append(asked)
                answer = self.script(asked)
                for piece in [answer] if isinstance(answer, bytes) else answer:
                    connection.sendall(piece)
            except Reset:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            except OSError:
                return  # the caller has given up


def _read(connection: socket.socket) -> Asked:
    raw = b""
    while b"\r\n\r\n" not in raw:
        raw += connection.recv(65_536)
    head, body = raw.split(b"\r\n\r\n", 1)
    lines = head.decode().split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines[1:])}
    while len(body) < int(headers.get("content-length", 0)):
        body += connection.recv(65_536)
    address = urlsplit(lines[0].split(" ")[1])
    query = {name: values[0] for name, values in parse_qs(address.query).items()}
    return Asked(address.path, query, json.loads(body) if body else {})


@contextmanager
def running() -> Iterator[FakePlatform]:
    platform = FakePlatform()
    with socket.create_server(("127.0.0.1", 0)) as server:
        platform.port = server.getsockname()[1]
        threading.Thread(target=_accept, args=(server, platform), daemon=True).start()
        yield platform
        server.shutdown(socket.SHUT_RDWR)


def _accept(server: socket.socket, platform: FakePlatform) -> None:
    try:
        while True:
            connection, _ = server.accept()
            threading.Thread(target=platform.serve, args=(connection,), daemon=True).start()
    except OSError:
        return


def closed_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return f"http://127.0.0.1:{server.getsockname()[1]}"


def failure(send: Callable[[], object]) -> DeliveryFailed:
    try:
        send()
    except DeliveryFailed as error:
        assert error.__context__ is None and error.__cause__ is None, "a chained error quotes the URL"
        return error
    raise AssertionError("it was sent")
