"""A little bot that answers as told, for proving the simulator without the product."""

import json
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from simulator.config import WorldConfig
from simulator.crypto import Cipher, signature
from simulator.wechat_xml import build_xml

Wire = tuple[int, dict[str, str], bytes]


@dataclass
class LittleBot:
    """小机器人: keeps what it received; `text` is what it says, `raw` a body it answers untouched."""

    config: WorldConfig
    text: Callable[[str], str] = lambda said: f"收到：{said}"
    raw: Callable[[], Wire] | None = None
    received: list[dict[str, str]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    heard: list[dict[str, Any]] = field(default_factory=list)
    streams: list[dict[str, Any]] = field(default_factory=list)
    queries: list[dict[str, str]] = field(default_factory=list)

    def __call__(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Wire:
        parts = urlsplit(path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        self.queries.append(query)
        self.bodies.append(body)
        answer = self._wechat(method, query, body) if parts.path == "/wechat" else self._wecom(method, query, body)
        return self.raw() if self.raw else (200, {}, answer)

    def _wechat(self, method: str, query: dict[str, str], body: bytes) -> bytes:
        if method == "GET":
            return query["echostr"].encode()
        root = ElementTree.fromstring(body)
        encrypt = root.findtext("Encrypt")
        cipher = Cipher(self.config.aes_key, self.config.app_id)
        if encrypt:
            signed = signature(self.config.token, query["timestamp"], query["nonce"], encrypt)
            assert query["msg_signature"] == signed
            root = ElementTree.fromstring(cipher.decrypt(encrypt))
        message = {child.tag: child.text or "" for child in root}
        self.received.append(message)
        said = self.text(message.get("Content") or message.get("Event") or message["MsgType"])
        return self.reply(message, said) if said else b"success"

    def reply(self, message: dict[str, str], said: str, **changes: Any) -> bytes:
        clear = build_xml(
            {
                "ToUserName": message["FromUserName"],
                "FromUserName": message["ToUserName"],
                "CreateTime": 1,
                "MsgType": "text",
                "Content": said,
            }
            | changes
        )
        if self.config.mode == "plain":
            return clear.encode()
        encrypted = Cipher(self.config.aes_key, self.config.app_id).encrypt(clear.encode())
        signed = signature(self.config.token, "1", "2", encrypted)
        fields = {"Encrypt": encrypted, "MsgSignature": signed, "TimeStamp": 1, "Nonce": "2"}
        return build_xml(fields).encode()

    def _wecom(self, method: str, query: dict[str, str], body: bytes) -> bytes:
        cipher = Cipher(self.config.bot_aes_key, "")
        if method == "GET":
            return cipher.decrypt(query["echostr"])
        heard = json.loads(cipher.decrypt(json.loads(body)["encrypt"]))
        self.heard.append(heard)
        said = self.text(heard.get("text", {}).get("content", heard["msgtype"]))
        answer = {"msgtype": "stream", "stream": {"id": "s1", "finish": True, "content": said}}
        if self.streams:
            answer["stream"] = self.streams.pop(0)
        return self.envelope(answer, query["nonce"]) if said else b""

    def envelope(self, answer: dict[str, Any], nonce: str) -> bytes:
        encrypted = Cipher(self.config.bot_aes_key, "").encrypt(json.dumps(answer).encode())
        signed = signature(self.config.bot_token, "1", nonce, encrypted)
        return json.dumps({"encrypt": encrypted, "msgsignature": signed, "timestamp": 1, "nonce": nonce}).encode()
