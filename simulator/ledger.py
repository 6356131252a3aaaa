"""Everything that went over the wire, both ways."""

import itertools
import re
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Literal

# Secrets travel in query strings here; the page and test reports must not show them.
SECRET = re.compile(r"((?:access_token|secret|key|response_code)=)([^&]{4})[^&]*")


def without_secrets(path: str) -> str:
    return SECRET.sub(r"\1\2…", path)


@dataclass(frozen=True, slots=True)
class Entry:
    """线路记录: one call over the wire.

    `direction` is seen from the platform: `to_bot` is a callback, `to_platform` an API call.
    `delivered` means a resident or a group has seen (or will see) what the call carried.
    """

    id: int
    at: float
    direction: Literal["to_bot", "to_platform"]
    path: str
    sent: Any
    answer: Any
    verdict: str
    ok: bool
    delivered: bool
    milliseconds: float
    attempt: int = 1


class Ledger:
    """线路账: the last calls, oldest first."""

    def __init__(self, size: int = 5000, on_entry: Callable[[dict[str, Any]], None] | None = None) -> None:
        self._entries: deque[Entry] = deque(maxlen=size)
        self._ids = itertools.count(1)
        self._lock = threading.Lock()
        self._on_entry = on_entry

    def write(self, *, direction: Literal["to_bot", "to_platform"], path: str, **facts: Any) -> Entry:
        with self._lock:
            entry = Entry(id=next(self._ids), direction=direction, path=without_secrets(path), **facts)
            self._entries.append(entry)
        if self._on_entry:
            self._on_entry(asdict(entry))
        return entry

    def entries(self, path: str = "", direction: str = "", after: int = 0) -> list[Entry]:
        with self._lock:
            found = list(self._entries)
        return [e for e in found if e.id > after and e.path.startswith(path) and direction in ("", e.direction)]

    def clear(self) -> None:
        with self._lock:
            self._entries.clear()
