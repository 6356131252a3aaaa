"""What a person sees: a phone's conversation or a group's."""

import itertools
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Side = Literal["person", "bot", "push", "notice", "simulator"]

_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Item:
    """一条: one bubble.

    `side`: person (written by the resident or a member), bot (passive reply, stream), push (customer-service message,
    webhook card), notice (grey system line), simulator (grey line that no real phone would show).
    """

    side: Side
    kind: str
    text: str
    at: float
    author: str = ""
    author_name: str = ""
    details: dict[str, Any] = field(default_factory=dict)
    id: int = field(default_factory=lambda: next(_numbers))


class Screen:
    """屏幕: the last items, oldest first."""

    def __init__(self, on_item: Callable[[dict[str, Any]], None], size: int = 400) -> None:
        self._items: deque[Item] = deque(maxlen=size)
        self._lock = threading.Lock()
        self._on_item = on_item

    def show(self, item: Item) -> Item:
        with self._lock:
            self._items.append(item)
        self._on_item(asdict(item))
        return item

    def items(self, *sides: Side) -> list[Item]:
        with self._lock:
            return [item for item in self._items if not sides or item.side in sides]

    def find(self, item_id: int) -> Item | None:
        return next((item for item in self.items() if item.id == item_id), None)

    def clear(self) -> None:
        with self._lock:
            self._items.clear()
