"""The door grid workers come through: the WeCom AI bot's callback (protocol.md §3.2)."""

import json
import re
from collections.abc import Callable
from datetime import datetime

from flask import Blueprint, Response, request

from bot.callback import Forged, Unreadable, callback_door, counted_body, hand_over, once, plain
from bot.config import Settings
from bot.envelope import Envelope, Stamp
from bot.group_bot_json import decode, is_poll, parsed, reply_json
from bot.message import Desk

_ECHO = re.compile(rb"[0-9A-Za-z_.=+/-]{1,128}")


def group_bot_door(settings: Settings, desk: Desk, now: Callable[[], datetime]) -> Blueprint:
    """GET and POST /wecom/bot. Without an AES key nothing can be opened: every call is refused."""
    bot = settings.group_bot
    envelope = Envelope(bot.token.get_secret_value(), bot.aes_key.get_secret_value(), "")
    window = settings.server.callback_window_seconds
    door = callback_door("group_bot", now)

    def opened(sealed: str, stamp: Stamp) -> bytes:
        signature = once(request.args, "msg_signature")
        if not envelope.encrypts or not envelope.signed(signature, stamp, sealed):
            raise Forged
        return envelope.open(sealed)

    @door.get("/wecom/bot")
    def verify() -> Response:
        stamp = Stamp.of(request.args, now(), window)
        # Some proxies decode the query twice, which turns the "+" of base64 into a space.
        echo = opened(once(request.args, "echostr").replace(" ", "+"), stamp)
        if not _ECHO.fullmatch(echo):
            raise Forged
        return plain(echo.decode())

    @door.post("/wecom/bot")
    def receive() -> Response:
        body = counted_body(request)
        stamp = Stamp.of(request.args, now(), window)
        message = opened(_sealed_in(body), stamp)
        if is_poll(message):
            return plain("")
        inbound, reply = hand_over(desk, "group_bot", message, lambda raw: decode(raw, now(), bot.name))
        answer = reply_json(reply.text, inbound) if inbound else ""
        if not answer:
            return plain("")
        return _sealed(envelope, answer, Stamp(str(int(now().timestamp())), stamp.nonce))

    return door


def _sealed_in(body: bytes) -> str:
    try:
        sealed = parsed(body).get("encrypt")
    except Unreadable:
        raise Forged from None
    if not isinstance(sealed, str) or not sealed.isascii():
        raise Forged
    return sealed


def _sealed(envelope: Envelope, answer: str, stamp: Stamp) -> Response:
    sealed = envelope.seal(answer)
    content = {
        "encrypt": sealed,
        "msgsignature": envelope.signature(stamp, sealed),
        "timestamp": int(stamp.timestamp),
        "nonce": stamp.nonce,
    }
    return Response(json.dumps(content), mimetype="application/json")
