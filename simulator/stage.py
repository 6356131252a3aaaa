"""Hands and eyes for a showing: acts in a running demo by its control API, and waits until something is seen there."""

import json
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote
from urllib.request import ProxyHandler, Request, build_opener

from simulator.board import plain
from simulator.pacer import ZONE

PATIENCE_SECONDS = 20
LOOK_SECONDS = 0.2


class NotSeen(Exception):
    """What the showing waited for did not come; the text says what, and where."""


class Stage:
    """舞台: people by their nicknames, groups by the code of their area or department.

    `pause`: seconds a spectator gets to read each line.
    """

    def __init__(self, address: str, pause: float = 1.5, say: Callable[[str], None] = print) -> None:
        self._address, self._pause, self._say = address.rstrip("/"), pause, say
        self._open = build_opener(ProxyHandler({})).open
        self._marks: dict[str, int] = {}
        self._groups = {group["area_code"]: group for group in self.state()["groups"]}

    def state(self) -> Any:
        return self._call("GET", "state")

    def caption(self, words: str) -> None:
        """One line of the story, with the time it has there."""
        moment = f"{datetime.fromtimestamp(self.now(), ZONE):%m-%d %H:%M}"
        self._say(f"[{moment}] {words}")
        time.sleep(self._pause)

    def now(self) -> float:
        return float(self._call("GET", "clock")["now"])

    def resident(self, nickname: str, **action: Any) -> str:
        """What they do on their phone, as `actions.py` names it; returns what they then see."""
        openid = self._openid(nickname)
        if "text" in action:
            self.caption(f"{nickname}：{action['text']}")
        self._mark(f"residents/{openid}")
        return self._answered(self._call("POST", f"residents/{openid}/push", {"kind": "text"} | action)["seen"])

    def says(self, code: str, member: str, text: str) -> str:
        """`member`: userid, name, or duty. Returns the bot's answer in the group."""
        group = self._groups[code]
        who = next((m for m in group["members"] if member in (m["userid"], m["name"], m["duty"])), None)
        self.caption(f"{group['name']} {who['name'] if who else member}：{text}")
        asked = {"member": who["userid"] if who else member, "text": text}
        return self._answered(self._call("POST", f"groups/{quote(group['chat_id'])}/say", asked)["seen"])

    def passes(self, seconds: float) -> None:
        self._move({"skip_seconds": seconds})

    def morning(self) -> None:
        self._move({"to_morning": True})

    def hears(self, code: str, *words: str) -> str:
        """Wait until one card in this group holds all these words; returns it."""
        group = self._groups[code]
        return self._sees(f"groups/{quote(group['chat_id'])}", group["name"], words, ("push",))

    def reads(self, nickname: str, *words: str) -> str:
        """Wait until something this resident got since they last did something holds all these words; returns it."""
        return self._sees(f"residents/{self._openid(nickname)}", nickname, words, ("bot", "push"))

    def day(self, later: int) -> str:
        """The day so many days later, as workers write it: 11-28."""
        return f"{datetime.fromtimestamp(self.now() + later * 86400, ZONE):%m-%d}"

    def scene(self, building: str) -> str:
        """What the code on the door of this building says."""
        return f"b-{self._call('GET', f'buildings?q={quote(building)}')[0]['code']}"

    def _answered(self, seen: str) -> str:
        if seen:
            self.caption(f"    机器人：{' / '.join(plain(seen)[:3])}")
        return seen

    def _sees(self, whose: str, name: str, words: tuple[str, ...], sides: tuple[str, ...]) -> str:
        until = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < until:
            for item in reversed(self._call("GET", f"{whose}/screen")):
                late = item["id"] > self._marks.get(whose, 0)
                if late and item["side"] in sides and all(word in item["text"] for word in words):
                    self.caption(f"    {name}收到：{' / '.join(plain(item['text'])[:3])}")
                    return str(item["text"])
            time.sleep(LOOK_SECONDS)
        raise NotSeen(f"{name}没有收到：{' … '.join(words)}")

    def _mark(self, whose: str) -> None:
        screen = self._call("GET", f"{whose}/screen")
        self._marks[whose] = screen[-1]["id"] if screen else 0

    def _move(self, asked: dict[str, Any]) -> None:
        until = self._call("POST", "clock", asked)["until"]
        while until and self._call("GET", "clock")["until"]:
            time.sleep(LOOK_SECONDS)
        self.caption(f"—— 时间到了{datetime.fromtimestamp(self.now(), ZONE):%H:%M} ——")

    def _openid(self, nickname: str) -> str:
        return str(self._call("POST", "residents", {"nickname": nickname, "following": True})["openid"])

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        content = None if body is None else json.dumps(body).encode()
        request = Request(f"{self._address}/sim/{path}", content, {"Content-Type": "application/json"}, method=method)
        try:
            with self._open(request, timeout=30) as answer:
                return json.load(answer)
        except HTTPError as error:
            raise NotSeen(f"{method} {path}: {error.code} {error.read().decode(errors='replace')[:200]}") from None
        except (URLError, OSError):
            raise NotSeen(f"{self._address} does not answer. Start the demo first: make demo") from None
