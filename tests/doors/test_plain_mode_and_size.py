"""Plain mode, for test accounts only, and bodies of every size."""

import io

import pytest

from tests.doors.desk import OA_TOKEN
from tests.doors.platform_side import (
    NONCE,
    STAMP,
    OfficialAccountSide,
    official_account,
    plain_account,
    sign,
    text_xml,
)


@pytest.fixture
def account() -> OfficialAccountSide:
    return official_account()


class TestPlainMode:
    def test_it_works_where_allowed(self) -> None:
        side = plain_account()
        assert b"<Content><![CDATA[\xe6\x94\xb6" in side.push(text_xml()).data
        assert side.push(text_xml(), {"encrypt_type": "raw"}).status_code == 200

    def test_it_is_refused_where_not(self) -> None:
        side = official_account(app_id="", aes_key="", token="", allow_plain=False)
        assert side.push(text_xml()).status_code == 403

    def test_a_used_signature_takes_no_second_body(self) -> None:
        side = plain_account()
        assert side.push(text_xml("甲")).status_code == 200
        assert side.push(text_xml("乙", MsgId="2")).status_code == 403
        assert side.push(text_xml("甲")).status_code == 200
        assert side.desk.only.text == "甲"

    def test_digits_cannot_slide_between_time_and_nonce(self) -> None:
        side = plain_account()
        query = {"timestamp": STAMP[1:], "nonce": NONCE + STAMP[0], "signature": sign(OA_TOKEN, STAMP, NONCE)}
        assert side.push(text_xml(), query).status_code == 403

    def test_it_cannot_open_what_is_sealed(self) -> None:
        assert plain_account().push(text_xml(), {"encrypt_type": "aes"}).status_code == 403


class TestBodySize:
    def test_the_cap_is_413(self, account: OfficialAccountSide) -> None:
        assert account.client.post("/wechat", data=b"x" * 65_537).status_code == 413

    def test_chunked_bodies_are_counted_too(self, account: OfficialAccountSide) -> None:
        environ = {"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}
        body = io.BytesIO(b"x" * 65_537)
        response = account.client.post("/wechat", input_stream=body, environ_overrides=environ)
        assert response.status_code == 413

    def test_a_body_at_the_cap_is_read(self) -> None:
        side = plain_account()
        body = text_xml("x" * (65_536 - len(text_xml(""))))
        assert len(body) == 65_536
        assert side.push(body).status_code == 200
        assert len(side.desk.messages) == 1

    def test_a_body_cut_short_uses_up_no_signature(self) -> None:
        side = plain_account()
        asked = {"signature": sign(OA_TOKEN, STAMP, NONCE), "timestamp": STAMP, "nonce": NONCE}
        cut = io.BytesIO(text_xml()[:50])
        environ = {"CONTENT_LENGTH": str(len(text_xml()))}
        response = side.client.post("/wechat", query_string=asked, input_stream=cut, environ_overrides=environ)
        assert response.status_code == 400
        assert side.push(text_xml()).status_code == 200
