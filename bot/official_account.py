"""The door residents come through: the official account's callback (protocol.md §1, contract §4)."""

import re
from collections.abc import Callable
from datetime import datetime

from flask import Blueprint, Request, Response, request

from bot.callback import Forged, callback_door, counted_body, hand_over, once, plain
from bot.config import ConfigError, Settings
from bot.envelope import Envelope, Stamp
from bot.message import Desk
from bot.official_account_xml import decode, reply_xml

_ECHO = re.compile(r"[0-9A-Za-z_.=+/-]{1,128}")
# A pattern, not a parser: nothing unsigned is parsed. In compatible mode a resident's clear words stand in the same
# body and may imitate the element, hence every candidate; only the platform's own carries the signature.
_SEALED = re.compile(rb"<Encrypt>(?:<!\[CDATA\[)?([0-9A-Za-z+/]+={0,2})(?:\]\]>)?</Encrypt>")
_SILENCE = "success"


def official_account_door(settings: Settings, desk: Desk, now: Callable[[], datetime]) -> Blueprint:
    """GET and POST /wechat. Raises ConfigError when an AES key is set without the app id it is checked against."""
    account = settings.official_account
    envelope = Envelope(account.token.get_secret_value(), account.aes_key.get_secret_value(), account.app_id)
    window = settings.server.callback_window_seconds
    if envelope.encrypts and not account.app_id:
        raise ConfigError("[official_account] app_id is empty: encrypted messages name the account they are for")
    door = callback_door("official_account", now)

    @door.get("/wechat")
    def verify() -> Response:
        stamp = Stamp.of(request.args, now(), window)
        echo = once(request.args, "echostr")
        if not envelope.signed(once(request.args, "signature"), stamp) or not _ECHO.fullmatch(echo):
            raise Forged
        return plain(echo)

    @door.post("/wechat")
    def receive() -> Response:
        body = counted_body(request)
        stamp = Stamp.of(request.args, now(), window)
        if envelope.encrypts:
            message = _opened(envelope, request, stamp, body)
        elif account.allow_plain:
            message = _trusted_in_clear(envelope, request, stamp, body, desk)
        else:
            raise Forged
        inbound, reply = hand_over(
            desk, "official_account", message, lambda raw: decode(raw, now(), account.original_id)
        )
        if not inbound or not reply:
            return plain(_SILENCE)
        answer = reply_xml(reply.text, inbound, now())
        if envelope.encrypts:
            answer = _sealed(envelope, answer, Stamp(str(int(now().timestamp())), stamp.nonce))
        return Response(answer, mimetype="application/xml")

    return door


def _opened(envelope: Envelope, request: Request, stamp: Stamp, body: bytes) -> bytes:
    """The message in safe or compatible mode; a clear one is refused, for its signature covers no body (TH05).

    No memory of used signatures is needed here: msg_signature covers the cipher text, so the same signature with
    another message cannot exist, and the same message again is a redelivery that the dedupe key answers.
    """
    query = request.args
    if once(query, "encrypt_type") != "aes":
        raise Forged
    if "signature" in query and not envelope.signed(once(query, "signature"), stamp):
        raise Forged
    signature = once(query, "msg_signature")
    for candidate in _SEALED.findall(body):
        if envelope.signed(signature, stamp, sealed := candidate.decode()):
            return envelope.open(sealed)
    raise Forged


def _trusted_in_clear(envelope: Envelope, request: Request, stamp: Stamp, body: bytes, desk: Desk) -> bytes:
    """The message in plain mode, for test accounts: here a signature must not be used for a second body (TH02)."""
    if request.args.get("encrypt_type", "raw") != "raw" or len(request.args.getlist("encrypt_type")) > 1:
        raise Forged
    signature = once(request.args, "signature")
    if not envelope.signed(signature, stamp) or not desk.first_use(signature, body):
        raise Forged
    return body


def _sealed(envelope: Envelope, answer: str, stamp: Stamp) -> str:
    sealed = envelope.seal(answer)
    return (
        f"<xml><Encrypt><![CDATA[{sealed}]]></Encrypt>"
        f"<MsgSignature><![CDATA[{envelope.signature(stamp, sealed)}]]></MsgSignature>"
        f"<TimeStamp>{stamp.timestamp}</TimeStamp><Nonce><![CDATA[{stamp.nonce}]]></Nonce></xml>"
    )
