"""The platforms fail in every way they know; residents wait no longer, nothing is lost, nobody is stormed."""

import time

import pytest
from blackbox.conftest import Deploy
from blackbox.little_street import COMMUNITIES, building, chat, grid, key, leader
from blackbox.platform_ledger import OK, Answer, Call, Ledger, refused
from blackbox.running import LONG, TICK, measured, until
from blackbox.talking import Resident, Worker

long_only = pytest.mark.skipif(not LONG, reason="BLACKBOX_LONG=1 runs it")
HTML = b"<html>502 Bad Gateway</html>"
ONCE: dict[str, list[Answer]] = {
    key(grid(1)): [Answer(HTML, 502, accepted=False)] * 9,
    key(grid(2)): [Answer(reset=True)],
    key(grid(3)): [Answer(b'{"errcode":0,"errm')],
    key(grid(4)): [refused(45009)],
    key(grid(6)): [Answer(HTML, accepted=False), Answer({"foo": 1}, accepted=False)],
}


class Trouble:
    """故障: every group has its own; `gone` names residents outside the 48 h window."""

    def __init__(self) -> None:
        self.left = {group: list(answers) for group, answers in ONCE.items()}
        self.gone: set[str] = set()
        self.token_dead = False

    def __call__(self, call: Call) -> Answer | None:
        if call.key == key(grid(5)):
            return refused(93000)
        if self.left.get(call.key):
            return self.left[call.key].pop(0)
        if "custom/send" in call.path:
            if call.body.get("touser") in self.gone:
                return refused(45015)
            return refused(40001) if self.token_dead else Answer(dict(OK))
        return None


def test_every_kind_of_platform_fault_at_once(deploy: Deploy, platform: Ledger) -> None:
    product, trouble = deploy(), Trouble()
    platform.script = trouble
    web = product.web()
    product.work(), product.work()
    residents = {n: Resident() for n in range(1, 7)}
    numbers = {}
    for n, resident in residents.items():
        resident.scan(web, building(n))
        [numbers[n]] = resident.say(web, "楼道灯不亮了").numbers

    def delivered(n: int, group: str = "") -> int:
        return sum(call.names(numbers[n]) for call in platform.delivered(key=group or key(grid(n))))

    until(lambda: all(delivered(n) for n in (2, 3, 6)), 25, "retried cards")
    until(lambda: delivered(5, key(COMMUNITIES[2])), 10, "a dead webhook: the card goes to the group above")
    until(lambda: delivered(1, key(COMMUNITIES[0])), 10, "three unknown outcomes: the group above is told")
    assert (
        len(platform.of("webhook/send", key(grid(1)))) <= 3
        and delivered(6) == 1
        and {delivered(2), delivered(3)} <= {1, 2}
    )

    trouble.gone = {residents[1].openid}
    Worker(leader(1), chat(grid(1))).write(web, f"接单 {numbers[1]}")
    until(lambda: _custom(platform, residents[1]), 5, "the resident outside the window is tried")
    trouble.token_dead = True
    for n in (2, 3, 4, 6):
        Worker(leader(n), chat(grid(n))).write(web, f"接单 {numbers[n]}")
    slowest = 0.0
    for _ in range(16):
        slowest = max(slowest, residents[2].say(web, "进度").seconds)
        time.sleep(0.5)
    assert slowest < 1.5, "no callback waits for a platform"
    assert len(_custom(platform, residents[1])) == 1, "45015 is never sent again as it is"
    assert len(platform.of("token")) <= 3, "one at the start, then at most two a minute"
    assert delivered(2) <= 2 and delivered(3) <= 2 and len(platform.of("webhook/send", key(grid(5)))) <= 2
    calls = platform.of("webhook/send", key(grid(4)))
    assert [call.delivered for call in calls] == [False], "45009 rests the robot for a minute"
    assert f"#{numbers[1]}" in residents[1].say(web, "进度").text
    states = {(row["ticket"], row["channel"]): row["state"] for row in product.export("outbox")}
    assert states[numbers[2], "group_push"] == "sent" and states[numbers[4], "group_push"] == "waiting"
    measured(
        f"slowest callback {slowest:.3f} s, {len(platform.of('token'))} token calls, {len(platform.of('custom/send'))} sends"
    )


@long_only
def test_an_account_that_never_answers_delays_no_group(deploy: Deploy, platform: Ledger) -> None:
    product = deploy(DELIVERY__SEND_DEADLINE_SECONDS="10", SCHEDULER__LEASE_SECONDS="30")
    web = product.web()
    product.work()
    numbers = []
    for n in range(1, 13):
        resident = Resident()
        resident.scan(web, building(n % 6 + 1, n))
        numbers += resident.say(web, "楼道灯不亮了").numbers
    until(lambda: len(platform.delivered()) >= 12, 20, "every card")
    platform.script = lambda call: Answer(accepted=False, before=60) if "custom" in call.path else None
    for n, number in enumerate(numbers, 1):
        Worker(leader(n % 6 + 1), chat(grid(n % 6 + 1))).write(web, f"接单 {number}")
    until(lambda: platform.of("custom/send"), 5, "the account hangs")
    time.sleep(2 * TICK)
    caller = Resident()
    caller.scan(web, building(1, 12))
    [number] = caller.say(web, "井盖没了").numbers
    started = time.monotonic()
    until(lambda: any(c.names(number) for c in platform.delivered(key=key(grid(1)))), 12, "the card")
    seconds = time.monotonic() - started
    measured(f"card after {seconds:.1f} s while {len(platform.of('custom/send'))} sends hang")
    assert seconds < 2 * TICK + 1.5


def _custom(platform: Ledger, resident: Resident) -> list[Call]:
    return [call for call in platform.of("custom/send") if call.body.get("touser") == resident.openid]


@long_only
def test_a_wrong_secret_is_asked_about_at_most_twice_a_minute(deploy: Deploy, platform: Ledger) -> None:
    product = deploy()
    platform.script = lambda call: refused(40001) if "token" in call.path or "custom" in call.path else None
    web = product.web()
    product.work(), product.work()
    resident = Resident()
    resident.scan(web, building(1))
    [number] = resident.say(web, "楼道灯不亮了").numbers
    until(lambda: platform.delivered(), 20, "the group does not wait for the account")
    worker = Worker(leader(1), chat(grid(1)))
    for words in ("接单", "回复 {} 今天到", "回复 {} 下午三点到"):
        worker.write(web, words.format(number) if "{}" in words else f"{words} {number}")
    time.sleep(10)
    assert 1 <= len(platform.of("token")) <= 2
    assert {row["state"] for row in product.export("outbox") if row["channel"] == "official_account"} != {"sent"}
