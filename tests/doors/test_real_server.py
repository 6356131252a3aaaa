"""The 64 KiB cap and chunked bodies behind the server we run on; a test client has no transfer encoding."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.doors.desk import OA_TOKEN
from tests.doors.platform_side import NONCE, STAMP, sign, text_xml

ROOT = Path(__file__).parents[2]
PATH = f"/wechat?signature={sign(OA_TOKEN, STAMP, NONCE)}&timestamp={STAMP}&nonce={NONCE}"


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        chosen = int(free.getsockname()[1])
    command = [str(Path(sys.executable).with_name("granian")), "--interface", "wsgi", "--port", str(chosen)]
    server = subprocess.Popen([*command, "--workers", "1", "tests.doors.served:app"], cwd=ROOT)
    try:
        _wait_for(chosen)
        yield chosen
    finally:
        server.terminate()
        server.wait(10)


def _wait_for(port: int) -> None:
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except OSError:
            time.sleep(0.05)
    raise AssertionError("granian did not start")


def post(port: int, body: bytes, *, chunked: bool, ended: bool = True) -> bytes:
    """The status line and what follows, from a body sent whole or in chunks of 8 KiB."""
    pieces = [body[i : i + 8_192] for i in range(0, len(body), 8_192)]
    if chunked:
        parts = [b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces] + [b"0\r\n\r\n"] * ended
        framing = b"Transfer-Encoding: chunked"
    else:
        parts, framing = pieces, b"Content-Length: %d" % len(body)
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        head = b"POST %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n%s\r\n\r\n" % (PATH.encode(), framing)
        connection.sendall(head)
        answer = b""
        with suppress(OSError):  # the server may have answered and closed before the last part
            for part in parts:
                connection.sendall(part)
        with suppress(OSError):
            while piece := connection.recv(65_536):
                answer += piece
        return answer


def sized(size: int) -> bytes:
    return text_xml("x" * (size - len(text_xml(""))))


@pytest.mark.parametrize("chunked", [True, False])
def test_a_body_at_the_cap_arrives_whole(port: int, chunked: bool) -> None:
    answer = post(port, sized(65_536), chunked=chunked)
    assert answer.startswith(b"HTTP/1.1 200") and b"<MsgType>" in answer


@pytest.mark.parametrize("chunked", [True, False])
@pytest.mark.parametrize("size", [65_537, 2_000_000])
def test_a_larger_one_is_413(port: int, size: int, chunked: bool) -> None:
    assert post(port, b"x" * size, chunked=chunked).startswith(b"HTTP/1.1 413")


def test_an_endless_one_is_413_before_its_end(port: int) -> None:
    """After two mebibytes nobody waits for the rest of it; up to there it is read, so that its sender sees the 413."""
    assert post(port, b"x" * 3 * 1024 * 1024, chunked=True, ended=False).startswith(b"HTTP/1.1 413")
