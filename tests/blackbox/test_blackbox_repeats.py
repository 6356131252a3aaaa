"""The platform says everything up to three times; two processes must give one answer."""

import threading
import time
from urllib.parse import urlencode

import pytest
from blackbox.conftest import Deploy
from blackbox.little_street import building
from blackbox.running import ACCOUNT, BOTH, Web
from blackbox.sealing import signature
from blackbox.talking import Envelope, Heard, Resident, post


def _at_once(envelopes: list[Envelope], webs: list[Web], speaker: Resident) -> list[Heard]:
    barrier, heard = threading.Barrier(len(envelopes)), list[Heard]()

    def deliver(n: int) -> None:
        barrier.wait()
        heard.append(post(webs[n % len(webs)], envelopes[n], speaker))

    threads = [threading.Thread(target=deliver, args=(n,)) for n in range(len(envelopes))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(15)
    return heard


@pytest.mark.parametrize("kind", BOTH)
def test_twenty_simultaneous_repeats_on_two_processes_are_one_ticket(kind: str, deploy: Deploy) -> None:
    product = deploy(kind)
    webs = [product.web(), product.web()]
    for n in (1, 2, 3):
        resident, fields = Resident(), {"Content": "楼道灯不亮了", "MsgId": str(9000 + n)}
        resident.scan(webs[0], building(n))
        once = resident.text("楼道灯不亮了", msg_id=str(9000 + n), created=int(time.time()))
        newly_signed = [
            resident.text(fields["Content"], fields["MsgId"], int(time.time()) // 1000 * 1000) for _ in range(20)
        ]
        for envelopes in ([once] * 20, newly_signed):
            heard = _at_once(envelopes, webs, resident)
            assert [answer.status for answer in heard] == [200] * 20
            assert len({answer.text for answer in heard}) == 1 and heard[0].text
            assert max(answer.seconds for answer in heard) < 4.5
        if n == 1:
            assert len(heard[0].numbers) == 1
    messages, tickets = product.exports("messages", "tickets")
    assert sum(str(row["platform_id"]).startswith("900") for row in messages) == 6
    assert [n for row in tickets for n in row["message_ids"]] == sorted(
        {n for row in tickets for n in row["message_ids"]}
    )
    assert len(tickets) <= 6 and len({row["number"] for row in tickets}) == len(tickets)


def test_plain_mode_knows_a_signature_it_has_seen_in_the_other_process(deploy: Deploy) -> None:
    product = deploy(OFFICIAL_ACCOUNT__AES_KEY="", OFFICIAL_ACCOUNT__ALLOW_PLAIN="true")
    webs = [product.web(), product.web()]
    resident, now = Resident(), str(int(time.time()))
    path = "/wechat?" + urlencode({"timestamp": now, "nonce": "77", "signature": signature(ACCOUNT.token, now, "77")})
    first, second = (resident.xml("text", {"Content": "菜单", "MsgId": n}) for n in ("1", "2"))
    answers = [webs[n].request("POST", path, xml)[0] for n, xml in ((0, first), (1, second), (1, first), (0, second))]
    assert answers == [200, 403, 200, 403]
    assert len(product.export("messages")) == 1
