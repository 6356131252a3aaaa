"""The platform's side of a callback, written from protocol.md alone and with another AES than the doors use."""

import base64
import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from xml.etree import ElementTree

from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from bot.group_bot import group_bot_door
from bot.official_account import official_account_door
from tests.doors.desk import APP_ID, NOW, OA_KEY, OA_TOKEN, NotebookDesk, now, settings

NONCE = "1372623149"
STAMP = str(int(NOW.timestamp()))


def sign(*parts: str) -> str:
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()


def seal(message: bytes, key: str = OA_KEY, receive_id: str = APP_ID) -> str:
    block = os.urandom(16) + len(message).to_bytes(4, "big") + message + receive_id.encode()
    padder = padding.PKCS7(256).padder()
    return sealed_block(padder.update(block) + padder.finalize(), key)


def sealed_block(block: bytes, key: str = OA_KEY) -> str:
    encryptor = _cipher(key).encryptor()
    return base64.b64encode(encryptor.update(block) + encryptor.finalize()).decode()


def unseal(sealed: str, key: str = OA_KEY) -> tuple[bytes, str]:
    decryptor = _cipher(key).decryptor()
    unpadder = padding.PKCS7(256).unpadder()
    block = unpadder.update(decryptor.update(base64.b64decode(sealed)) + decryptor.finalize()) + unpadder.finalize()
    end = 20 + int.from_bytes(block[16:20], "big")
    return block[20:end], block[end:].decode()


def _cipher(key: str) -> Cipher[modes.CBC]:
    secret = base64.b64decode(key + "=")
    return Cipher(algorithms.AES(secret), modes.CBC(secret[:16]))


def text_xml(content: str = "路灯坏了", **fields: str) -> bytes:
    values = {
        "ToUserName": "gh_bot",
        "FromUserName": "oWang",
        "CreateTime": STAMP,
        "MsgType": "text",
        "Content": f"<![CDATA[{content}]]>",
        "MsgId": "23456789012345678",
    } | fields
    return ("<xml>" + "".join(f"<{name}>{value}</{name}>" for name, value in values.items()) + "</xml>").encode()


def event_xml(event: str, inner: str = "", **fields: str) -> bytes:
    values = {"ToUserName": "gh_bot", "FromUserName": "oWang", "CreateTime": STAMP, "MsgType": "event", "Event": event}
    elements = "".join(f"<{name}>{value}</{name}>" for name, value in (values | fields).items())
    return f"<xml>{elements}{inner}</xml>".encode()


@dataclass
class OfficialAccountSide:
    """公众平台: pushes messages to /wechat in safe mode, or in clear when `plain`."""

    client: FlaskClient
    desk: NotebookDesk
    plain: bool = False

    def push(self, message: bytes, query: Mapping[str, str] | None = None) -> TestResponse:
        if self.plain:
            asked = {"signature": sign(OA_TOKEN, STAMP, NONCE), "timestamp": STAMP, "nonce": NONCE}
            return self.client.post("/wechat", query_string=asked | dict(query or {}), data=message)
        return self.push_sealed(seal(message), query)

    def push_sealed(self, sealed: str, query: Mapping[str, str] | None = None, extra: str = "") -> TestResponse:
        asked = self.query(sealed) | dict(query or {})
        body = f"<xml><ToUserName><![CDATA[gh_bot]]></ToUserName>{extra}<Encrypt><![CDATA[{sealed}]]></Encrypt></xml>"
        return self.client.post("/wechat", query_string=asked, data=body)

    @staticmethod
    def query(sealed: str, stamp: str = STAMP, nonce: str = NONCE) -> dict[str, str]:
        return {
            "signature": sign(OA_TOKEN, stamp, nonce),
            "timestamp": stamp,
            "nonce": nonce,
            "encrypt_type": "aes",
            "msg_signature": sign(OA_TOKEN, stamp, nonce, sealed),
        }


def answered(response_xml: bytes) -> ElementTree.Element:
    """The reply inside the encrypted envelope, its signature checked."""
    outer = {child.tag: child.text or "" for child in ElementTree.fromstring(response_xml)}
    assert outer["MsgSignature"] == sign(OA_TOKEN, outer["TimeStamp"], outer["Nonce"], outer["Encrypt"])
    message, receive_id = unseal(outer["Encrypt"])
    assert receive_id == APP_ID
    return ElementTree.fromstring(message)


def official_account(desk: NotebookDesk | None = None, **account: object) -> OfficialAccountSide:
    desk = desk or NotebookDesk()
    app = Flask("doors")
    app.register_blueprint(official_account_door(settings(official_account=account), desk, now))
    return OfficialAccountSide(app.test_client(), desk, plain=account.get("aes_key") == "")


def plain_account(desk: NotebookDesk | None = None) -> OfficialAccountSide:
    return official_account(desk, aes_key="", allow_plain=True)


def group_bot(desk: NotebookDesk) -> FlaskClient:
    app = Flask("doors")
    app.register_blueprint(group_bot_door(settings(), desk, now))
    return app.test_client()
