"""Residents and grid workers, as the platforms would carry their words: signed, sealed, at most 5 s of patience."""

import itertools
import json
import random
import re
import time
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlencode
from xml.etree import ElementTree

from blackbox.running import ACCOUNT, BOT, ORIGINAL_ID, Web
from blackbox.sealing import Seal, signature

_ids = itertools.count(random.randrange(10**12) * 10**5)


@dataclass(frozen=True)
class Envelope:
    """信封: one callback, ready to be posted, and posted again."""

    path: str
    body: bytes


@dataclass(frozen=True)
class Heard:
    """回应: what came back; `text` is the decrypted reply, empty for `success`."""

    status: int
    text: str
    seconds: float
    raw: bytes = b""

    @property
    def numbers(self) -> list[int]:
        return [int(number) for number in dict.fromkeys(re.findall(r"#(\d+)", self.text))]


class Speaker(Protocol):
    def opened(self, raw: bytes) -> str: ...


def new_id() -> str:
    return str(next(_ids))


def query(seal: Seal, sealed: str, **changed: str) -> str:
    timestamp, nonce = changed.pop("timestamp", str(int(time.time()))), str(random.randrange(10**9))
    fields = {"timestamp": timestamp, "nonce": nonce, "msg_signature": seal.sign(timestamp, nonce, sealed)}
    if seal.receive_id:
        fields |= {"signature": signature(seal.token, timestamp, nonce), "encrypt_type": "aes"}
    return urlencode(fields | changed)


def post(web: Web, envelope: Envelope, speaker: Speaker, timeout: float = 5.0) -> Heard:
    started = time.monotonic()
    status, raw = web.request("POST", envelope.path, envelope.body, timeout)
    seconds = time.monotonic() - started
    return Heard(status, speaker.opened(raw) if status == 200 else "", seconds, raw)


def account_envelope(xml: bytes, **changed: str) -> Envelope:
    sealed = ACCOUNT.encrypt(xml)
    body = f"<xml><ToUserName><![CDATA[{ORIGINAL_ID}]]></ToUserName><Encrypt><![CDATA[{sealed}]]></Encrypt></xml>"
    return Envelope("/wechat?" + query(ACCOUNT, sealed, **changed), body.encode())


class Resident:
    """居民: an openid with a phone in one hand."""

    def __init__(self, openid: str = "") -> None:
        self.openid = openid or f"oBlackbox{new_id()}"

    def xml(self, kind: str, fields: dict[str, str], created: int = 0) -> bytes:
        common = {"ToUserName": ORIGINAL_ID, "FromUserName": self.openid}
        common |= {"CreateTime": str(created or int(time.time())), "MsgType": kind} | fields
        inner = "".join(f"<{name}><![CDATA[{value}]]></{name}>" for name, value in common.items())
        return f"<xml>{inner}</xml>".encode()

    def text(self, words: str, msg_id: str = "", created: int = 0) -> Envelope:
        return account_envelope(self.xml("text", {"Content": words, "MsgId": msg_id or new_id()}, created))

    def event(self, event: str, key: str = "") -> Envelope:
        return account_envelope(self.xml("event", {"Event": event, "EventKey": key}))

    def opened(self, raw: bytes) -> str:
        """The words of a reply; asserts everything the platform demands of one."""
        if raw in (b"", b"success"):
            return ""
        outer = ElementTree.fromstring(raw)
        sealed, timestamp = outer.findtext("Encrypt", ""), outer.findtext("TimeStamp", "")
        signed = ACCOUNT.sign(timestamp, outer.findtext("Nonce", ""), sealed)
        assert outer.findtext("MsgSignature") == signed
        inner = ElementTree.fromstring(ACCOUNT.decrypt(sealed))
        assert inner.findtext("ToUserName") == self.openid and inner.findtext("FromUserName") == ORIGINAL_ID
        assert len(inner.findall("MsgType")) == 1 and inner.findtext("MsgType") == "text"
        content = inner.findtext("Content", "")
        assert content.strip() and len(content.encode()) <= 2048
        return content

    def say(self, web: Web, words: str, **fields: Any) -> Heard:
        return post(web, self.text(words, **fields), self)

    def scan(self, web: Web, building: str) -> Heard:
        return post(web, self.event("subscribe", f"qrscene_b-{building}"), self)


@dataclass(frozen=True)
class Worker:
    """网格员: a userid that writes in a chat and mentions the bot."""

    userid: str
    chat_id: str = ""

    def envelope(self, words: str, quote: str = "", msgid: str = "") -> Envelope:
        mention = "@云格 " if self.chat_id else ""
        message: dict[str, object] = {
            "msgid": msgid or new_id(),
            "aibotid": "bot-blackbox",
            "chattype": "group" if self.chat_id else "single",
            "from": {"userid": self.userid},
            "response_url": "http://127.0.0.1:9/never",
            "msgtype": "text",
            "text": {"content": mention + words},
        }
        if self.chat_id:
            message["chatid"] = self.chat_id
        if quote:
            message["quote"] = {"msgtype": "text", "text": {"content": quote}}
        return bot_envelope(json.dumps(message, ensure_ascii=False).encode())

    def opened(self, raw: bytes) -> str:
        if raw in (b"", b"success"):
            return ""
        outer = json.loads(raw)
        assert isinstance(outer["timestamp"], int)
        assert outer["msgsignature"] == BOT.sign(str(outer["timestamp"]), outer["nonce"], outer["encrypt"])
        inner = json.loads(BOT.decrypt(outer["encrypt"]))
        assert inner["msgtype"] == "stream" and inner["stream"]["finish"] is True and inner["stream"]["id"]
        content = str(inner["stream"]["content"])
        assert content.strip() and len(content.encode()) <= 20480
        return content

    def write(self, web: Web, words: str, quote: str = "") -> Heard:
        return post(web, self.envelope(words, quote), self)


def bot_envelope(message: bytes, **changed: str) -> Envelope:
    sealed = BOT.encrypt(message)
    return Envelope("/wecom/bot?" + query(BOT, sealed, **changed), json.dumps({"encrypt": sealed}).encode())
