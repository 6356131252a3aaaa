"""Every kind of message and event, the strange ones of the nasty list, and any XML at all."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from operator import itemgetter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.callback import Unreadable
from bot.message import Position
from bot.official_account_xml import decode
from tests.doors.desk import NOW
from tests.doors.platform_side import (
    STAMP,
    OfficialAccountSide,
    event_xml,
    official_account,
    plain_account,
    text_xml,
)

NASTY = Path(__file__).parents[1] / "nasty_dev.jsonl"
ROWS = [json.loads(line) for line in NASTY.read_text(encoding="utf-8").splitlines()]


def body(content: str) -> str:
    return text_xml("").decode().replace("<![CDATA[]]>", content)


def billion_laughs(depth: int = 9) -> str:
    entities = "".join(f'<!ENTITY l{i + 1} "{f"&l{i};" * 10}">' for i in range(depth))
    return f'<!DOCTYPE z [<!ENTITY l0 "ha">{entities}]>' + body(f"&l{depth};")


def quadratic(size: int, times: int) -> str:
    return f'<!DOCTYPE z [<!ENTITY a "{"a" * size}">]>' + body("&a;" * times)


def attr_entity(size: int, times: int) -> str:
    attribute = f'<Content a="{"&a;" * times}">'
    return f'<!DOCTYPE z [<!ENTITY a "{"a" * size}">]>' + body("x").replace("<Content>", attribute)


def payload(row: dict[str, str]) -> bytes:
    names = {f.__name__: f for f in (body, billion_laughs, quadratic, attr_entity)}
    if row["id"] == "C049":  # the listed two characters happen to be valid UTF-8 in GB18030
        return body("停水没人管").encode("gb18030")
    made = eval(row["payload"], names) if row["kind"] == "py" else row["payload"]
    text = made if isinstance(made, bytes) else made.encode()
    return text.replace(b"{now}", STAMP.encode()).replace(b"{mid}", b"123").replace(b"{canary}", b"9")


def _rows(*channels: str) -> list[dict[str, str]]:
    return [row for row in ROWS if row["channel"] in channels and row["kind"] != "describe" and row["id"] != "T058"]


UNUSABLE = "signature good but content unusable"


@pytest.mark.parametrize("account", [plain_account, official_account])
@pytest.mark.parametrize("row", _rows("wx_callback", "wx_event", "wx_location", "wx_media"), ids=itemgetter("id"))
def test_the_nasty_list_gets_in_or_is_kept_apart(
    row: dict[str, str], account: Callable[[], OfficialAccountSide]
) -> None:
    side = account()
    response = side.push(payload(row))
    if len(payload(row)) > (65_536 if side.plain else 48_000):  # base64 makes a third more of it
        assert (response.status_code, side.desk.untouched) == (413, True)
        return
    assert response.status_code == 200
    unusable = row["expected"].startswith(UNUSABLE) or row["id"] in ("C001", "C040")  # contract: success, not 400
    assert (len(side.desk.quarantined), len(side.desk.messages)) == ((1, 0) if unusable else (0, 1))
    if unusable:
        assert response.data == b"success"


@pytest.mark.parametrize("row", _rows("wx_text"), ids=itemgetter("id"))
def test_every_nasty_text_arrives_verbatim(row: dict[str, str]) -> None:
    text = eval(row["payload"]) if row["kind"] == "py" else row["payload"]
    inbound = decode(text_xml(text.replace("]]>", "]]]]><![CDATA[>")), NOW)
    assert inbound.text == text.strip()


def test_a_text_message() -> None:
    inbound = decode(text_xml("路灯坏了", bizmsgmenuid="yes"), NOW, "gh_bot")
    assert (inbound.type, inbound.sender, inbound.text, inbound.menu_item) == ("text", "oWang", "路灯坏了", "yes")
    assert inbound.platform_id == "23456789012345678"
    assert inbound.sent_at == datetime.fromtimestamp(int(STAMP), UTC)


@pytest.mark.parametrize(("recognition", "text"), [("水管爆了", "水管爆了"), ("", "")])
def test_voice_is_what_was_recognised(recognition: str, text: str) -> None:
    inbound = decode(text_xml("", MsgType="voice", MediaId="m1", Format="amr", Recognition=recognition), NOW)
    assert (inbound.type, inbound.text, inbound.media_id, inbound.details["Format"]) == ("voice", text, "m1", "amr")


@pytest.mark.parametrize("kind", ["image", "video", "shortvideo", "file", "some_future_kind"])
def test_other_kinds_keep_their_media(kind: str) -> None:
    inbound = decode(text_xml("", MsgType=kind, MediaId="m1", ThumbMediaId="t1"), NOW)
    assert (inbound.type, inbound.media_id, inbound.details["ThumbMediaId"]) == (kind, "m1", "t1")


def test_a_link_keeps_title_and_address() -> None:
    inbound = decode(text_xml("", MsgType="link", Title="通知", Description="d", Url="https://example.com"), NOW)
    assert (inbound.details["Title"], inbound.details["Url"]) == ("通知", "https://example.com")


def _location(latitude: str, longitude: str) -> Position | None:
    fields = {"Location_X": latitude, "Location_Y": longitude, "Label": "某路", "Scale": "20"}
    return decode(text_xml("", MsgType="location", **fields), NOW).position


def test_a_location() -> None:
    assert _location("23.134521", "113.358803") == Position(23.134521, 113.358803, "某路")
    assert _location("２３．１", "１１３．２") == Position(23.1, 113.2, "某路")
    assert _location("-90", "-180") == Position(-90, -180, "某路")


@pytest.mark.parametrize(("x", "y"), [("NaN", "NaN"), ("91", "1"), ("1", "181"), ("inf", "1"), ("", ""), ("1e1", "1")])
def test_no_place_on_earth_is_no_position(x: str, y: str) -> None:
    assert _location(x, y) is None


@pytest.mark.parametrize("event", ["subscribe", "unsubscribe", "SCAN", "CLICK", "VIEW", "TEMPLATESENDJOBFINISH"])
def test_events_are_lower_case_and_have_no_id(event: str) -> None:
    inbound = decode(event_xml(event, EventKey="k"), NOW)
    assert (inbound.type, inbound.event, inbound.event_key, inbound.platform_id) == ("event", event.lower(), "k", None)


def test_the_scene_comes_without_its_prefix() -> None:
    inbound = decode(event_xml("subscribe", EventKey="qrscene_b-XF01-3", Ticket="TICKET"), NOW)
    assert (inbound.event_key, inbound.details["Ticket"]) == ("b-XF01-3", "TICKET")


def test_the_reported_location_is_a_position() -> None:
    inbound = decode(event_xml("LOCATION", Latitude="23.1", Longitude="113.3", Precision="119"), NOW)
    assert (inbound.event, inbound.position) == ("location", Position(23.1, 113.3))


def test_nested_facts_of_an_event_are_flat() -> None:
    one = "<List><TemplateId>t1</TemplateId><SubscribeStatusString>accept</SubscribeStatusString></List>"
    inner = f"<SubscribeMsgPopupEvent>{one}{one.replace('t1', 't2')}</SubscribeMsgPopupEvent>"
    details = decode(event_xml("subscribe_msg_popup_event", inner), NOW).details
    assert details["SubscribeMsgPopupEvent.List.0.TemplateId"] == "t1"
    assert details["SubscribeMsgPopupEvent.List.1.TemplateId"] == "t2"


def test_the_account_survives_any_number_of_details() -> None:
    many = "".join(f"<F{i}>x</F{i}>" for i in range(500))
    assert decode(event_xml("some", many), NOW).details["ToUserName"] == "gh_bot"


@pytest.mark.parametrize("created", ["", "0", "253402300800", "-5", "abc", "９９"])
def test_an_absurd_time_is_now(created: str) -> None:
    assert decode(text_xml(CreateTime=created), NOW).sent_at == NOW


class TestDedupeKey:
    def test_it_is_the_same_for_every_delivery(self) -> None:
        assert decode(text_xml(), NOW).dedupe_key == decode(text_xml(), NOW).dedupe_key

    @pytest.mark.parametrize("other", [{"FromUserName": "oLi"}, {"MsgId": "2"}, {"CreateTime": "1763600001"}])
    def test_it_tells_messages_apart(self, other: dict[str, str]) -> None:
        assert decode(text_xml(), NOW).dedupe_key != decode(text_xml(**other), NOW).dedupe_key

    def test_without_an_id_the_words_tell_them_apart(self) -> None:
        keys = {decode(text_xml(words, MsgId=""), NOW).dedupe_key for words in ("甲", "乙", "甲")}
        assert len(keys) == 2

    def test_two_events_of_one_second_differ(self) -> None:
        events = [event_xml("subscribe"), event_xml("LOCATION"), event_xml("CLICK", EventKey="a")]
        events += [event_xml("CLICK", EventKey="b"), event_xml("subscribe")]
        events += [event_xml("TEMPLATESENDJOBFINISH", MsgID=str(i)) for i in (1, 2)]
        assert len({decode(event, NOW).dedupe_key for event in events}) == 6

    def test_it_names_nobody(self) -> None:
        assert "oWang" not in decode(text_xml(), NOW).dedupe_key


def test_another_account_is_kept_apart() -> None:
    with pytest.raises(Unreadable, match="ToUserName"):
        decode(text_xml(), NOW, "gh_other")


def test_words_may_contain_a_doctype() -> None:
    assert decode(text_xml("<!DOCTYPE html><!ENTITY x>"), NOW).text == "<!DOCTYPE html><!ENTITY x>"


TAGS = st.sampled_from(
    [
        "ToUserName",
        "FromUserName",
        "CreateTime",
        "MsgType",
        "MsgId",
        "Content",
        "Event",
        "EventKey",
        "Location_X",
        "List",
    ]
)
VALUES = st.sampled_from(["", "text", "event", "oWang", "٣", "9" * 400, "NaN", "<a/>", "&lt;", "]]>", "\x00", "a b"])
ELEMENTS = st.recursive(
    VALUES,
    lambda inner: st.builds(
        lambda tag, attribute, children: f"<{tag}{attribute}>{''.join(children)}</{tag}>",
        TAGS,
        st.sampled_from(["", ' a="1"']),
        st.lists(inner, max_size=4),
    ),
    max_leaves=12,
)


@given(st.lists(ELEMENTS, max_size=8), st.binary(max_size=4))
def test_any_body_is_a_message_or_unreadable(elements: list[str], junk: bytes) -> None:
    known = "<ToUserName>gh</ToUserName><FromUserName>o</FromUserName><MsgType>text</MsgType>"
    for raw in (f"<xml>{''.join(elements)}</xml>", f"<xml>{known}{''.join(elements)}</xml>"):
        try:
            assert decode(raw.encode() + junk, NOW).channel == "official_account"
        except Unreadable as error:
            assert len(str(error)) < 60
