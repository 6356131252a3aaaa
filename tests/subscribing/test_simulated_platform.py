"""Tickets for web pages: given for a valid token, the same one for two hours (§2.12); and a page opened by control."""

import requests
from subscribing.conftest import PAGE, TEMPLATE
from town import Town

from simulator.clock import Clock
from simulator.wechat_ticket_api import LIFETIME, JsTickets


def test_one_ticket_lasts_two_hours_and_is_void_afterwards() -> None:
    moment = [1_000_000.0]
    tickets = JsTickets(Clock(lambda: moment[0]))
    assert tickets.valid() == ""

    first, seconds = tickets.give()
    moment[0] += LIFETIME - 10
    assert seconds == LIFETIME and tickets.give() == (first, 10) and tickets.valid() == first
    moment[0] += 10
    assert tickets.valid() == ""
    assert tickets.give()[0] != first


def test_no_ticket_without_a_token_or_for_another_purpose(town: Town) -> None:
    url, config = f"{town.world.url}/cgi-bin/ticket/getticket", town.world.config
    asked = {"grant_type": "client_credential", "appid": config.app_id, "secret": config.app_secret}
    token = requests.get(f"{town.world.url}/cgi-bin/token", params=asked, timeout=5).json()["access_token"]

    def code(**query: str) -> int:
        return int(requests.get(url, params=query, timeout=5).json()["errcode"])

    assert (code(type="jsapi"), code(type="jsapi", access_token="wrong")) == (41001, 40001)
    assert (code(type="wx_card", access_token=token), code(type="jsapi", access_token=token)) == (40097, 0)
    town.world.tokens.withdraw_all()
    assert code(type="jsapi", access_token=token) == 40001


def test_the_control_opens_the_page_and_taps_for_a_resident(noticing: Town) -> None:
    aunt = noticing.resident("王阿姨")
    push = f"{noticing.world.url}/sim/residents/{aunt.openid}/push"

    said = requests.post(push, json={"kind": "allow_notices", "url": PAGE}, timeout=5).json()["seen"]
    assert "绿色按钮" in said and noticing.world.mass.consents == {(aunt.openid, TEMPLATE): 1}

    requests.post(push, json={"kind": "refuse_notices", "url": PAGE}, timeout=5)
    blocked = requests.post(
        push, json={"kind": "allow_notices", "url": "https://elsewhere.example/subscribe"}, timeout=5
    )
    assert blocked.status_code == 400 and "invalid signature" in blocked.json()["error"]
