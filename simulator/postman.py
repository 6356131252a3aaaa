"""Deliveries of callbacks as the network makes them: once, twice, or after the next one."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from simulator.faults import Faults
from simulator.screen import Item


@dataclass(frozen=True, slots=True)
class Outcome:
    """结果: what one push came to."""

    ok: bool
    shown: list[Item] = field(default_factory=list)
    attempts: int = 0
    verdict: str = ""

    @property
    def text(self) -> str:
        return "\n".join(item.text for item in self.shown)


Push = Callable[[bool, bool], Outcome]
"""(lose the first answer, show what comes back) → outcome."""


class Postman:
    """投递员: applies the delivery faults of one callback path."""

    def __init__(self, path: str, faults: Faults) -> None:
        self._path = path
        self._faults = faults
        self._held: list[Push] = []
        self._lock = threading.Lock()

    def post(self, push: Push) -> Outcome:
        fault = self._faults.pick(self._path)
        kind = fault.kind if fault else ""
        if kind == "late":
            with self._lock:
                self._held.append(push)
            return Outcome(True, verdict="held back until after the next message (fault)")
        outcome = push(kind == "lost_reply", True)
        if kind == "duplicate":
            push(False, False)
        with self._lock:
            held, self._held = self._held, []
        for late in held:
            late(False, True)
        return outcome
