"""The line from the bot: every API call passes here, is written down, and may be struck by a fault."""

import contextlib
import io
import json
import os
import socket
import struct
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from flask import Flask, g, request
from werkzeug.wrappers import Request, Response

from simulator.answers import PlatformError, refusal
from simulator.clock import Clock
from simulator.faults import Fault, Faults
from simulator.ledger import Ledger

WSGI = Callable[[dict[str, Any], Any], Iterable[bytes]]
SHOWN_BYTES = 20_000
SILENT_AT_MOST_SECONDS = 60
FREE_PATHS = ("/cgi-bin/showqrcode",)


class ApiLine:
    """接口线路: WSGI around the platforms' APIs; everything else passes untouched."""

    def __init__(self, inner: WSGI, clock: Clock, faults: Faults, ledger: Ledger) -> None:
        self._inner, self._clock, self._faults, self._ledger = inner, clock, faults, ledger

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if not path.startswith("/cgi-bin/") or path in FREE_PATHS:
            return self._inner(environ, start_response)
        started, call = time.perf_counter(), Request(environ)
        body = call.get_data()
        environ["wsgi.input"] = io.BytesIO(body)
        environ["simulator.notes"] = notes = dict[str, bool]()
        fault = self._faults.pick(path)
        response = self._true_answer(environ) if fault is None or fault.accepted else self._false_answer(fault)
        content = _readable(response.get_data())
        fine = isinstance(content, dict) and not content.get("errcode") if fault is None else False
        self._ledger.write(
            direction="to_platform",
            path=call.full_path.rstrip("?"),
            at=self._clock.now(),
            sent=_readable(body),
            answer=content,
            verdict=f"fault: {fault.kind}" if fault else ("ok" if fine else "refused"),
            ok=fine,
            delivered=notes.get("delivered", False),
            milliseconds=round((time.perf_counter() - started) * 1000, 1),
        )
        return self._struck(fault, response, environ)(environ, start_response)

    def _true_answer(self, environ: dict[str, Any]) -> Response:
        return Response.from_app(self._inner, environ, buffered=True)

    def _false_answer(self, fault: Fault) -> Response:
        if fault.kind == "http":
            return Response("<html><body>Bad Gateway</body></html>", fault.code or 502, mimetype="text/html")
        return refusal(PlatformError(fault.code or -1))

    def _struck(self, fault: Fault | None, response: Response, environ: dict[str, Any]) -> Response:
        if fault is None or fault.kind in ("errcode", "http"):
            return response
        if fault.kind == "slow":
            self._faults.cleared.wait(fault.seconds)
        elif fault.kind == "silent":
            self._faults.cleared.wait(SILENT_AT_MOST_SECONDS)
            _reset(environ)
        elif fault.kind == "reset":
            _reset(environ)
        elif fault.kind == "cut":
            response.set_data(response.get_data()[: len(response.get_data()) // 2])
        elif fault.kind == "drip":
            return Response(self._dripped(response.get_data(), fault.seconds), mimetype=response.mimetype)
        return response

    def _dripped(self, body: bytes, seconds: float) -> Iterator[bytes]:
        for start in range(0, len(body), 2):
            yield body[start : start + 2]
            self._faults.cleared.wait(seconds)


def note_deliveries(app: Flask) -> None:
    """Handlers set `g.delivered`; it goes into the notes the line laid into the environment."""

    @app.after_request
    def note(response: Any) -> Any:
        request.environ.get("simulator.notes", {})["delivered"] = g.get("delivered", False)
        return response


def _reset(environ: dict[str, Any]) -> None:
    """Drop the connection with a TCP reset; the caller cannot know what happened to its call."""
    connection: socket.socket | None = environ.get("werkzeug.socket")
    if connection is not None:
        with contextlib.suppress(OSError):
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            # Reader and writer share the descriptor: pointing it elsewhere closes it for all of them at once.
            null = os.open(os.devnull, os.O_RDWR)
            os.dup2(null, connection.fileno())
            os.close(null)
    raise ConnectionResetError("fault: connection reset")


def _readable(body: bytes) -> Any:
    text = body[:SHOWN_BYTES].decode("utf-8", "replace")
    try:
        return _hidden(json.loads(text))
    except ValueError:
        return f"{len(body)} bytes" if "\ufffd" in text else text


def _hidden(content: Any) -> Any:
    if not isinstance(content, dict):
        return content
    return {k: f"{str(v)[:4]}…" if k in ("secret", "access_token") else v for k, v in content.items()}
