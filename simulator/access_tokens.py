"""Access tokens as the platform keeps them (§2.1)."""

import secrets
import threading
from collections import deque
from collections.abc import Mapping
from typing import Any

from simulator.answers import PlatformError
from simulator.clock import Clock
from simulator.config import WorldConfig

LIFETIME, OVERLAP = 7200, 300
DAY, MINUTE = 86400, 60
CLASSIC_A_DAY, STABLE_A_MINUTE, FORCED_A_DAY, FORCED_APART = 2000, 10_000, 20, 30


class AccessTokens:
    """凭证: two isolated kinds; each knows its current token and when the older ones die."""

    def __init__(self, config: WorldConfig, clock: Clock) -> None:
        self._config, self._clock = config, clock
        self._lock = threading.Lock()
        self._dies_at: dict[str, float] = {}
        self._withdrawn: set[str] = set()
        self._current: dict[str, str] = {}
        self._calls: dict[str, deque[float]] = {"classic": deque(), "stable": deque(), "forced": deque()}

    def classic(self, asked: Mapping[str, Any]) -> tuple[str, int]:
        """`/cgi-bin/token`: a new one every time; the previous one dies after a short overlap."""
        self._credentials(asked)
        with self._lock:
            self._count("classic", CLASSIC_A_DAY, DAY, 45009)
            return self._renew("classic", OVERLAP), LIFETIME

    def stable(self, asked: Mapping[str, Any]) -> tuple[str, int]:
        """`/cgi-bin/stable_token`: the same one until five minutes before its end, unless forced."""
        self._credentials(asked)
        with self._lock:
            self._count("stable", STABLE_A_MINUTE, MINUTE, 45011)
            if asked.get("force_refresh") is True:
                self._count_forced()
                return self._renew("stable", 0), LIFETIME
            current = self._current.get("stable", "")
            remaining = self._dies_at.get(current, 0) - self._clock.now()
            if current in self._withdrawn or remaining <= OVERLAP:
                return self._renew("stable", OVERLAP), LIFETIME
            return current, int(remaining)

    def check(self, token: str | None) -> None:
        """Raises PlatformError 41001, 40001 or 42001."""
        if not token:
            raise PlatformError(41001)
        with self._lock:
            if token not in self._dies_at or token in self._withdrawn:
                raise PlatformError(40001)
            if self._dies_at[token] <= self._clock.now():
                raise PlatformError(42001)

    def withdraw_all(self) -> None:
        """All tokens become invalid now, as after a reset of the secret."""
        with self._lock:
            self._withdrawn.update(self._dies_at)

    def _credentials(self, asked: Mapping[str, Any]) -> None:
        if asked.get("grant_type") != "client_credential":
            raise PlatformError(40002)
        if asked.get("appid") != self._config.app_id:
            raise PlatformError(40013)
        if asked.get("secret") != self._config.app_secret:
            raise PlatformError(40125)

    def _renew(self, kind: str, overlap: float) -> str:
        now, old = self._clock.now(), self._current.get(kind)
        if old and overlap:
            self._dies_at[old] = min(self._dies_at[old], now + overlap)
        elif old:
            self._withdrawn.add(old)
        token = f"{secrets.randbelow(100)}_{secrets.token_urlsafe(96)}"
        self._current[kind], self._dies_at[token] = token, now + LIFETIME
        return token

    def _count(self, kind: str, most: int, seconds: float, code: int) -> None:
        calls, now = self._calls[kind], self._clock.now()
        while calls and calls[0] <= now - seconds:
            calls.popleft()
        if len(calls) >= most:
            raise PlatformError(code)
        calls.append(now)

    def _count_forced(self) -> None:
        forced = self._calls["forced"]
        if forced and self._clock.now() - forced[-1] < FORCED_APART:
            raise PlatformError(45011)
        self._count("forced", FORCED_A_DAY, DAY, 45009)
