"""The whole callback beside the bare echo: signed and encrypted messages, same WSGI caller, alternating slices."""

import os
import time
from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask, request
from sqlalchemy import select
from wechatpy import create_reply, parse_message
from wechatpy.crypto import WeChatCrypto
from werkzeug.test import EnvironBuilder, run_wsgi_app
from xmltodict import parse

from bench.street import ACCOUNT, new_street
from models.area import Building
from wsgi import create_app

SLICES, EACH = 15, 40
Wsgi = Callable[..., Iterable[bytes]]


def echo_app(crypto: WeChatCrypto) -> Flask:
    """What everyone starts with: Flask and wechatpy in safe mode, no database."""
    app = Flask("echo")

    @app.post("/wechat")
    def echo() -> str:
        args = request.args
        text = crypto.decrypt_message(request.data, args["msg_signature"], args["timestamp"], args["nonce"])
        message = parse_message(text)
        reply = create_reply(message.content, message).render()
        sealed: str = crypto.encrypt_message(reply, args["nonce"])
        return sealed

    return app


def _message(crypto: WeChatCrypto, openid: str, number: int, kind: str, content: str) -> dict[str, Any]:
    """One signed, encrypted callback as the platform sends it."""
    now = int(time.time())
    head = f"<ToUserName>{ACCOUNT['original_id']}</ToUserName><FromUserName>{openid}</FromUserName><CreateTime>{now}</CreateTime>"
    xml = f"<xml>{head}<MsgType>{kind}</MsgType>{content}<MsgId>{number}</MsgId></xml>"
    sealed = crypto.encrypt_message(xml, str(number), str(now))
    fields = parse(sealed)["xml"]
    query = {
        "timestamp": str(now),
        "nonce": str(number),
        "msg_signature": fields["MsgSignature"],
        "encrypt_type": "aes",
        "openid": openid,
    }
    body = f"<xml><ToUserName>{ACCOUNT['original_id']}</ToUserName><Encrypt>{fields['Encrypt']}</Encrypt></xml>"
    return {"path": "/wechat", "method": "POST", "query_string": query, "data": body.encode()}


def _spend(app: Flask, messages: list[dict[str, Any]]) -> float:
    """CPU seconds a message, every answer checked to be 200 and no silence."""
    environs = [EnvironBuilder(**message).get_environ() for message in messages]
    began = time.process_time()
    for environ in environs:
        body, status, _ = run_wsgi_app(app, environ)
        assert status.startswith("200") and len(b"".join(body)) > 100, (status, b"".join(body)[:200])
    return (time.process_time() - began) / len(messages)


def measure() -> list[dict[str, Any]]:
    """CPU of the echo, of one report (message, ticket, history, clocks, card, reply), and their ratio."""
    settings, office = new_street()
    crypto = WeChatCrypto(ACCOUNT["token"], ACCOUNT["aes_key"], ACCOUNT["app_id"])
    app, echo = create_app(settings), echo_app(crypto)
    app.extensions["yunge"].catalogue  # noqa: B018 (the first message must not pay for it)
    with office.database.read() as session:
        codes = session.scalars(select(Building.code).limit(50)).all()
    scan = "<Event>SCAN</Event><EventKey>b-{}</EventKey>"
    _spend(app, [_message(crypto, f"oBENCH{i:02d}", i, "event", scan.format(code)) for i, code in enumerate(codes)])
    number, ours, theirs = 1000, [], []
    for _ in range(SLICES):
        batch = []
        for _ in range(EACH):
            number += 1
            batch.append(
                _message(
                    crypto, f"oBENCH{number % 50:02d}", number, "text", "<Content><![CDATA[楼道灯又不亮了]]></Content>"
                )
            )
        theirs.append(_spend(echo, batch))
        ours.append(_spend(app, batch))
    ratios = sorted(a / b for a, b in zip(theirs, ours, strict=True))
    middle, low, high = ratios[len(ratios) // 2], ratios[1], ratios[-2]
    return [
        {
            "name": "echo (wechatpy)",
            "value": sorted(theirs)[SLICES // 2] * 1000,
            "unit": "ms CPU",
            "note": "safe mode, no database",
        },
        {
            "name": "report, SQLite FULL",
            "value": sorted(ours)[SLICES // 2] * 1000,
            "unit": "ms CPU",
            "note": "message → ticket, card promised, reply",
        },
        {
            "name": "report ÷ echo",
            "value": middle,
            "unit": "×",
            "note": f"{SLICES} pairs, {low:.3f}–{high:.3f}; load {os.getloadavg()[0]:.1f}",
        },
    ]
