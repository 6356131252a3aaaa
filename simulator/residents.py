"""Followers of the official account and the platform's bookkeeping about them."""

import base64
import hashlib
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from simulator.screen import Screen

HOUR = 3600
OUT_OF_TIME, OUT_OF_COUNT = 45015, 45047


class Unknown(LookupError):
    """Nobody and nothing of this name is in the world."""


@dataclass(slots=True)
class Window:
    """客服消息窗口: how many messages may follow what the resident did (§2.2)."""

    opened_at: float
    seconds: float
    allowed: int
    used: int = 0

    def open(self, now: float) -> bool:
        return now < self.opened_at + self.seconds


@dataclass(slots=True)
class Resident:
    """居民: one WeChat user and what their phone shows.

    The nickname is for the page only; the platform never tells it (§2.9).
    """

    openid: str
    nickname: str
    screen: Screen
    following: bool = True
    followed_at: float = 0
    scene: str = ""
    tags: set[int] = field(default_factory=set)
    windows: dict[Literal["message", "action"], Window] = field(default_factory=dict)
    last_active_at: float = 0

    def wrote(self, now: float) -> None:
        self.last_active_at = now
        self.windows["message"] = Window(now, 48 * HOUR, 5)

    def acted(self, now: float) -> None:
        """A menu click, a follow, a scan, a tapped menu item."""
        self.last_active_at = now
        self.windows["action"] = Window(now, 60, 3)

    def spend(self, now: float) -> int:
        """Take one customer-service message: 0, or the platform's errcode."""
        open_windows = [window for window in self.windows.values() if window.open(now)]
        if not self.following or not open_windows:
            return OUT_OF_TIME
        # The window that closes first is spent first.
        for window in sorted(open_windows, key=lambda w: w.opened_at + w.seconds):
            if window.used < window.allowed:
                window.used += 1
                return 0
        return OUT_OF_COUNT

    def left(self, now: float) -> int:
        """Customer-service messages the account may still send."""
        return sum(w.allowed - w.used for w in self.windows.values() if w.open(now)) if self.following else 0


class Residents:
    """居民名册: who exists in the world."""

    def __init__(self, salt: str, on_item: Callable[[str, dict[str, Any]], None]) -> None:
        self._salt = salt
        self._on_item = on_item
        self._by_openid: dict[str, Resident] = {}
        self.lock = threading.RLock()

    def named(self, nickname: str, *, now: float = 0, following: bool = True) -> Resident:
        """The resident of this nickname, created on first use with the same openid in every run."""
        openid = self._openid(nickname)
        with self.lock:
            if openid not in self._by_openid:
                screen = Screen(lambda item: self._on_item(openid, item))
                self._by_openid[openid] = Resident(openid, nickname, screen, following, now if following else 0)
            return self._by_openid[openid]

    def get(self, openid: str) -> Resident | None:
        return self._by_openid.get(openid)

    def all(self) -> list[Resident]:
        with self.lock:
            return list(self._by_openid.values())

    def _openid(self, nickname: str) -> str:
        digest = hashlib.sha256(f"{self._salt}|{nickname}".encode()).digest()
        return "oSIM" + base64.urlsafe_b64encode(digest).decode()[:24]
