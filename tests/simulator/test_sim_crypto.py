"""Published vectors of protocol §1.4 and every pad length."""

import pytest

from simulator.crypto import BadCipherText, Cipher, signature

TOKEN, KEY, RECEIVER = "QDG6eK", "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C", "wx5823bf96d3bd56c7"
MESSAGE = (
    "RypEvHKD8QQKFhvQ6QleEB4J58tiPdvo+rtK1I9qca6aM/wvqnLSV5zEPeusUiX5L5X/0lWfrf0QADHHhGd3QczcdCUpj911L3vg3W/sYYvuJTs3"
    "TUUkSUXxaccAS0qhxchrRYt66wiSpGLYL42aM6A8dTT+6k4aSknmPj48kzJs8qLjvd4Xgpue06DOdnLxAUHzM6+kDZ+HMZfJYuR+LtwGc2hgf5gs"
    "ijff0ekUNXZiqATP7PF5mZxZ3Izoun1s4zG4LUMnvw2r+KqCKIw+3IQH03v+BCA9nMELNqbSf6tiWSrXJB3LAVGUcallcrw8V2t9EL4EhzJWrQUa"
    "x5wLVMNS0+rUPA3k22Ncx4XXZS9o0MBH27Bo6BpNelZpS+/uh9KsNlY6bHCmJU9p8g7m3fVKn28H3KDYA5Pl/T8Z1ptDAVe0lXdQ2YoyyH2uyPIG"
    "HBZZIs2pDBS8R07+qN+E7Q=="
)
ECHO = "P9nAzCzyDtyTWESHep1vC5X9xho/qYX3Zpb4yKa9SKld1DsH3Iyt3tP3zNdtp+4RPcs8TgAE7OaBO+FZXvnaqQ=="


def test_the_published_message_opens() -> None:
    cipher = Cipher(KEY, RECEIVER)
    assert signature(TOKEN, "1409659813", "1372623149", MESSAGE) == "477715d11cdb4164915debcba66cb864d751f3e6"
    clear = cipher.decrypt(MESSAGE)
    assert len(clear) == 284
    assert b"<MsgId>4561255354251345929</MsgId>" in clear and b"<![CDATA[hello]]>" in clear


def test_the_published_echostr_opens() -> None:
    assert signature(TOKEN, "1409659589", "263014780", ECHO) == "5c45ff5e21c57e6ad56bac8758b79b1d9ac89fd3"
    assert Cipher(KEY, RECEIVER).decrypt(ECHO) == b"1616140317555161061"


@pytest.mark.parametrize("receiver", [RECEIVER, ""])
def test_every_pad_length_round_trips(receiver: str) -> None:
    cipher = Cipher(KEY, receiver)
    for length in range(64):
        message = b"x" * length
        assert cipher.decrypt(cipher.encrypt(message)) == message


def test_anothers_message_and_garbage_are_refused() -> None:
    cipher = Cipher(KEY, RECEIVER)
    for text in (Cipher(KEY, "wx0").encrypt(b"hello"), "", "AAAA", "!!", MESSAGE[:-8], MESSAGE[4:], "é"):
        with pytest.raises(BadCipherText):
            cipher.decrypt(text)
