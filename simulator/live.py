"""What happens in the world, as it happens: the page listens by server-sent events."""

import json
import queue
import threading
from collections.abc import Iterator
from typing import Any

BACKLOG = 1000


class Live:
    """直播: every listener gets every event; a listener that falls behind is dropped and reconnects."""

    def __init__(self) -> None:
        self._listeners: set[queue.Queue[str | None]] = set()
        self._lock = threading.Lock()

    def publish(self, kind: str, **content: Any) -> None:
        with self._lock:
            listeners = list(self._listeners)
        if not listeners:
            return
        line = f"event: {kind}\ndata: {json.dumps(content, ensure_ascii=False)}\n\n"
        for listener in listeners:
            try:
                listener.put_nowait(line)
            except queue.Full:
                self._forget(listener)

    def listen(self, heartbeat_seconds: float = 15) -> Iterator[str]:
        """Lines of `text/event-stream`, until the world closes."""
        mine: queue.Queue[str | None] = queue.Queue(BACKLOG)
        with self._lock:
            self._listeners.add(mine)
        return self._lines(mine, heartbeat_seconds)

    def close(self) -> None:
        with self._lock:
            listeners = list(self._listeners)
        for listener in listeners:
            listener.put(None)

    def _lines(self, mine: "queue.Queue[str | None]", heartbeat_seconds: float) -> Iterator[str]:
        try:
            yield "retry: 1000\n\n"
            while True:
                try:
                    line = mine.get(timeout=heartbeat_seconds)
                except queue.Empty:
                    line = ": still here\n\n"
                if line is None or mine not in self._listeners:
                    return
                yield line
        finally:
            self._forget(mine)

    def _forget(self, listener: "queue.Queue[str | None]") -> None:
        with self._lock:
            self._listeners.discard(listener)
