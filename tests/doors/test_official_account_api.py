"""Calls to the official account: one token for all, one refresh at most, and no secret in any error."""

import json
import logging
from datetime import datetime, timedelta

import pytest

from bot.official_account_api import OfficialAccountApi
from tests.doors.desk import NOW, now, settings
from tests.doors.fake_platform import Asked, FakePlatform, Reset, Script, closed_port, failure, http, says

SEND, TOKEN = "/cgi-bin/message/custom/send", "/cgi-bin/stable_token"


class OneRow:
    """凭证行: the token row, as the database keeps it; `busy` while another process has just claimed the refresh."""

    def __init__(self, token: str = "", life: timedelta = timedelta(hours=2), busy: bool = False) -> None:
        self.row = (token, NOW + life) if token else None
        self.busy = busy
        self.every = 0.0

    def load(self) -> tuple[str, datetime] | None:
        return self.row

    def claim_refresh(self, stale: str | None, every_seconds: float) -> bool:
        if self.busy or (self.row and self.row[0] != stale):
            return False
        self.row, self.busy, self.every = None, True, every_seconds
        return True

    def save(self, token: str, expires_at: datetime) -> None:
        self.row = (token, expires_at)


def api(platform: FakePlatform | str, row: OneRow | None = None) -> OfficialAccountApi:
    url = platform if isinstance(platform, str) else platform.url
    chosen = settings(official_account={"api_base_url": url}, delivery={"send_deadline_seconds": 0.8})
    return OfficialAccountApi(chosen, row or OneRow("CANARY-TOKEN"), now)


def knows(*tokens: str) -> Script:
    """A platform that grants `fresh` and takes only the tokens named."""

    def script(asked: Asked) -> bytes:
        if asked.path == TOKEN:
            return says({"access_token": "fresh", "expires_in": 7_200})
        code = 0 if asked.query["access_token"] in tokens else 40001
        return says({"errcode": code, "errmsg": "invalid CANARY-TOKEN"})

    return script


def test_a_text_is_sent_with_the_stored_token(platform: FakePlatform) -> None:
    api(platform).send_text("oWang", "您好\x00")
    (asked,) = platform.asked
    assert (asked.path, asked.query) == (SEND, {"access_token": "CANARY-TOKEN"})
    assert asked.content == {"touser": "oWang", "msgtype": "text", "text": {"content": "您好"}}


def test_without_a_token_one_is_fetched_and_kept(platform: FakePlatform) -> None:
    platform.script = knows("fresh")
    row = OneRow()
    api(platform, row).send_text("oWang", "您好")
    assert [asked.path for asked in platform.asked] == [TOKEN, SEND]
    assert platform.asked[0].content["secret"] == "CANARY-SECRET"
    assert row.row == ("fresh", NOW + timedelta(seconds=7_200))
    assert row.every == 30


@pytest.mark.parametrize("seconds", [59, 0, -86_400])
def test_a_token_at_its_end_is_replaced(platform: FakePlatform, seconds: int) -> None:
    platform.script = knows("fresh")
    api(platform, OneRow("old", timedelta(seconds=seconds))).send_text("oWang", "您好")
    assert [asked.path for asked in platform.asked] == [TOKEN, SEND]


def test_while_another_refreshes_the_old_one_still_serves(platform: FakePlatform) -> None:
    api(platform, OneRow("old", timedelta(seconds=59), busy=True)).send_text("oWang", "您好")
    assert platform.asked[0].query["access_token"] == "old"


def test_while_another_refreshes_an_ended_one_waits(platform: FakePlatform) -> None:
    row = OneRow("old", timedelta(0), busy=True)
    failed = failure(lambda: api(platform, row).send_text("oWang", "您好"))
    assert (failed.code, failed.unknown, failed.retry_after) == ("token", False, 30)
    assert not platform.asked


def test_a_newer_token_of_another_process_is_taken(platform: FakePlatform) -> None:
    row = OneRow("CANARY-TOKEN")

    def refused_meanwhile_replaced(asked: Asked) -> bytes:
        row.row = ("newer", NOW + timedelta(hours=2))
        return knows("newer")(asked)  # type: ignore[return-value]

    platform.script = refused_meanwhile_replaced
    api(platform, row).send_text("oWang", "您好")
    assert [asked.query["access_token"] for asked in platform.asked] == ["CANARY-TOKEN", "newer"]


def test_a_refused_token_is_replaced_once(platform: FakePlatform) -> None:
    platform.script = knows("fresh")
    api(platform).send_text("oWang", "您好")
    assert [asked.path for asked in platform.asked] == [SEND, TOKEN, SEND]


def test_a_token_refused_for_ever_costs_one_refresh_and_opens_the_circuit(platform: FakePlatform) -> None:
    platform.script = knows()
    account = api(platform)
    codes = [failure(lambda: account.send_text("oWang", "您好")).code for _ in range(12)]
    assert codes[0] == 40001
    assert codes[-1] == "circuit_open"
    assert platform.calls(TOKEN) == 1
    assert platform.calls(SEND) <= 7


@pytest.mark.parametrize(
    "answer",
    [
        says({"errcode": 40125, "errmsg": "invalid appsecret CANARY-SECRET"}),
        says({"errcode": 40164, "errmsg": "invalid ip 10.0.0.1"}),
        says({"access_token": ["x"], "expires_in": 7200}),
        says({"access_token": "x", "expires_in": -1}),
        says({"access_token": "x"}),
        http(b"<html>"),
        http(b"", "502 Bad Gateway"),
        b"",
    ],
)
def test_without_a_token_nothing_was_sent(platform: FakePlatform, answer: bytes) -> None:
    platform.script = lambda asked: answer
    failed = failure(lambda: api(platform, OneRow()).send_text("oWang", "您好"))
    assert (failed.permanent, failed.unknown) == (False, False)
    assert failed.retry_after >= 30
    assert "CANARY" not in str(failed)


@pytest.mark.parametrize("code", [40003, 43004, 45015, 45047, 45002, 48001, 50002, 87014])
def test_some_are_never_tried_again(platform: FakePlatform, code: int) -> None:
    platform.script = lambda asked: says({"errcode": code, "errmsg": "for oWang rid: 1"})
    failed = failure(lambda: api(platform).send_text("oWang", "您好"))
    assert (failed.code, failed.permanent) == (code, True)
    assert str(failed) == f"{code} for *** rid: 1"


@pytest.mark.parametrize(("code", "wait"), [(-1, 0), (45011, 60), (40013, 600), (40164, 600), (45009, 12 * 3_600)])
def test_some_wait(platform: FakePlatform, code: int, wait: float) -> None:
    """NOW is noon in Shanghai; a daily quota comes back at midnight."""
    platform.script = lambda asked: says({"errcode": code})
    failed = failure(lambda: api(platform).send_text("oWang", "您好"))
    assert (failed.permanent, failed.unknown, failed.retry_after) == (False, False, wait)


def test_no_secret_is_ever_told(platform: FakePlatform, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    def reset(asked: Asked) -> bytes:
        raise Reset

    platform.script = reset
    errors = [failure(lambda a=a: a.send_text("oWang", "您好")) for a in (api(platform), api(closed_port()))]  # type: ignore[misc]
    errors.append(failure(lambda: api(closed_port(), OneRow()).send_text("oWang", "您好")))
    told = " ".join(f"{error!r} {error.code}" for error in errors) + caplog.text
    assert "CANARY" not in told
    assert "oWang" not in told


def test_a_scene_code(platform: FakePlatform) -> None:
    platform.script = lambda asked: says({"ticket": "T==", "url": "http://weixin.qq.com/q/x"})
    assert api(platform).create_qr("b-XF01-3").ticket == "T=="
    assert platform.asked[0].content == {
        "action_name": "QR_LIMIT_STR_SCENE",
        "action_info": {"scene": {"scene_str": "b-XF01-3"}},
    }


def test_a_follower(platform: FakePlatform) -> None:
    platform.script = lambda asked: says({"subscribe": 1, "openid": "oWang"})
    assert api(platform).user_info("oWang")["subscribe"] == 1


@pytest.mark.parametrize(
    ("content", "kind"),
    [(b"\xff\xd8\xff\xe0jpeg", "image/jpeg"), (b"\x89PNG\r\n\x1a\n...", "image/png"), (b"#!AMR\n...", "audio/amr")],
)
def test_media_is_what_its_bytes_say(platform: FakePlatform, content: bytes, kind: str) -> None:
    platform.script = lambda asked: http(content, headers="Content-Type: text/html\r\n")
    media = api(platform).media_download("m1")
    assert (media.kind, media.content) == (kind, content)


@pytest.mark.parametrize(
    "content", [b"<svg onload=alert(1)>", b"MZ\x90", json.dumps({"errcode": 40007}).encode(), b"{}", b""]
)
def test_nothing_else_is_media(platform: FakePlatform, content: bytes) -> None:
    platform.script = lambda asked: http(content)
    failure(lambda: api(platform).media_download("m1"))
