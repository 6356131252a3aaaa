"""The official account's door from outside: who gets in, and what is answered."""

import time
from statistics import median

import pytest

from bot.config import ConfigError
from bot.message import Inbound
from bot.official_account import official_account_door
from tests.doors import desk as deskside
from tests.doors.desk import OA_TOKEN, NotebookDesk, now
from tests.doors.platform_side import (
    NONCE,
    STAMP,
    OfficialAccountSide,
    answered,
    official_account,
    seal,
    sealed_block,
    sign,
    text_xml,
)


@pytest.fixture
def account() -> OfficialAccountSide:
    return official_account()


class TestVerification:
    def ask(self, **query: str) -> tuple[int, str, str | None]:
        asked = {"signature": sign(OA_TOKEN, STAMP, NONCE), "timestamp": STAMP, "nonce": NONCE, "echostr": "5678"}
        response = official_account().client.get("/wechat", query_string=asked | query)
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        return response.status_code, response.text, response.mimetype

    def test_the_echo_comes_back_as_plain_text(self) -> None:
        assert self.ask() == (200, "5678", "text/plain")

    @pytest.mark.parametrize(
        "query",
        [
            {"echostr": "<script>x</script>"},
            {"echostr": ""},
            {"signature": "0" * 40},
            {"timestamp": "1600000000"},
        ],
    )
    def test_anything_else_is_refused(self, query: dict[str, str]) -> None:
        assert self.ask(**query)[:2] == (403, "")


def test_a_message_is_handed_over_and_answered(account: OfficialAccountSide) -> None:
    reply = answered(account.push(text_xml("路灯坏了")).data)
    assert [child.tag for child in reply] == ["ToUserName", "FromUserName", "CreateTime", "MsgType", "Content"]
    assert (reply.findtext("ToUserName"), reply.findtext("FromUserName")) == ("oWang", "gh_bot")
    assert (reply.findtext("CreateTime"), reply.findtext("Content")) == (STAMP, "收到")
    assert account.desk.only.text == "路灯坏了"


def test_silence_is_success_in_clear() -> None:
    side = official_account(NotebookDesk(lambda inbound: ""))
    response = side.push(text_xml())
    assert (response.status_code, response.data, response.mimetype) == (200, b"success", "text/plain")


def test_compatible_mode_believes_only_the_sealed_words(account: OfficialAccountSide) -> None:
    clear = "<Content><![CDATA[<Encrypt>AAAA</Encrypt> 假的]]></Content>"
    response = account.push_sealed(seal(text_xml("真的")), extra=clear)
    assert response.status_code == 200
    assert account.desk.only.text == "真的"


def test_a_redelivery_is_one_message_and_the_same_reply(account: OfficialAccountSide) -> None:
    first, second = account.push(text_xml()), account.push(text_xml())
    assert answered(first.data).findtext("Content") == answered(second.data).findtext("Content")
    assert len(account.desk.messages) == 1


@pytest.mark.parametrize(
    "query",
    [
        {"msg_signature": "0" * 40},
        {"msg_signature": ""},
        {"signature": "0" * 40},
        {"encrypt_type": "raw"},
        {"encrypt_type": ""},
        {"timestamp": "1600000000"},
        {"nonce": "1"},
    ],
)
def test_a_forged_query_is_refused_and_leaves_no_row(account: OfficialAccountSide, query: dict[str, str]) -> None:
    response = account.push(text_xml(), query)
    assert (response.status_code, response.data) == (403, b"")
    assert account.desk.untouched


@pytest.mark.parametrize("field", ["timestamp", "nonce", "encrypt_type", "msg_signature"])
@pytest.mark.parametrize("times", [0, 2])
def test_each_field_comes_exactly_once(account: OfficialAccountSide, field: str, times: int) -> None:
    sealed = seal(text_xml())
    query = [pair for pair in account.query(sealed).items() for _ in range(times if pair[0] == field else 1)]
    asked = "&".join(f"{name}={value}" for name, value in query)
    response = account.client.post(f"/wechat?{asked}", data=f"<xml><Encrypt>{sealed}</Encrypt></xml>")
    assert response.status_code == 403
    assert account.desk.untouched


def test_an_encrypted_account_takes_no_clear_message(account: OfficialAccountSide) -> None:
    asked = {"signature": sign(OA_TOKEN, STAMP, NONCE), "timestamp": STAMP, "nonce": NONCE, "encrypt_type": "raw"}
    assert account.client.post("/wechat", query_string=asked, data=text_xml()).status_code == 403
    del asked["encrypt_type"]
    assert account.client.post("/wechat", query_string=asked, data=text_xml()).status_code == 403
    assert account.desk.untouched


def test_all_failures_look_alike_and_take_as_long(account: OfficialAccountSide) -> None:
    failures = [
        "!!!!",
        "QUJD",
        sealed_block(b"\x00" * 64),
        sealed_block(b"r" * 16 + b"\xff" * 4 + b"\x0c" * 12),
        seal(text_xml(), receive_id="wx0000000000000000"),
    ]
    times = []
    for sealed in failures:
        seconds = []
        for _ in range(30):
            start = time.perf_counter()
            response = account.push_sealed(sealed)
            seconds.append(time.perf_counter() - start)
            assert (response.status_code, response.data) == (403, b"")
        times.append(median(seconds))
    assert max(times) - min(times) < 0.005
    assert account.desk.untouched


def test_storage_failing_is_503_and_keeps_nothing(account: OfficialAccountSide) -> None:
    account.desk.storage_works = False
    assert account.push(text_xml()).status_code == 503
    assert account.push(b"garbage").status_code == 503


def test_our_own_bug_is_kept_and_answered_with_silence(caplog: pytest.LogCaptureFixture) -> None:
    def break_down(inbound: Inbound) -> str:
        raise ValueError(inbound.text)

    side = official_account(NotebookDesk(break_down))
    assert side.push(text_xml("隐私的话")).data == b"success"
    assert side.desk.quarantined[0][2] == "bug: ValueError"
    assert "隐私的话" not in caplog.text


def test_forgeries_cost_one_log_line_a_minute(account: OfficialAccountSide, caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(50):
        account.push(text_xml(), {"msg_signature": "0" * 40})
    assert len([r for r in caplog.records if r.name == "bot.callback"]) == 1


def test_an_aes_key_without_app_id_stops_the_start() -> None:
    with pytest.raises(ConfigError, match="app_id"):
        official_account_door(deskside.settings(official_account={"app_id": ""}), NotebookDesk(), now)
