"""The webhook, and everything a platform can answer (P001–P027); residents' words in a card."""

import logging
import time
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.group_push import GroupPush, markdown_escape
from bot.message import DeliveryFailed
from tests.doors.desk import settings
from tests.doors.fake_platform import FakePlatform, Reset, Script, closed_port, dripped, failure, http, says

KEY = "CANARY-webhook-key"


def push_to(url: str, seconds: float = 0.8) -> GroupPush:
    return GroupPush(settings(group_push={"api_base_url": url}, delivery={"send_deadline_seconds": seconds}))


def test_markdown_goes_to_the_key(platform: FakePlatform) -> None:
    push_to(platform.url).send_markdown(KEY, "#1024 路灯\x00\n<@chen>")
    (asked,) = platform.asked
    assert (asked.path, asked.query) == ("/cgi-bin/webhook/send", {"key": KEY})
    assert asked.content == {"msgtype": "markdown", "markdown": {"content": "#1024 路灯\n<@chen>"}}


def test_both_kinds_are_cut_by_bytes(platform: FakePlatform) -> None:
    push = push_to(platform.url)
    push.send_markdown(KEY, "😀" * 2_048)
    push.send_text(KEY, "网" * 2_048)
    markdown, text = (asked.content for asked in platform.asked)
    assert markdown["markdown"] == {"content": "😀" * 1_023 + "…"}
    assert text["text"] == {"content": "网" * 681 + "…", "mentioned_list": []}


def test_only_members_are_mentioned(platform: FakePlatform) -> None:
    push_to(platform.url).send_text(KEY, "超时", ["chen", "@all", "a|b", "zhou@grid"])
    assert platform.asked[0].content["text"] == {"content": "超时", "mentioned_list": ["chen", "zhou@grid"]}


def reset(asked: object) -> bytes:
    raise Reset


def half_then_reset(asked: object) -> Iterator[bytes]:
    yield http(b"x" * 100)[:60]
    raise Reset


ANSWERS: dict[str, tuple[Script, bool, bool, float]] = {
    # name: answer, permanent, unknown, retry_after
    "list": (lambda _: says([]), False, True, 0),
    "null": (lambda _: says(None), False, True, 0),
    "no errcode": (lambda _: says({"foo": 1}), False, True, 0),
    "errcode as text": (lambda _: says({"errcode": "0"}), False, True, 0),
    "errcode false": (lambda _: says({"errcode": False}), False, True, 0),
    "empty body": (lambda _: http(b""), False, True, 0),
    "html": (lambda _: http(b"<html>ok</html>"), False, True, 0),
    "cut json": (lambda _: http(b'{"errcode":0,"errm'), False, True, 0),
    "cut body": (lambda _: http(b'{"errcode":0}').replace(b": 13", b": 99"), False, True, 0),
    "deep json": (lambda _: http(b"[" * 90_000), False, True, 0),
    "not utf-8": (lambda _: http(b'{"errcode":0,"errmsg":"\xff"}'), False, True, 0),
    "502": (lambda _: says({"errcode": 0}, "502 Bad Gateway"), False, True, 0),
    "reset": (reset, False, True, 0),
    "reset midway": (half_then_reset, False, True, 0),
    "no http": (lambda _: b"nonsense\r\n\r\n", False, True, 0),
    "redirect": (lambda _: http(b"", "302 Found", "Location: http://127.0.0.1:1/\r\n"), False, False, 0),
    "429": (lambda _: http(b"", "429 Slow Down"), False, False, 60),
    "busy": (lambda _: says({"errcode": -1}), False, False, 0),
    "robot gone": (lambda _: says({"errcode": 93000, "errmsg": f"bad {KEY}"}), True, False, 0),
    "robot rate": (lambda _: says({"errcode": 45009}), False, False, 60),
    "empty content": (lambda _: says({"errcode": 44004}), True, False, 0),
    "never seen": (lambda _: says({"errcode": 123456}), False, False, 0),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_what_an_answer_means(platform: FakePlatform, name: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    platform.script, *meaning = ANSWERS[name]
    failed = failure(lambda: push_to(platform.url).send_markdown(KEY, "卡片"))
    assert [failed.permanent, failed.unknown, failed.retry_after] == meaning
    assert KEY not in f"{failed!r} {failed} {failed.code} {caplog.text}"
    assert len(platform.asked) == 1


@pytest.mark.parametrize("pause_at", ["body", "headers"])
def test_a_dripped_answer_ends_at_the_deadline(platform: FakePlatform, pause_at: str) -> None:
    answer = says({"errcode": 0, "errmsg": "ok" * 20})
    head, body = answer.split(b"\r\n\r\n")

    def drip_body(asked: object) -> Iterator[bytes]:
        yield head + b"\r\n\r\n"
        yield from dripped(body, 0.1)

    platform.script = drip_body if pause_at == "body" else lambda asked: dripped(answer, 0.1)
    start = time.monotonic()
    failed = failure(lambda: push_to(platform.url, 0.4).send_markdown(KEY, "卡片"))
    assert time.monotonic() - start < 1.5
    assert failed.unknown


def test_silence_is_unknown(platform: FakePlatform) -> None:
    def nothing(asked: object) -> bytes:
        time.sleep(0.6)
        return b""

    platform.script = nothing
    assert failure(lambda: push_to(platform.url, 0.3).send_markdown(KEY, "卡片")).unknown


def test_a_flood_is_cut_off(platform: FakePlatform) -> None:
    platform.script = lambda asked: http(b"x" * 3_000_000)
    assert failure(lambda: push_to(platform.url).send_markdown(KEY, "卡片")).code == "too_large"


@pytest.mark.parametrize("address", [closed_port, lambda: "http://no-such-host.invalid"])
def test_unreachable_is_certainly_not_sent(address: Callable[[], str], caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    failed = failure(lambda: push_to(address(), 5).send_markdown(KEY, "卡片"))
    assert (failed.code, failed.unknown, failed.permanent) == ("connect", False, False)
    assert KEY not in f"{failed!r} {caplog.text}"


def test_five_failures_open_the_circuit(platform: FakePlatform) -> None:
    platform.script = lambda asked: http(b"<html>")
    push = push_to(platform.url)
    codes = [failure(lambda: push.send_markdown(KEY, "卡片")).code for _ in range(7)]
    assert codes == ["garbage"] * 5 + ["circuit_open"] * 2
    assert len(platform.asked) == 5


def test_one_robot_gone_stops_no_other(platform: FakePlatform) -> None:
    platform.script = lambda asked: says({"errcode": 93000 if asked.query["key"] == KEY else 0})
    push = push_to(platform.url)
    for _ in range(9):
        assert failure(lambda: push.send_markdown(KEY, "卡片")).permanent
    push.send_markdown("another", "卡片")


@given(st.binary(max_size=60), st.sampled_from([200, 200, 302, 404, 502]))
def test_any_answer_is_done_or_a_reason(body: bytes, status: int) -> None:
    from bot.platform_answer import Reactions, failure_of
    from bot.platform_client import Answer

    failed = failure_of(Answer(status, body), Reactions(frozenset({1})), [KEY])
    assert failed is None or isinstance(failed, DeliveryFailed)


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("<@chen> <@all> @all", "＜＠chen＞ ＜＠all＞ ＠all"),
        ("[点我](http://evil.example)", "［点我］（http：//evil．example）"),
        ("> 引用\n# 标题\n---", "＞ 引用 ＃ 标题 ---"),
        ("**粗** _斜_ `码` ~~删~~ ![图](x)", "＊＊粗＊＊ ＿斜＿ ｀码｀ ～～删～～ ！［图］（x）"),
        ("- 一项", "－ 一项"),
        ("1. 一项", "１． 一项"),
        ("---", "－－－"),
        ("&lt;@all&gt;", "＆lt;＠all＆gt;"),
        ("a\u202eb\u200bc\u2066d\x07e\u2028f", "abcd e f"),
        ("水压3.5公斤，👩\u200d🔧来过", "水压3.5公斤，👩\u200d🔧来过"),
        ("\n\n  停水  \n", "停水"),
        ("a\ud800", "a\ufffd"),
        ('<font color="warning">x</font>', '＜font color="warning"＞x＜/font＞'),
    ],
)
def test_words_of_residents_show_as_typed(said: str, shown: str) -> None:
    assert markdown_escape(said) == shown


@given(st.text())
def test_no_words_can_format_mention_or_link(said: str) -> None:
    shown = markdown_escape(said)
    assert not set("*_`#<>[]()!~&@|\\\n\r\x00\u202e") & set(shown)
    assert "://" not in shown
    assert markdown_escape(shown) == shown
