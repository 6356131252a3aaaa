"""The official account's pushes to the bot: three modes, 5 seconds, three deliveries, MarkFail (§1, §6)."""

import itertools
import secrets
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from simulator.bot_line import BadAnswer, BotLine
from simulator.clock import Clock
from simulator.config import WorldConfig
from simulator.crypto import BadCipherText, Cipher, same, signature
from simulator.faults import Faults
from simulator.postman import Outcome, Postman
from simulator.residents import Resident
from simulator.screen import Item
from simulator.wechat_xml import build_xml, only, parse, read_reply

PATH = "/wechat"
UNAVAILABLE = "该服务号暂时无法提供服务，请稍后再试"
# The platform ignores what comes back for these: the resident sees nothing (§1.7).
UNSHOWN_EVENTS = {"unsubscribe", "VIEW", "LOCATION", "TEMPLATESENDJOBFINISH", "MASSSENDJOBFINISH"}


class WechatCallback:
    """公众号回调: builds, signs, encrypts, delivers, and reads the passive reply."""

    def __init__(self, config: WorldConfig, line: BotLine, clock: Clock, faults: Faults) -> None:
        self._config, self._line, self._clock = config, line, clock
        self._postman = Postman(PATH, faults)
        self._cipher = Cipher(config.aes_key, config.app_id) if config.mode != "plain" else None
        self._ids = itertools.count(int(clock.now() * 1_000_000))
        self._failures = 0
        self._silent_until = 0.0
        self.own_url = ""

    def message_fields(self, resident: Resident, kind: str, **fields: Any) -> dict[str, Any]:
        return self._common(resident) | {"MsgType": kind, **fields, "MsgId": next(self._ids)}

    def event_fields(self, resident: Resident, event: str, **fields: Any) -> dict[str, Any]:
        return self._common(resident) | {"MsgType": "event", "Event": event, **fields}

    def push(self, resident: Resident, fields: dict[str, Any]) -> Outcome:
        """Deliver exactly these fields (again): the bot sees a redelivery when they were delivered before."""
        return self._postman.post(lambda lost, show: self._deliver(resident, fields, lost, show))

    def verify(self) -> bool:
        """What the settings page does when the URL is saved; echostr is clear even in safe mode."""
        echo = str(secrets.randbelow(10**18))
        timestamp, nonce = self._stamp()
        query = {"signature": signature(self._config.token, timestamp, nonce), "timestamp": timestamp, "nonce": nonce}
        return self._line.check(f"{PATH}?{urlencode(query | {'echostr': echo})}", echo)

    def request(self, resident_openid: str, clear: str) -> tuple[str, bytes]:
        """Path with query, and body, of one signed delivery in the account's mode."""
        timestamp, nonce = self._stamp()
        query = {
            "signature": signature(self._config.token, timestamp, nonce),
            "timestamp": timestamp,
            "nonce": nonce,
            "openid": resident_openid,
        }
        if self._cipher is None:
            return f"{PATH}?{urlencode(query)}", clear.encode()
        encrypted = self._cipher.encrypt(clear.encode())
        query |= {"encrypt_type": "aes", "msg_signature": signature(self._config.token, timestamp, nonce, encrypted)}
        sealed = f"<Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>"
        if self._config.mode == "compatible":
            body = clear.removesuffix("</xml>") + sealed
        else:
            body = f"<xml><ToUserName><![CDATA[{self._config.original_id}]]></ToUserName>{sealed}"
        return f"{PATH}?{urlencode(query)}", body.encode()

    def _deliver(self, resident: Resident, fields: dict[str, Any], lost: bool, show: bool) -> Outcome:
        if self._clock.now() < self._silent_until:
            self._tell(resident, "simulator", "平台暂停向机器人推送（MarkFail，60秒），这条没有送出")
            return Outcome(False, verdict="MarkFail: not pushed")
        clear, verdict = build_xml(fields), ""
        first = self.request(resident.openid, clear)
        for attempt in range(1, self._config.deliveries + 1):
            fresh = attempt > 1 and self._config.fresh_nonce
            path, body = self.request(resident.openid, clear) if fresh else first
            exchange = self._line.send(
                path, body, "text/xml", fields, self._reader(resident), attempt, lost and attempt == 1
            )
            verdict = exchange.verdict
            if exchange.ok:
                self._failures = 0
                shown = self._show(resident, fields, exchange.content) if show else []
                return Outcome(True, shown, attempt, verdict)
        return self._failed(resident, fields, verdict)

    def _failed(self, resident: Resident, fields: dict[str, Any], verdict: str) -> Outcome:
        self._failures += 1
        if self._failures >= self._config.mark_fail_after:
            self._failures, self._silent_until = 0, self._clock.now() + self._config.mark_fail_seconds
        if fields.get("Event") in UNSHOWN_EVENTS:
            return Outcome(False, [], self._config.deliveries, verdict)
        notice = self._tell(resident, "notice", UNAVAILABLE)
        return Outcome(False, [notice], self._config.deliveries, verdict)

    def _show(self, resident: Resident, fields: dict[str, Any], reply: dict[str, str] | None) -> list[Item]:
        if reply is None or fields.get("Event") in UNSHOWN_EVENTS:
            return []
        item = Item("bot", reply["type"], reply["text"], self._clock.now(), author_name=self._config.account_name)
        return [resident.screen.show(item)]

    def _tell(self, resident: Resident, side: Any, text: str) -> Item:
        return resident.screen.show(Item(side, "notice", text, self._clock.now()))

    def _reader(self, resident: Resident) -> Callable[[bytes], dict[str, str] | None]:
        def read(body: bytes) -> dict[str, str] | None:
            if body in (b"", b"success"):
                return None
            root = parse(body)
            if self._cipher and (self._config.mode == "safe" or root.find("Encrypt") is not None):
                root = parse(self._opened(root, self._cipher))
            return read_reply(root, openid=resident.openid, original_id=self._config.original_id)

        return read

    def _opened(self, root: Any, cipher: Cipher) -> bytes:
        encrypted = only(root, "Encrypt")
        signed = signature(self._config.token, only(root, "TimeStamp"), only(root, "Nonce"), encrypted)
        if not same(signed, only(root, "MsgSignature")):
            raise BadAnswer("MsgSignature does not match")
        try:
            return cipher.decrypt(encrypted)
        except BadCipherText as error:
            raise BadAnswer(str(error)) from None

    def _common(self, resident: Resident) -> dict[str, Any]:
        return {
            "ToUserName": self._config.original_id,
            "FromUserName": resident.openid,
            "CreateTime": int(self._clock.now()),
        }

    def _stamp(self) -> tuple[str, str]:
        return str(int(self._clock.now())), str(secrets.randbelow(10**10))
