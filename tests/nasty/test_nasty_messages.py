"""What residents and their phones send: every row of nasty_dev.jsonl that is a message, through the signed door.

王阿姨 is bound to 紫荆苑3栋, so that a report needs no question. Where a row clashes with the contract or the domain,
the contract wins (see the README of the shared material); the clash stands beside the id.
"""

import json
import socket

import pytest
from door import assert_fit_for_a_group, post, post_json
from rows import ELSEWHERE, NOT_MET, ROWS, of, text_of
from town import COMMUNITY, GRID, STREET, Town

from simulator.groups import Member
from simulator.resident_hand import ResidentHand

ONLY_ASKED = {
    "T001", "T004", "T007", "T055",
    "T037",  # "-1+1" says nothing to act on: an answer is enough (domain §9)
    "T052",  # 退订 is a word residents may always type (contract §6): it is answered, not ignored
}  # fmt: skip
TWO_TICKETS = {"T016"}  # two matters in one message are two tickets (domain §4.3)
EMERGENCIES = {"T049"}
CHANNELS_HERE = {"wx_text", "wx_event", "wx_location", "wx_media", "group_cmd", "profile", "sequence"}


@pytest.fixture
def town(busy_town: Town) -> Town:
    busy_town.passes(minutes=5)
    return busy_town


@pytest.fixture
def wang(town: Town, request: pytest.FixtureRequest) -> ResidentHand:
    """A neighbour of her own for every row."""
    hand = town.resident(f"王阿姨 {request.node.name}", home=town.building("紫荆苑3栋"))
    hand.says("你好")  # the privacy notice is read once
    town.passes(minutes=5)
    town.tick()
    return hand


def cards_in(town: Town) -> list[str]:
    return [card for code in (GRID, COMMUNITY, STREET) for card in town.cards(code)]


def rows_since(town: Town, kind: str, before: int) -> list[dict]:
    return town.rows(kind)[before:]


def test_every_row_is_played_or_listed() -> None:
    assert {row["channel"] for row in ROWS.values()} == CHANNELS_HERE | set(ELSEWHERE)
    assert set(NOT_MET) <= set(ROWS)


@pytest.mark.parametrize("number", [number for number in of("wx_text") if number != "T058"])
def test_text_is_answered_once_and_harmless_everywhere(town: Town, wang: ResidentHand, number: str) -> None:
    text = text_of(number)
    messages, tickets = len(town.rows("messages")), len(town.rows("tickets"))

    answer = wang.says(text)
    repeated = wang.repeats()
    town.tick()

    assert wang.last_outcome.ok and answer and repeated == answer
    [_] = rows_since(town, "messages", messages)
    filed = rows_since(town, "tickets", tickets)
    assert len(filed) == (0 if number in ONLY_ASKED else 2 if number in TWO_TICKETS else 1)
    for ticket in filed:
        assert town.stored(ticket["number"]).text == text.strip()
        assert f"#{ticket['number']}" in answer
    cards = [card for card in cards_in(town) if any(f"#{ticket['number']} " in card for ticket in filed)]
    assert len(cards) >= len(filed)
    for card in cards:
        assert_fit_for_a_group(card, roster=number in EMERGENCIES)
    assert number != "T028" or "49" not in answer


def test_half_a_character_through_json_is_kept_as_a_sign_of_its_own(town: Town, wang: ResidentHand) -> None:
    """T058: XML cannot carry it; the AI bot's JSON can."""
    wang.says("楼道灯不亮了")
    number = town.ticket()["number"]
    fields = town.world.wecom.common(town.group(GRID).group, Member(town.staff()["小陈"], "小陈"))
    body = json.dumps(fields | {"msgtype": "text", "text": {"content": f"@云格 回复 {number} {text_of('T058')}"}})
    assert "\\ud800" in body

    status, _ = post_json(town, body)
    town.tick()

    assert status == 200
    assert "\ufffdabc" in wang.seen[-1]


@pytest.mark.parametrize("number", of("wx_event"))
def test_event_leaves_no_ticket_and_no_noise(town: Town, wang: ResidentHand, number: str) -> None:
    wang.says("楼道灯不亮了")
    messages, tickets = len(town.rows("messages")), len(town.rows("tickets"))
    chen = town.staff()["小陈"]
    town.group(GRID).says(chen, f"接单 {town.ticket()['number']}")
    messages += 1

    answer = post(town, wang, text_of(number))

    assert (answer.status, answer.text) == (200, "")
    [kept] = rows_since(town, "messages", messages)
    assert kept["decision"] == ("quarantined" if number == "V004" else "ignored")
    assert len(town.rows("tickets")) == tickets
    if number == "V010":
        states = {row["state"] for row in town.rows("outbox")[-3:] if row["channel"] == "official_account"}
        assert "waiting" not in states and "skipped" in states


@pytest.mark.parametrize("number", of("wx_location"))
def test_location_that_helps_nobody_is_asked_about(town: Town, wang: ResidentHand, number: str) -> None:
    """L007 and L010 expect a ticket; a bare location opens none (contract §9)."""
    messages, tickets = len(town.rows("messages")), len(town.rows("tickets"))

    answer = post(town, wang, text_of(number))

    assert answer.status == 200 and "小区" in answer.text
    assert len(town.rows("messages")) == messages + 1 and len(town.rows("tickets")) == tickets


@pytest.mark.parametrize("number", of("wx_media"))
def test_no_address_in_a_picture_is_ever_called(town: Town, wang: ResidentHand, number: str) -> None:
    """A bare photo opens no ticket (contract §9); with words it belongs to the ticket by its media id alone."""
    tickets = len(town.rows("tickets"))
    with socket.create_server(("127.0.0.1", 0)) as canary:
        answer = post(town, wang, text_of(number), canary=canary.getsockname()[1])
        wang.says("垃圾堆了一地没人收")
        town.tick()
        canary.settimeout(0.05)
        with pytest.raises(TimeoutError):
            canary.accept()

    assert answer.status == 200 and "一句话" in answer.text
    [ticket] = rows_since(town, "tickets", tickets)
    assert len(ticket["message_ids"]) == 2
    [card] = [card for card in town.cards(GRID) if f"#{ticket['number']} " in card.splitlines()[0]]
    assert_fit_for_a_group(card)
    for secret in ("169.254", "127.0.0.1", "gopher", "javascript"):
        assert secret not in card
