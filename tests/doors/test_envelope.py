"""The published vectors (protocol.md §1.4), every padding, and everything that must not open."""

import base64
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wechatpy.crypto import WeChatCrypto  # type: ignore[import-untyped]
from werkzeug.datastructures import MultiDict

from bot.callback import Forged
from bot.envelope import Envelope, Stamp
from tests.doors.desk import APP_ID, NOW, OA_KEY, OA_TOKEN
from tests.doors.platform_side import NONCE, STAMP, seal, sealed_block, sign, unseal

MESSAGE = (
    "RypEvHKD8QQKFhvQ6QleEB4J58tiPdvo+rtK1I9qca6aM/wvqnLSV5zEPeusUiX5L5X/0lWfrf0QADHHhGd3QczcdCUpj911L3vg3W/sYYvuJTs3"
    "TUUkSUXxaccAS0qhxchrRYt66wiSpGLYL42aM6A8dTT+6k4aSknmPj48kzJs8qLjvd4Xgpue06DOdnLxAUHzM6+kDZ+HMZfJYuR+LtwGc2hgf5gs"
    "ijff0ekUNXZiqATP7PF5mZxZ3Izoun1s4zG4LUMnvw2r+KqCKIw+3IQH03v+BCA9nMELNqbSf6tiWSrXJB3LAVGUcallcrw8V2t9EL4EhzJWrQUa"
    "x5wLVMNS0+rUPA3k22Ncx4XXZS9o0MBH27Bo6BpNelZpS+/uh9KsNlY6bHCmJU9p8g7m3fVKn28H3KDYA5Pl/T8Z1ptDAVe0lXdQ2YoyyH2uyPIG"
    "HBZZIs2pDBS8R07+qN+E7Q=="
)
ECHO = "P9nAzCzyDtyTWESHep1vC5X9xho/qYX3Zpb4yKa9SKld1DsH3Iyt3tP3zNdtp+4RPcs8TgAE7OaBO+FZXvnaqQ=="

envelope = Envelope(OA_TOKEN, OA_KEY, APP_ID)


def test_the_published_message_opens() -> None:
    signature = "477715d11cdb4164915debcba66cb864d751f3e6"
    assert envelope.signed(signature, Stamp("1409659813", "1372623149"), MESSAGE)
    message = envelope.open(MESSAGE)
    assert len(message) == 284
    assert b"<Content><![CDATA[hello]]></Content>" in message


def test_the_published_echo_opens() -> None:
    assert envelope.signed("5c45ff5e21c57e6ad56bac8758b79b1d9ac89fd3", Stamp("1409659589", "263014780"), ECHO)
    assert envelope.open(ECHO) == b"1616140317555161061"


@pytest.mark.parametrize("length", range(1, 66))
def test_every_padding_opens_and_seals(length: int) -> None:
    message = b"x" * length
    assert envelope.open(seal(message)) == message
    assert unseal(envelope.seal(message.decode())) == (message, APP_ID)


def test_wechatpy_reads_what_we_seal() -> None:
    sealed = envelope.seal("您好")
    peer = WeChatCrypto(OA_TOKEN, OA_KEY, APP_ID)
    assert peer.decrypt_message({"Encrypt": sealed}, sign(OA_TOKEN, STAMP, NONCE, sealed), STAMP, NONCE) == "您好"


def test_the_same_words_never_seal_alike() -> None:
    assert len({envelope.seal("一样") for _ in range(20)}) == 20


def _block(length: int, message: bytes, receive_id: bytes, pad: bytes) -> bytes:
    return b"r" * 16 + length.to_bytes(4, "big") + message + receive_id + pad


APP = APP_ID.encode()
FORGERIES = {
    "nothing": "",
    "no base64": "not base64!",
    "no block": "QUJD",
    "only padding": "=" * 8,
    "cut": seal(b"x")[:-4],
    "broken lines": "\n".join(seal(b"x" * 90)[i : i + 64] for i in range(0, 128, 64)),
    "another account": seal(b"x", receive_id="wx0000000000000000"),
    "no account": seal(b"x", receive_id=""),
    "padding 0": sealed_block(_block(5, b"hello", APP, b"\x00" * 21)),
    "padding 33": sealed_block(_block(5, b"hello", APP, b"\x21" * 21)),
    "mixed padding": sealed_block(_block(5, b"hello", APP, b"\x01" * 20 + b"\x15")),
    "overlong": sealed_block(_block(500, b"hello", APP, b"\x15" * 21)),
    "endless": sealed_block(_block(2**32 - 1, b"hello", APP, b"\x15" * 21)),
    "all padding": sealed_block(b"\x10" * 16),
    "no length": sealed_block(b"r" * 16 + b"\x00\x00" + b"\x0e" * 14),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_everything_else_is_forged(name: str) -> None:
    with pytest.raises(Forged):
        envelope.open(FORGERIES[name])


def test_with_an_empty_receive_id_an_overlong_length_is_still_forged() -> None:
    bot = Envelope("bot-token", OA_KEY, "")
    with pytest.raises(Forged):
        bot.open(sealed_block(_block(900, b"hello", b"", b"\x07" * 7)))


@given(st.binary(max_size=200))
def test_no_bytes_break_it(raw: bytes) -> None:
    raw = raw[: len(raw) // 16 * 16]
    with pytest.raises(Forged):
        envelope.open(base64.b64encode(raw).decode())


def test_an_empty_token_signs_nothing() -> None:
    nobody = Envelope("", "", "")
    stamp = Stamp(STAMP, NONCE)
    assert not nobody.signed(nobody.signature(stamp), stamp)


def test_signatures_of_any_characters_are_compared_without_error() -> None:
    assert not envelope.signed("签名\ud800", Stamp(STAMP, NONCE))


def _stamp(timestamp: str, nonce: str = NONCE) -> Stamp:
    return Stamp.of(MultiDict({"timestamp": timestamp, "nonce": nonce}), NOW, 600)


@pytest.mark.parametrize("shift", [-600, 0, 600])
def test_the_window_reaches_both_ways(shift: int) -> None:
    assert _stamp(str(int((NOW + timedelta(seconds=shift)).timestamp())))


@pytest.mark.parametrize("shift", [-86_400, -601, 601, 86_400])
def test_outside_the_window_it_is_forged(shift: int) -> None:
    with pytest.raises(Forged):
        _stamp(str(int((NOW + timedelta(seconds=shift)).timestamp())))


@pytest.mark.parametrize(
    "timestamp",
    [f"{STAMP}.0", "1e9", "0x65", "-1", "9" * 20, f" {STAMP}", f"{STAMP}\n", STAMP[1:], "１" + STAMP[1:], ""],
)
def test_odd_numbers_are_no_timestamps(timestamp: str) -> None:
    with pytest.raises(Forged):
        _stamp(timestamp)


@pytest.mark.parametrize("nonce", ["", "n" * 49, "a b", "随机", "<script>", "1\n"])
def test_odd_nonces_are_refused(nonce: str) -> None:
    with pytest.raises(Forged):
        _stamp(STAMP, nonce)


def test_cipher_text_cannot_slide_into_the_nonce() -> None:
    """Signing glues its parts, so 64 characters (three AES blocks) moved to a neighbour leave the signature as it is
    and shift what decrypts. Only the nonce's length forbids it."""
    tries = (seal(b"x" * 200) for _ in range(200))
    sealed = next(sealed for sealed in tries if min(sealed[0], sealed[64]) > "5")
    slid_nonce, slid_sealed = "5" + sealed[:64], sealed[64:]
    assert sign("~", STAMP, "5", sealed) == sign("~", STAMP, slid_nonce, slid_sealed)
    with pytest.raises(Forged):
        _stamp(STAMP, slid_nonce)
