"""One sentence becomes one ticket, one card in the right group, and comes back done."""

import re

import pytest
from blackbox.conftest import Deploy, assert_nothing_leaked
from blackbox.little_street import building, chat, grid, key, leader, mate
from blackbox.platform_ledger import Ledger
from blackbox.running import BOTH, TICK, Product, until
from blackbox.talking import Resident, Worker

COMPOUND = "欧阳建国"
PRIVATE = "三楼楼道灯不亮了，我叫钱多多，电话13812340000"


@pytest.mark.parametrize("kind", BOTH)
def test_a_sentence_becomes_a_ticket_a_card_and_comes_back_done(kind: str, deploy: Deploy, platform: Ledger) -> None:
    product = deploy(kind)
    web, _ = product.web(), product.work()
    resident = Resident()
    greeting = resident.scan(web, building(3))
    assert greeting.status == 200 and greeting.text
    warm = Resident()
    warm.scan(web, building(5))
    warm.say(web, f"楼道灯不亮了，我叫{COMPOUND}，电话13812340000")
    until(lambda: platform.delivered(key=key(grid(5))), 20, "the worker is up")

    reply = resident.say(web, PRIVATE)
    assert len(reply.numbers) == 1 and reply.seconds < 1.5, reply.text
    [number] = reply.numbers
    until(lambda: platform.delivered(key=key(grid(3))), 2 * TICK + 0.5, "a card within two ticks")
    [card] = platform.delivered(key=key(grid(3)))
    assert card.body["msgtype"] == "markdown" and f"#{number}" in card.first_line and "灯" in card.first_line
    assert [call.key for call in platform.delivered() if call.names(number)] == [key(grid(3))]

    assert_nothing_leaked(platform.delivered(key=key(grid(5)))[0].text, [COMPOUND], "a group card")

    worker = Worker(leader(3), chat(grid(3)))
    for stranger in _those_without_a_say(3):
        refused = stranger.write(web, f"接单 {number}")
        assert refused.status == 200 and "楼" not in refused.text and "灯" not in refused.text

    accepted = worker.write(web, "接单", quote=card.text)
    assert f"#{number}" in accepted.text
    until(lambda: platform.said_to(resident.openid), 3, "the resident is told")
    assert f"#{number}" in platform.said_to(resident.openid)[0].text
    late = Worker(mate(3), chat(grid(3))).write(web, f"接单 {number}")
    assert f"#{number}" in late.text

    worker.write(web, "下午三点上门", quote=card.text)
    until(
        lambda: any("下午三点上门" in c.text for c in platform.said_to(resident.openid)), 3, "words reach the resident"
    )
    pushed = len(platform.delivered(key=key(grid(3))))
    resident.say(web, "好的，三点我在家")
    until(lambda: len(platform.delivered(key=key(grid(3)))) > pushed, 3, "the answer lands in the group")
    assert platform.delivered(key=key(grid(3)))[-1].names(number)

    done = worker.write(web, "办结 灯泡已换好", quote=card.text)
    assert f"#{number}" in done.text
    until(lambda: any("灯泡已换好" in c.text for c in platform.said_to(resident.openid)), 3, "the resident is asked")
    resident.say(web, "1")
    _whole_story(product, number)


def _those_without_a_say(n: int) -> list[Worker]:
    here = chat(grid(n))
    return [
        Worker("nobody", here),
        Worker(leader(5), here),
        Worker("former", here),
        Worker(leader(n), chat(grid(5))),
        Worker("nobody"),
    ]


def _whole_story(product: Product, number: int) -> None:
    tickets, all_events, outbox = product.exports("tickets", "events", "outbox")
    [ticket] = [row for row in tickets if row["number"] == number]
    assert (ticket["status"], ticket["outcome"], ticket["area_code"]) == ("closed", "solved", grid(3))
    assert ticket["holder"] == "p-l3"
    events = [row for row in all_events if row["ticket"] == number]
    assert [event["seq"] for event in events] == list(range(events[0]["seq"], events[0]["seq"] + len(events)))
    actions = [event["action"] for event in events]
    assert actions[0] == "file" and events[0]["from"] is None and events[0]["to"] == "pending"
    assert [a for a in actions if a in ("accept", "handle", "confirm")] == ["accept", "handle", "confirm"]
    assert all(re.search(r"[+-]\d\d:\d\d$", str(event["at"])) for event in events)
    rows = [row for row in outbox if row["ticket"] == number]
    assert rows and {row["state"] for row in rows} <= {"sent", "skipped"}
    assert_nothing_leaked(str(outbox) + str(tickets), ["oBlackbox", "13812340000"], "an export")
