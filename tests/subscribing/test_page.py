"""The page with one button: signed for exactly its address, and kind when there is nothing to sign."""

import hashlib
import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text
from subscribing.conftest import PAGE, SITE, TEMPLATE
from town import Town

from simulator.web_view import Blocked, Page
from wsgi import create_app

GETTICKET, TOKEN = "/cgi-bin/ticket/getticket", "/cgi-bin/stable_token"


def page(town: Town, path: str = "/subscribe") -> Page:
    answer = town.client.get(path)
    return Page(answer.status_code, dict(answer.headers), answer.get_data(as_text=True))


def calls(town: Town, path: str) -> list[Any]:
    return [entry for entry in town.world.ledger.entries() if entry.path.partition("?")[0] == path]


@pytest.mark.parametrize("query", ["", "?from=singlemessage&isappinstalled=0", "?x=%E4%BD%A0&y=a+b"])
def test_the_signature_is_what_the_platform_computes_for_this_very_address(noticing: Town, query: str) -> None:
    said = page(noticing, f"/subscribe{query}").config()

    ticket = noticing.world.tickets.current
    signed = f"jsapi_ticket={ticket}&noncestr={said['nonceStr']}&timestamp={said['timestamp']}&url={PAGE}{query}"
    assert ticket and said["signature"] == hashlib.sha1(signed.encode()).hexdigest()
    assert said["timestamp"] == int(noticing.moment.timestamp())
    assert said["appId"] == noticing.world.config.app_id and said["openTagList"] == ["wx-open-subscribe"]


def test_nobody_can_have_another_site_signed(noticing: Town) -> None:
    answer = noticing.client.get("/subscribe", headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example"})

    said = Page(200, {}, answer.get_data(as_text=True)).config()
    ticket = noticing.world.tickets.current
    signed = f"jsapi_ticket={ticket}&noncestr={said['nonceStr']}&timestamp={said['timestamp']}&url={PAGE}"
    assert said["signature"] == hashlib.sha1(signed.encode()).hexdigest()


def test_every_look_has_its_own_nonces(noticing: Town) -> None:
    looks = [page(noticing) for _ in range(3)]

    assert len({look.config()["nonceStr"] for look in looks}) == 3
    assert len({look.headers["content-security-policy"] for look in looks}) == 3


def test_the_page_lets_in_the_platform_and_nobody_else(noticing: Town) -> None:
    look = page(noticing)

    policy = look.headers["content-security-policy"]
    hosts = set(re.findall(r"https://[^\s;]+", policy))
    assert "unsafe" not in policy and "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
    assert hosts == {"https://res.wx.qq.com", "https://*.qq.com"}
    assert look.headers["x-content-type-options"] == "nosniff" and look.headers["cache-control"] == "no-store"
    assert set(re.findall(r'(?:src|href)="([^"]*)"', look.body)) == {"https://res.wx.qq.com/open/js/jweixin-1.6.0.js"}
    assert noticing.world.tickets.current not in look.body and "Set-Cookie" not in look.headers


def test_the_page_says_what_one_tap_brings(noticing: Town) -> None:
    look = page(noticing)

    assert look.status == 200 and look.templates == [TEMPLATE]
    assert all(words in look.text for words in ("每允许一次，可以收到一条", "清溪街道云格", "不点也不影响"))


def test_a_long_term_template_is_tapped_once(lasting: Town) -> None:
    assert "点一次，以后都能收到" in page(lasting).text


@pytest.mark.parametrize(
    "sections",
    [{}, {"announcements": {"subscribe_template": TEMPLATE}}, {"deployment": {"public_url": SITE}}],
    ids=["nothing", "no address", "no template"],
)
def test_where_nothing_is_set_up_the_page_says_so_and_asks_nobody(
    build_town: Callable[..., Town], sections: dict[str, Any]
) -> None:
    town = build_town(**sections)

    look = page(town)

    assert look.status == 200 and "还没有开通" in look.text
    assert look.templates == [] and look.scripts == [] and calls(town, GETTICKET) == []


def test_all_processes_share_one_ticket_until_it_ends(noticing: Town) -> None:
    other = create_app(noticing.settings, lambda: noticing.moment)
    page(noticing)
    first = noticing.world.tickets.current
    for _ in range(3):
        assert other.test_client().get("/subscribe").status_code == 200
    assert len(calls(noticing, GETTICKET)) == 1

    noticing.passes(hours=2)

    assert noticing.resident("王阿姨").opens(PAGE).blocked == ""
    assert len(calls(noticing, GETTICKET)) == 2 and noticing.world.tickets.current != first
    other.extensions["yunge"].database.close()


def test_a_refused_access_token_is_replaced_once(noticing: Town) -> None:
    noticing.world.fault(GETTICKET, "errcode", code=-1, times=1)
    assert page(noticing).status == 503
    noticing.world.tokens.withdraw_all()
    noticing.passes(minutes=1)

    assert noticing.resident("王阿姨").opens(PAGE).blocked == ""
    assert [entry.answer["errcode"] for entry in calls(noticing, GETTICKET)] == [-1, 40001, 0]
    assert len(calls(noticing, TOKEN)) == 2


@pytest.mark.parametrize("kind", ["errcode", "http", "reset"])
def test_without_a_ticket_the_page_asks_for_patience_and_the_platform_is_not_asked_again_at_once(
    noticing: Town, kind: Any
) -> None:
    noticing.world.fault(GETTICKET, kind, code={"errcode": 40164, "http": 502}.get(kind, 0), times=1)

    looks = [page(noticing) for _ in range(5)]

    assert {look.status for look in looks} == {503} and {look.headers["retry-after"] for look in looks} == {"60"}
    assert all("过一分钟再试" in look.text and look.templates == [] for look in looks)
    assert len(calls(noticing, GETTICKET)) == 1
    noticing.passes(minutes=1)
    assert page(noticing).status == 200


def test_without_its_tables_the_page_asks_for_patience_too(noticing: Town) -> None:
    with noticing.database.write() as session:
        session.execute(text("DROP TABLE access_tokens"))

    assert page(noticing).status == 503


def test_an_endless_query_is_refused(noticing: Town) -> None:
    assert noticing.client.get(f"/subscribe?{'x' * 1025}").status_code == 400
    assert noticing.client.get("/subscribe", environ_overrides={"QUERY_STRING": "x=\xe4"}).status_code == 400


def test_the_simulated_browser_lets_nobody_tap_a_page_with_a_wrong_signature(noticing: Town) -> None:
    """Opened at another address than the one that was signed."""
    open_page = noticing.resident("王阿姨").opens(f"https://elsewhere.example{PAGE.removeprefix(SITE)}")

    assert open_page.blocked == "config:invalid signature"
    with pytest.raises(Blocked):
        open_page.allows()
    assert noticing.world.mass.consents == {}
