"""The worker dies, freezes and is doubled; every promised message is delivered, hardly ever twice, never more than three times."""

import os
import random
import signal
import time

import pytest
from blackbox.conftest import Deploy
from blackbox.little_street import building, chat, grid, key, leader
from blackbox.platform_ledger import Answer, Call, Ledger
from blackbox.running import LONG, ONE_OF_BOTH, Product, Running, Web, measured, until
from blackbox.talking import Resident, Worker

KILLS = int(os.environ.get("BLACKBOX_KILLS", "2"))
POINTS = int(os.environ.get("BLACKBOX_POINTS", "4"))
CALLS = ["pwrite64", "fdatasync", "sendto", "recvfrom", "connect"]
long_only = pytest.mark.skipif(not LONG, reason="BLACKBOX_LONG=1 runs it")
WORDS = ["楼道灯不亮了", "井盖没了", "垃圾没人清，很臭"]


def _file(web: Web, grids: list[int], each: int) -> dict[int, str]:
    """Tickets by number, with the key of the group that must get the card."""
    filed = {}
    for n in grids:
        for turn in range(each):
            resident = Resident()
            resident.scan(web, building(n, turn % 12 + 1))
            [number] = resident.say(web, WORDS[turn // 12 % len(WORDS)]).numbers
            filed[number] = key(grid(n))
    return filed


def _cards(platform: Ledger, number: int) -> list[Call]:
    return [call for call in platform.delivered() if f"#{number}" in call.first_line.split("：")[0]]


def _sending(product: Product, platform: Ledger) -> Running:
    """A worker caught in its first send."""
    seen, worker = len(platform.of("webhook/send")), product.work()
    until(lambda: len(platform.of("webhook/send")) > seen, 15, "the worker sends")
    return worker


def _all_sent(product: Product) -> bool:
    return all(row["state"] not in ("waiting", "sending") for row in product.export("outbox"))


@pytest.mark.parametrize("kind", ONE_OF_BOTH)
def test_two_workers_send_each_row_once_and_one_replaces_a_frozen_one(
    kind: str, deploy: Deploy, platform: Ledger
) -> None:
    product = deploy(kind, DUPLICATES__DAYS="0")  # neighbours who join would add lines that name the same ticket
    web = product.web()
    filed = _file(web, [1, 2, 3, 4, 5, 6], 8)
    first, second = product.work(), product.work()
    until(lambda: all(_cards(platform, number) for number in filed), 20, "every card")
    more = _file(web, [1, 2, 3, 4, 5, 6], 2)
    until(lambda: all(_cards(platform, number) for number in more), 20, "every later card")
    second.stop()
    platform.script = lambda call: Answer(before=0.2, after=1.0)
    [number] = _file(web, [1], 1)
    until(lambda: [c for c in platform.of("webhook/send") if c.names(number)], 5, "the send has begun")
    product.freeze(first)
    platform.script = lambda call: None
    product.work()
    until(lambda: len(_cards(platform, number)) == 2, 20, "another worker takes over after the lease")
    [other] = _file(web, [2], 1)
    until(lambda: _cards(platform, other), 5, "and does the daily work")
    first.signal(signal.SIGCONT)
    time.sleep(2)
    assert len(_cards(platform, number)) == 2, "the frozen one wakes and repeats nothing"
    for card, group in (filed | more | {other: key(grid(2))}).items():
        assert [call.key for call in _cards(platform, card)] == [group]
    attempts = {row["ticket"]: (row["state"], row["attempts"]) for row in product.export("outbox")}
    assert attempts.pop(number) == ("sent", 2) and set(attempts.values()) == {("sent", 1)}


@long_only
def test_a_slow_platform_hears_each_message_once_from_two_workers(deploy: Deploy, platform: Ledger) -> None:
    """More receivers than threads: the last ones are begun when the lease of their claim is nearly over."""
    product = deploy()
    platform.script = lambda call: Answer(after=1.3) if "custom" in call.path else None
    web, residents = product.web(), [Resident() for _ in range(40)]
    for n, resident in enumerate(residents):
        area = n % 6 + 1
        resident.scan(web, building(area, n % 12 + 1))
        [number] = resident.say(web, "楼道灯不亮了").numbers
        Worker(leader(area), chat(grid(area))).write(web, f"接单 {number}")
    product.work(), product.work()
    until(lambda: all(platform.said_to(r.openid) for r in residents), 30, "everybody is told")
    time.sleep(4)
    assert [len(platform.said_to(r.openid)) for r in residents] == [1] * len(residents)


def test_killing_the_worker_between_claim_send_and_mark(deploy: Deploy, platform: Ledger) -> None:
    product, seed = deploy(), random.randrange(10**6)
    dice = random.Random(seed)
    platform.script = lambda call: Answer(before=0.15, after=0.15)
    filed = _file(product.web(), [1, 2, 3, 4], min(3 + KILLS, 12))
    for _ in range(KILLS):
        worker = _sending(product, platform)
        time.sleep(dice.uniform(0, 0.6))
        worker.kill()
    platform.script = lambda call: None
    product.work()
    until(lambda: all(_cards(platform, number) for number in filed), 30, f"every card, seed {seed}")
    until(lambda: _all_sent(product), 20, f"no row left behind, seed {seed}")
    counts = [sum(card.key == group for card in _cards(platform, number)) for number, group in filed.items()]
    assert max(counts) <= min(3, 1 + KILLS) and sum(counts) <= len(filed) + 4 * KILLS, seed
    assert {row["state"] for row in product.export("outbox")} <= {"sent", "unknown"}
    measured(f"seed {seed}: {KILLS} kills, {len(filed)} cards, {sum(counts)} delivered, most {max(counts)}")


@long_only
def test_a_worker_dying_over_one_message_starves_no_other(deploy: Deploy, platform: Ledger) -> None:
    """Three deaths before the first answer: a claim that never became a send must not use up a row's tries."""
    product = deploy()
    filed = _file(product.web(), [1, 2], 3)
    platform.script = lambda call: Answer(before=30.0)
    for _ in range(3):
        worker = _sending(product, platform)
        worker.kill()
    tried = [number for number in filed for call in platform.of("webhook/send") if call.names(number)]
    most = max(tried.count(number) for number in filed)
    platform.script = lambda call: None
    product.work()
    untouched = [number for number in filed if tried.count(number) < 3]
    until(lambda: all(_cards(platform, number) for number in untouched), 20, f"{untouched} of {sorted(filed)}")
    until(lambda: _all_sent(product), 15, "no row left behind")
    sends = {n: sum(call.names(n) for call in platform.of("webhook/send")) for n in filed}
    assert max(sends.values()) <= 3, sends
    measured(f"most tried before healing: {most}; sends a row: {sorted(sends.values())}")


@long_only
def test_the_worker_dies_at_its_nth_write(deploy: Deploy, platform: Ledger) -> None:
    product, died = deploy(), 0
    web, filed = product.web(), dict[int, str]()
    for nth, call in [(nth, call) for nth in range(1, POINTS + 1) for call in CALLS]:
        filed |= _file(web, [nth % 6 + 1], 1)
        rule = ("-e", f"trace={call}", "-e", f"inject={call}:signal=KILL:when={nth}")
        worker = product.start("work", before=("strace", "-f", "--seccomp-bpf", "-o", "/dev/null", *rule))
        deadline = time.monotonic() + 6
        while worker.popen.poll() is None and time.monotonic() < deadline:
            time.sleep(0.05)
        died += worker.popen.poll() is not None
        worker.kill()
    product.work()
    until(lambda: all(_cards(platform, number) for number in filed), 90, "every card")
    until(lambda: _all_sent(product), 30, "no row left behind")
    counts = [len(_cards(platform, number)) for number in filed]
    assert max(counts) <= 3 and sum(counts) <= len(filed) + died
    measured(f"{len(filed)} points, {died} deaths, {sum(counts)} cards for {len(filed)} tickets, most {max(counts)}")
