"""kill -9 of the web process under load: what was answered is there, once; nothing else is there twice."""

import os
import random
import shutil
import subprocess
import threading
import time
from collections import Counter
from itertools import cycle
from pathlib import Path

import pytest
from blackbox.conftest import Deploy
from blackbox.little_street import building
from blackbox.running import LONG, ONE_OF_BOTH, Product, Web, measured, until
from blackbox.talking import Envelope, Heard, Resident, new_id, post

KILLS = int(os.environ.get("BLACKBOX_KILLS", "2"))
POINTS = int(os.environ.get("BLACKBOX_POINTS", "4"))
CALLS = ["pwrite64", "fdatasync", "sendto,write,writev"]
WORDS = cycle(["楼道灯不亮了", "下水道堵了，污水漫出来", "井盖没了", "垃圾没人清，很臭"])


class Crowd:
    """人群: residents who write one after another, each message delivered up to three times as the platform would."""

    def __init__(self, port: int, people: int) -> None:
        self.port, self.ended = port, threading.Event()
        self.sent: dict[str, list[Heard]] = {}
        self.threads = [threading.Thread(target=self._live, args=(n,)) for n in range(people)]
        for thread in self.threads:
            thread.start()

    def _live(self, n: int) -> None:
        resident = Resident()
        while not self.ended.is_set():
            msg_id = new_id()
            self.sent[msg_id] = self._told(resident, resident.text(next(WORDS), msg_id))

    def _told(self, resident: Resident, envelope: Envelope) -> list[Heard]:
        heard = []
        for _ in range(3):
            try:
                heard.append(post(PortOnly(self.port), envelope, resident))
                return heard
            except OSError:
                time.sleep(0.2)
        return heard

    def leave(self) -> None:
        self.ended.set()
        for thread in self.threads:
            thread.join(30)


class PortOnly(Web):
    """A web whose processes come and go; only the port stays."""

    def __init__(self, port: int) -> None:
        self.port = port


@pytest.mark.parametrize("kind", ONE_OF_BOTH)
def test_killing_the_web_loses_nothing_that_was_answered(kind: str, deploy: Deploy) -> None:
    product, seed = deploy(kind, SERVER__WORKERS="2"), random.randrange(10**6)
    dice = random.Random(seed)
    web = product.web()
    crowd = Crowd(web.port, 6)
    for turn in range(KILLS):
        time.sleep(dice.uniform(0.2, 1.2))
        web.process.kill() if turn % 2 == 0 else web.process.kill_the_first()
        web = product.web(web.port)
    time.sleep(0.5)
    crowd.leave()
    assert not [h for answers in crowd.sent.values() for h in answers if h.status != 200 or h.seconds > 4.5], seed
    answered = {msg_id for msg_id, answers in crowd.sent.items() if answers}
    _nothing_lost_nothing_twice(product, answered, set(crowd.sent), seed)
    measured(f"{kind}: seed {seed}, {KILLS} kills, {len(crowd.sent)} sent, {len(answered)} answered")


def _nothing_lost_nothing_twice(product: Product, answered: set[str], sent: set[str], seed: int) -> None:
    messages, tickets, events = product.exports("messages", "tickets", "events")
    kept = Counter(str(row["platform_id"]) for row in messages if row["type"] == "text")
    assert answered <= set(kept) <= sent, seed
    assert set(kept.values()) <= {1}, seed
    of_message = Counter(n for row in tickets for n in row["message_ids"])
    for row in messages:
        if row["decision"] == "ticket":
            assert row["tickets"] and of_message[row["id"]] >= 1, (seed, row)
    numbers = [row["number"] for row in tickets]
    assert len(numbers) == len(set(numbers)), seed
    filed = Counter(row["ticket"] for row in events if row["action"] == "file")
    assert filed == Counter(dict.fromkeys(numbers, 1)), seed


@pytest.mark.skipif(not LONG, reason="BLACKBOX_LONG=1 strikes at BLACKBOX_POINTS=4 of each system call")
def test_the_web_dies_at_its_nth_write(deploy: Deploy) -> None:
    """strace kills the process at a chosen system call; the resident's platform tries again after a restart."""
    if not shutil.which("strace"):
        pytest.skip("strace is not installed")
    product, told, struck = deploy(), set[str](), 0
    web = product.web()
    for nth, call in [(nth, call) for nth in range(1, POINTS + 1) for call in CALLS]:
        resident, msg_id = Resident(), new_id()
        resident.scan(web, building(1 + nth % 6, nth % 12 + 1))
        envelope = resident.text("楼道灯不亮了", msg_id)
        with Struck(web, call, nth):
            first = _attempt(web, envelope, resident)
        struck += first is None
        web.process.kill()
        web = product.web(web.port)
        again = post(web, envelope, resident)
        assert again.status == 200 and len(again.numbers) == 1, (call, nth)
        assert first is None or first.text == again.text, (call, nth)
        told.add(msg_id)
    _nothing_lost_nothing_twice(product, told, told, 0)
    assert len(product.export("tickets")) == len(told)
    measured(f"{len(told)} points, {struck} struck before the answer")


def _attempt(web: Web, envelope: Envelope, resident: Resident) -> Heard | None:
    try:
        return post(web, envelope, resident)
    except OSError:
        return None


class Struck:
    """被击中: the web's workers under a strace that kills them at the nth such call."""

    def __init__(self, web: Web, call: str, nth: int) -> None:
        self.web, self.rule = web, ["-e", f"trace={call}", "-e", f"inject={call}:signal=KILL:when={nth}"]

    def __enter__(self) -> None:
        group = subprocess.run(
            ["ps", "-o", "pid=", "-g", str(self.web.process.popen.pid)], capture_output=True, text=True, check=True
        )
        pids = [part for pid in group.stdout.split() for part in ("-p", pid)]
        self.strace = subprocess.Popen(
            ["strace", "-f", "-q", *self.rule, *pids], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        status = Path(f"/proc/{pids[-1]}/status")
        until(lambda: "TracerPid:\t0\n" not in status.read_text(), 5, "strace attached")

    def __exit__(self, *error: object) -> None:
        self.strace.kill()
        self.strace.wait(5)
