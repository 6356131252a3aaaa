"""WeCom's pushes to the AI bot: encrypted JSON, empty receive id, 5 seconds, stream polling (§3.2)."""

import json
import re
import secrets
import threading
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from simulator.bot_line import BotLine
from simulator.clock import Clock
from simulator.config import WorldConfig
from simulator.crypto import Cipher, signature
from simulator.faults import Faults
from simulator.groups import Group, Member
from simulator.postman import Outcome, Postman
from simulator.screen import Item
from simulator.wecom_answer import read_answer

PATH = "/wecom/bot"
BOT_ID = "aibSIMULATOR"
TAG = re.compile(r"</?font[^>]*>")


class ReplyAddresses:
    """回复地址: `response_url` codes, each good for one call within an hour."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._open: dict[str, tuple[str, float]] = {}
        self._lock = threading.Lock()

    def issue(self, chat_id: str) -> str:
        code = secrets.token_urlsafe(24)
        with self._lock:
            self._open[code] = (chat_id, self._clock.now() + 3600)
            while len(self._open) > 1000:
                self._open.pop(next(iter(self._open)))
        return code

    def use(self, code: str) -> str | None:
        with self._lock:
            chat_id, until = self._open.pop(code, ("", 0.0))
        return chat_id if self._clock.now() < until else None


class WecomCallback:
    """智能机器人回调: tells the bot what was said to it and shows what it answers."""

    def __init__(
        self, config: WorldConfig, line: BotLine, clock: Clock, faults: Faults, addresses: ReplyAddresses
    ) -> None:
        self._config, self._line, self._clock, self._addresses = config, line, clock, addresses
        self._postman = Postman(PATH, faults)
        self._cipher = Cipher(config.bot_aes_key, "")
        self._last: dict[str, tuple[dict[str, Any], str]] = {}
        self.own_url = ""
        self.bot_name = config.bot_name

    def said(self, group: Group, member: Member, text: str, quote: str = "", space: str = " ") -> Outcome:
        """A text that mentions the bot (in a single chat nothing needs mentioning)."""
        prefix = "" if group.single else f"@{self._config.bot_name}{space}"
        body = self.common(group, member) | {"msgtype": "text", "text": {"content": prefix + text}}
        if quote:
            body["quote"] = {"msgtype": "text", "text": {"content": TAG.sub("", quote)}}
        return self.push(group, body, "message")

    def event(self, group: Group, member: Member, kind: str, **content: Any) -> Outcome:
        event = {"eventtype": kind} | ({kind: content} if content else {})
        body = self.common(group, member) | {"create_time": int(self._clock.now()), "msgtype": "event", "event": event}
        return self.push(group, body, kind)

    def push(self, group: Group, body: dict[str, Any], situation: str = "message") -> Outcome:
        """Deliver exactly this body (again)."""
        self._last[group.chat_id] = (body, situation)
        return self._postman.post(lambda lost, show: self._deliver(group, body, situation, lost, show))

    def again(self, group: Group) -> Outcome:
        """The last push of this chat once more: same msgid."""
        return self.push(group, *self._last[group.chat_id])

    def verify(self) -> bool:
        """GET check; here echostr is cipher text and the clear text must come back."""
        echo = str(secrets.randbelow(10**18))
        path, _ = self.request(self._cipher.encrypt(echo.encode()))
        return self._line.check(path, echo)

    def request(self, encrypted: str) -> tuple[str, str]:
        """Path with query for this cipher text (as echostr too), and the nonce."""
        timestamp, nonce = str(int(self._clock.now())), str(secrets.randbelow(10**10))
        signed = signature(self._config.bot_token, timestamp, nonce, encrypted)
        query = {"msg_signature": signed, "timestamp": timestamp, "nonce": nonce, "echostr": encrypted}
        return f"{PATH}?{urlencode(query)}", nonce

    def _deliver(self, group: Group, body: dict[str, Any], situation: str, lost: bool, show: bool) -> Outcome:
        verdict = ""
        for attempt in range(1, self._config.deliveries + 1):
            exchange = self._send(body, situation, attempt, lost and attempt == 1)
            verdict = exchange.verdict
            if exchange.ok:
                final = self._finished(body, exchange.content)
                return Outcome(True, self._show(group, final) if show else [], attempt, verdict)
        group.screen.show(Item("simulator", "notice", "机器人没有应答（真实的群里什么也不显示）", self._clock.now()))
        return Outcome(False, [], self._config.deliveries, verdict)

    def _send(self, body: dict[str, Any], situation: str, attempt: int = 1, lost: bool = False) -> Any:
        encrypted = self._cipher.encrypt(json.dumps(body, ensure_ascii=False).encode())
        path, nonce = self.request(encrypted)
        path = path.partition("&echostr=")[0]
        envelope = json.dumps({"encrypt": encrypted}).encode()
        reader: Callable[[bytes], Any] = lambda answer: read_answer(  # noqa: E731
            answer, cipher=self._cipher, token=self._config.bot_token, nonce=nonce, situation=situation
        )
        return self._line.send(path, envelope, "application/json", body, reader, attempt, lost)

    def _finished(self, body: dict[str, Any], answer: dict[str, Any] | None) -> dict[str, Any] | None:
        """Poll an unfinished stream until it is finished or too old."""
        last, until = answer, self._clock.now() + self._config.stream_minutes * 60
        while answer and answer.get("stream", {}).get("finish") is False and self._clock.now() < until:
            time.sleep(self._config.poll_seconds)
            poll = {k: v for k, v in body.items() if k in ("aibotid", "chatid", "chattype", "from")}
            poll |= {"msgid": secrets.token_hex(16), "msgtype": "stream", "stream": {"id": answer["stream"]["id"]}}
            answer = self._send(poll, "stream").content
            last = answer or last
        return last

    def _show(self, group: Group, answer: dict[str, Any] | None) -> list[Item]:
        if answer is None:
            return []
        kind = str(answer.get("response_type") or answer.get("msgtype"))
        part = answer.get("stream") or answer.get("text") or answer.get("template_card") or {}
        text = part.get("content") or part.get("main_title", {}).get("title") or ""
        details = {"card": answer["template_card"]} if "template_card" in answer else {}
        item = Item("bot", kind, text, self._clock.now(), author_name=self._config.bot_name, details=details)
        return [group.screen.show(item)]

    def common(self, group: Group, member: Member) -> dict[str, Any]:
        code = self._addresses.issue(group.chat_id)
        common: dict[str, Any] = {
            "msgid": secrets.token_hex(16),
            "aibotid": BOT_ID,
            "chattype": "single" if group.single else "group",
            "from": {"userid": member.userid},
            "response_url": f"{self.own_url}/cgi-bin/aibot/response?response_code={code}",
        }
        return common if group.single else common | {"chatid": group.chat_id}
