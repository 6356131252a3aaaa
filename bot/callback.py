"""What both callback doors share: the counted body, one refusal for every forgery, and who keeps what fails."""

import logging
import traceback
from collections.abc import Callable
from datetime import datetime
from typing import NoReturn

from flask import Blueprint, Request, Response, abort
from werkzeug.datastructures import MultiDict

from bot.message import Channel, Desk, Inbound, Reply, StorageFailed

MOST_DISCARDED = 2 * 1024 * 1024
MAX_BODY = 65_536
_QUIET_SECONDS = 60

log = logging.getLogger(__name__)


class Forged(Exception):
    """伪造: not provably from the platform, or too old. Nobody outside learns which."""


class Unreadable(Exception):
    """读不懂: signed by the platform, but no message. The text names the field, never its content."""


def callback_door(name: str, now: Callable[[], datetime]) -> Blueprint:
    """A blueprint on which Forged is 403 and StorageFailed 503, both without a word."""
    door = Blueprint(name, __name__)
    refusals = _Refusals(name, now)
    door.register_error_handler(Forged, refusals.answer)
    door.register_error_handler(StorageFailed, _storage_failed)
    door.after_request(_unsniffed)
    return door


def once(query: MultiDict[str, str], name: str) -> str:
    """The one value of a field. A field sent twice may be read differently by a proxy and by us: refused."""
    values = query.getlist(name)
    if len(values) != 1:
        raise Forged
    return values[0]


def counted_body(request: Request) -> bytes:
    """The body, counted up to 64 KiB; 413 above, whatever Content-Length says or leaves out.

    Flask's own cap is not used: with a chunked body it stops reading at the cap and hands on what it has.
    Measured on granian 2.8.7: `wsgi.input_terminated` is always set, chunked bodies carry no CONTENT_LENGTH,
    `read(n)` ends at the body's end, and a 413 sent before the whole body was read closes the connection.
    """
    declared = request.content_length
    if declared is None and not request.environ.get("wsgi.input_terminated"):
        return b""  # such a server gives no end to read to
    if declared is not None and declared > MAX_BODY:
        _too_large(request)
    body = _read(request, MAX_BODY + 1 if declared is None else declared)
    if len(body) > MAX_BODY:
        _too_large(request)
    if declared is not None and len(body) < declared:
        abort(400)  # the line broke; a half body must not use up the signature of the whole one
    return body


def _too_large(request: Request) -> NoReturn:
    """413, after throwing away a reasonable rest: a sender cut off in mid-body would not see the answer."""
    _read(request, MOST_DISCARDED)
    abort(413)


def hand_over(
    desk: Desk, channel: Channel, raw: bytes, decode: Callable[[bytes], Inbound]
) -> tuple[Inbound | None, Reply]:
    """One signed message to the desk. What cannot be read, or breaks us, is kept and answered with silence:
    an error would only make the platform deliver it three times more."""
    inbound = None
    try:
        inbound = decode(raw)
        return inbound, desk.receive(inbound)
    except StorageFailed:
        raise
    except Unreadable as error:
        desk.quarantine(channel, raw, str(error))
    except Exception as error:
        _log_bug(channel, inbound, error)
        desk.quarantine(channel, raw, f"bug: {type(error).__name__}")
    return inbound, Reply()


def plain(text: str) -> Response:
    """text/plain, so that an echoed string never becomes a page (TH16)."""
    return Response(text, mimetype="text/plain")


class _Refusals:
    """One log line a minute at most, however many forgeries arrive, and never their content."""

    def __init__(self, door: str, now: Callable[[], datetime]) -> None:
        self._door, self._now = door, now
        self._count = 0
        self._last: datetime | None = None

    def answer(self, _: Exception) -> Response:
        self._count += 1
        now = self._now()
        if self._last is None or abs((now - self._last).total_seconds()) >= _QUIET_SECONDS:
            log.warning("%s: %d callbacks refused", self._door, self._count)
            self._count, self._last = 0, now
        return Response(status=403)


def _log_bug(channel: Channel, inbound: Inbound | None, error: Exception) -> None:
    # The frames without the error's own text: that often quotes the value it choked on, a resident's words.
    frames = "".join(traceback.format_tb(error.__traceback__))
    log.error("%s: %s %s\n%s", channel, inbound.dedupe_key if inbound else "", type(error).__name__, frames)


def _storage_failed(_: Exception) -> Response:
    log.error("storage failed: callback answered 503")
    return Response(status=503)


def _unsniffed(response: Response) -> Response:
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
    return response


def _read(request: Request, wanted: int) -> bytes:
    stream = request.environ["wsgi.input"]
    body = b""
    while len(body) < wanted and (piece := stream.read(wanted - len(body))):
        body += piece
    return body
