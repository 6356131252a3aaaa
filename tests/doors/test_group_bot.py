"""The AI bot's door: encrypted JSON in, one finished stream out."""

import json
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from bot.callback import Unreadable
from bot.group_bot_json import decode, reply_json, without_mention
from tests.doors.desk import NOW, NotebookDesk
from tests.doors.platform_side import NONCE, STAMP, group_bot, seal, sign, unseal

GROUP = {"msgid": "m1", "aibotid": "bot", "chatid": "chat-3", "chattype": "group", "from": {"userid": "xiaochen"}}
SINGLE = {"msgid": "m1", "aibotid": "bot", "chattype": "single", "from": {"userid": "xiaochen"}}


def text(words: str) -> dict[str, Any]:
    return {"msgtype": "text", "text": {"content": words}}


def push(client: FlaskClient, message: object, **query: str) -> TestResponse:
    raw = message if isinstance(message, bytes) else json.dumps(message).encode()
    sealed = seal(raw, receive_id="")
    asked = {"msg_signature": sign("bot-token", STAMP, NONCE, sealed), "timestamp": STAMP, "nonce": NONCE}
    return client.post("/wecom/bot", query_string=asked | query, json={"encrypt": sealed})


def answered(response: TestResponse) -> dict[str, Any]:
    outer = json.loads(response.data)
    assert set(outer) == {"encrypt", "msgsignature", "timestamp", "nonce"}
    assert (outer["timestamp"], outer["nonce"]) == (int(STAMP), NONCE)
    assert outer["msgsignature"] == sign("bot-token", STAMP, NONCE, outer["encrypt"])
    message, receive_id = unseal(outer["encrypt"])
    assert receive_id == ""
    answer: dict[str, Any] = json.loads(message)
    return answer


def read(message: dict[str, Any]) -> Any:
    return decode(json.dumps(message).encode(), NOW, "云格")


def test_verification_echoes_what_was_sealed() -> None:
    sealed = seal(b"1616140317555161061", receive_id="")
    asked = {"msg_signature": sign("bot-token", STAMP, NONCE, sealed), "timestamp": STAMP, "nonce": NONCE}
    client = group_bot(NotebookDesk())
    response = client.get("/wecom/bot", query_string=asked | {"echostr": sealed})
    assert (response.data, response.mimetype) == (b"1616140317555161061", "text/plain")
    twice_decoded = client.get("/wecom/bot", query_string=asked | {"echostr": sealed.replace("+", " ")})
    assert twice_decoded.data == b"1616140317555161061"
    assert client.get("/wecom/bot", query_string=asked | {"echostr": "QUJD"}).status_code == 403


def test_a_command_in_a_group_is_answered_with_a_finished_stream() -> None:
    desk = NotebookDesk()
    client = group_bot(desk)
    answers = [answered(push(client, GROUP | text("@云格\u2005接单 1024"))) for _ in range(2)]
    assert answers[0] == answers[1], "a redelivery gets the same stream"
    assert answers[0]["msgtype"] == "stream"
    assert answers[0]["stream"].items() >= {"finish": True, "content": "收到"}.items()
    assert (desk.only.text, desk.only.sender, desk.only.chat_id) == ("接单 1024", "xiaochen", "chat-3")
    assert desk.only.platform_id == "m1"


def test_silence_is_an_empty_answer() -> None:
    response = push(group_bot(NotebookDesk(lambda inbound: "")), GROUP | text("谢谢"))
    assert (response.status_code, response.data) == (200, b"")


def test_a_poll_is_no_message() -> None:
    desk = NotebookDesk()
    response = push(group_bot(desk), GROUP | {"msgtype": "stream", "stream": {"id": "s1"}})
    assert (response.status_code, response.data) == (200, b"")
    assert desk.untouched


@pytest.mark.parametrize("query", [{"msg_signature": "0" * 40}, {"timestamp": "1600000000"}, {"nonce": "other"}])
def test_forgeries_are_refused(query: dict[str, str]) -> None:
    desk = NotebookDesk()
    assert push(group_bot(desk), GROUP | text("x"), **query).status_code == 403
    assert desk.untouched


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"encrypt": 5}', b'{"encrypt": "\xe4\xbd\xa0"}', b"[" * 60_000])
def test_unsealed_bodies_are_refused(body: bytes) -> None:
    desk = NotebookDesk()
    asked = {"msg_signature": "0" * 40, "timestamp": STAMP, "nonce": NONCE}
    assert group_bot(desk).post("/wecom/bot", query_string=asked, data=body).status_code == 403
    assert desk.untouched


def test_the_cap_holds_here_too() -> None:
    assert group_bot(NotebookDesk()).post("/wecom/bot", data=b"x" * 65_537).status_code == 413


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"null",
        b"\xff",
        b"[" * 20_000,
        {},
        GROUP | {"msgtype": "text"},
        GROUP | {"msgtype": "text", "text": "x"},
        GROUP | {"msgtype": ["text"]},
        GROUP | text("x") | {"from": "x"},
        GROUP | text("x") | {"from": {"userid": ""}},
        GROUP | text("x") | {"msgid": 5},
        GROUP | text("x") | {"chatid": None},
        GROUP | {"msgtype": "mixed", "mixed": {"msg_item": "x"}},
        GROUP | {"msgtype": "event", "event": {"eventtype": {}}},
    ],
)
def test_the_unreadable_is_kept_and_answered_with_silence(message: object) -> None:
    desk = NotebookDesk()
    response = push(group_bot(desk), message)
    assert (response.status_code, response.data) == (200, b"")
    assert (len(desk.quarantined), len(desk.messages)) == (1, 0)


def test_mixed_joins_its_words_and_keeps_the_first_picture() -> None:
    items = [text("@云格 办结 1024"), {"msgtype": "image", "image": {"url": "https://example.com/1"}}, text("已修好")]
    inbound = read(GROUP | {"msgtype": "mixed", "mixed": {"msg_item": items}})
    assert (inbound.text, inbound.media_id) == ("办结 1024\n已修好", "https://example.com/1")


@pytest.mark.parametrize(
    ("quote", "words"),
    [
        (text("#1024 路灯"), "#1024 路灯"),
        ({"msgtype": "markdown", "markdown": {"content": "**#7** 卡片"}}, "**#7** 卡片"),
        ({"msgtype": "mixed", "mixed": {"msg_item": [text("#8"), text("图")]}}, "#8\n图"),
        ({"msgtype": "image", "image": {"url": "u"}}, ""),
        ({"msgtype": "template_card"}, ""),
        ({}, ""),
    ],
)
def test_the_quote_is_read_for_its_words(quote: dict[str, Any], words: str) -> None:
    assert read(GROUP | text("接单") | {"quote": quote}).quote == words


def test_voice_and_files_of_the_single_chat() -> None:
    voice = read(SINGLE | {"msgtype": "voice", "voice": {"content": "待办"}})
    assert (voice.type, voice.text, voice.chat_id) == ("voice", "待办", "")
    assert read(SINGLE | {"msgtype": "file", "file": {"url": "https://example.com/f"}}).media_id.endswith("/f")


def test_a_click_on_a_card() -> None:
    click = {"card_type": "button_interaction", "event_key": "accept", "task_id": "t1024-1", "selected_items": {}}
    event = {"eventtype": "template_card_event", "template_card_event": click}
    inbound = read(GROUP | {"msgtype": "event", "event": event})
    assert inbound.event == "template_card_event"
    assert (inbound.event_key, inbound.details["task_id"]) == ("accept", "t1024-1")
    assert reply_json("words", inbound) == "", "the platform takes only a card here"


def test_the_welcome_is_plain_text() -> None:
    inbound = read(SINGLE | {"msgtype": "event", "create_time": int(STAMP), "event": {"eventtype": "enter_chat"}})
    assert json.loads(reply_json("您好", inbound)) == {"msgtype": "text", "text": {"content": "您好"}}


def test_half_characters_and_nul_become_replacement_characters() -> None:
    raw = json.dumps(GROUP | text("a\ud800b\x00c😀")).encode()
    assert decode(raw, NOW, "云格").text == "a\ufffdb\ufffdc😀"


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("@云格 接单 1024", "接单 1024"),
        ("@云格\u00a0接单 1024", "接单 1024"),
        ("＠云格　接单 1024", "接单 1024"),
        ("接单 1024 @云格", "接单 1024"),
        ("接单 @云格 1024", "接单 1024"),
        ("@云格", ""),
        ("@机器人 接单 1024", "接单 1024"),
        ("@云格网 @云格 接单 1024", "@云格网 接单 1024"),
        ("接单 1024 user@云格 x", "接单 1024 user@云格 x"),
        ("接单 1024", "接单 1024"),
    ],
)
def test_the_mention_of_the_bot_is_not_part_of_the_words(said: str, meant: str) -> None:
    assert without_mention(said, "云格") == meant


def test_the_bots_name_may_hold_spaces() -> None:
    assert without_mention("@云格 助手 (测试)\u2005待办", "云格 助手 (测试)") == "待办"


def test_the_stream_has_its_limit() -> None:
    inbound = read(GROUP | text("统计"))
    content = json.loads(reply_json("网格" * 9_000, inbound))["stream"]["content"]
    assert len(content.encode()) <= 20_480
    assert content.endswith("…")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
FIELDS = ["msgid", "from", "msgtype", "text", "mixed", "quote", "event", "chattype", "chatid", "voice", "create_time"]


@given(st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=6), st.sampled_from(["text", "mixed", "event", "image"]))
def test_any_json_is_a_message_or_unreadable(odd: dict[str, Any], kind: str) -> None:
    for message in (odd, GROUP | {"msgtype": kind} | odd):
        try:
            assert read(message).channel == "group_bot"
        except Unreadable as error:
            assert len(str(error)) < 60
