"""A group hears at most so many messages a minute; what waits is told in a digest, the urgent first."""

import time

from blackbox.conftest import Deploy
from blackbox.little_street import BUILDINGS_EACH, building, grid, key
from blackbox.platform_ledger import Ledger, refused
from blackbox.running import measured, until
from blackbox.talking import Resident

PER_MINUTE = 5
WORDS = ["楼道灯不亮了", "井盖没了", "垃圾没人清，很臭", "下水道堵了", "楼上半夜装修太吵"]


def test_sixty_tickets_for_one_grid_within_the_limit_of_its_webhook(deploy: Deploy, platform: Ledger) -> None:
    product = deploy(GROUP_PUSH__PER_MINUTE=str(PER_MINUTE))
    group, web = key(grid(1)), product.web()
    platform.script = lambda call: refused(45009) if _full(platform, call.key) else None
    numbers = []
    for words in WORDS:
        for house in range(1, BUILDINGS_EACH + 1):
            resident = Resident()
            resident.scan(web, building(1, house))
            numbers += resident.say(web, words).numbers
    caller = Resident()
    caller.scan(web, building(1, 1))
    urgent = caller.say(web, "3楼着火了，快来人").numbers[0]
    started = time.monotonic()
    product.work()
    until(lambda: all(any(c.names(n) for c in platform.delivered(key=group)) for n in numbers), 30, "all are named")
    seconds = time.monotonic() - started
    told = platform.delivered(key=group)
    assert told[0].names(urgent), "urgent first"
    assert not told[0].names(numbers[0]), "and by itself"
    digests = [call for call in told if sum(call.names(n) for n in numbers) > 1]
    assert digests and all("灯" in call.text or "井盖" in call.text for call in digests[:1])
    for n in range(8):
        resident = Resident()
        resident.scan(web, building(1, n + 1))
        resident.say(web, "消防通道被车堵了")
        time.sleep(0.3)
    time.sleep(2)
    refusals = [call for call in platform.of("webhook/send", group) if not call.delivered]
    assert not refusals and len(platform.delivered(key=group)) <= PER_MINUTE
    cards = [row for row in product.export("outbox") if row["ticket"] in numbers and row["channel"] == "group_push"]
    assert len(cards) >= len(numbers) and {row["state"] for row in cards} <= {"sent", "skipped"}
    measured(f"{len(numbers)} tickets in {len(told)} messages, {len(digests)} digests, {seconds:.1f} s")


def _full(platform: Ledger, group: str) -> bool:
    recent = [call for call in platform.delivered(key=group) if time.monotonic() - call.at < 60]
    return len(recent) >= PER_MINUTE
