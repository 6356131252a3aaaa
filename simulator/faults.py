"""What can go wrong on the way, switched on by path."""

import itertools
import random
import threading
from dataclasses import dataclass, field
from typing import Literal

ApiKind = Literal["errcode", "http", "slow", "silent", "cut", "reset", "drip"]
CallbackKind = Literal["duplicate", "late", "lost_reply"]
FaultKind = ApiKind | CallbackKind

API_KINDS = ("errcode", "http", "slow", "silent", "cut", "reset", "drip")
CALLBACK_KINDS = ("duplicate", "late", "lost_reply")
NOT_ACCEPTED = ("errcode", "http")


@dataclass(slots=True)
class Fault:
    """故障: one switch.

    API paths (`/cgi-bin/…`, or `*`): errcode, http (status in `code`), slow (`seconds`, then the true answer),
    silent (accept, never answer), cut (half a JSON), reset (connection reset), drip (two bytes a `seconds`).
    Callback paths (`/wechat`, `/wecom/bot`): duplicate (delivered again after success), late (after the next message),
    lost_reply (the answer is lost once, so the platform delivers again).
    `accepted` says whether a faulty API call takes effect all the same: the unknown outcome.
    `times`: None is for ever. `percent`: how many of the calls.
    """

    path: str
    kind: FaultKind
    code: int = 0
    times: int | None = None
    percent: float = 100
    seconds: float = 6
    accepted: bool = True
    id: int = 0
    hits: int = field(default=0)


class Faults:
    """故障台: the switches that are on."""

    def __init__(self, seed: int = 1) -> None:
        self._faults: list[Fault] = []
        self._ids = itertools.count(1)
        self._lock = threading.Lock()
        self._dice = random.Random(seed)
        self.cleared = threading.Event()

    def add(self, fault: Fault) -> Fault:
        if fault.kind not in API_KINDS + CALLBACK_KINDS:
            raise ValueError(f"unknown fault kind {fault.kind!r}")
        with self._lock:
            fault.id = next(self._ids)
            if fault.kind in NOT_ACCEPTED:
                fault.accepted = False
            self._faults.append(fault)
            self.cleared.clear()
        return fault

    def pick(self, path: str) -> Fault | None:
        """The fault that strikes this call, if any; counts it."""
        with self._lock:
            for fault in self._faults:
                if self._strikes(fault, path):
                    fault.hits += 1
                    return fault
        return None

    def remove(self, fault_id: int) -> None:
        with self._lock:
            self._faults = [fault for fault in self._faults if fault.id != fault_id]

    def clear(self) -> None:
        with self._lock:
            self._faults.clear()
        self.cleared.set()  # lets calls go that hang on a silent platform

    def all(self) -> list[Fault]:
        with self._lock:
            return list(self._faults)

    def _strikes(self, fault: Fault, path: str) -> bool:
        callback = fault.kind in CALLBACK_KINDS
        if fault.path != path and not (fault.path == "*" and not callback and path.startswith("/cgi-bin/")):
            return False
        if fault.times is not None and fault.hits >= fault.times:
            return False
        return self._dice.random() * 100 < fault.percent
