"""The platform's signature and encryption around a message, for both callbacks (protocol.md §1.2–1.5, §3.2.3).

AES and padding are wechatpy's; what it lets through (padding, length, base64, leaking exceptions) is checked here.
"""

import base64
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from wechatpy.crypto import PrpCrypto
from werkzeug.datastructures import MultiDict

from bot.callback import Forged, once

_TIMESTAMP = re.compile(r"[0-9]{10}")
# Signing sorts and glues its parts without a separator, so bytes could slide from the cipher text into the nonce.
# Base64 and AES blocks only line up again after 64 characters: a shorter nonce makes every such slide invalid.
_NONCE = re.compile(r"[0-9A-Za-z_.~-]{1,48}")
_MAX_PAD = 32
_RANDOM_BYTES = 16


@dataclass(frozen=True, slots=True)
class Stamp:
    """时间戳: when a callback was signed, and its nonce."""

    timestamp: str
    nonce: str

    @classmethod
    def of(cls, query: MultiDict[str, str], now: datetime, window_seconds: float) -> "Stamp":
        """Raises Forged unless both are well-formed and the time lies within the window, past or future."""
        stamp = cls(once(query, "timestamp"), once(query, "nonce"))
        if not _TIMESTAMP.fullmatch(stamp.timestamp) or not _NONCE.fullmatch(stamp.nonce):
            raise Forged
        if abs(now.timestamp() - int(stamp.timestamp)) > window_seconds:
            raise Forged
        return stamp


class _Crypto(PrpCrypto):  # type: ignore[misc]
    def get_random_string(self) -> bytes:
        # wechatpy draws from `random`, whose next values can be computed from earlier ones.
        return secrets.token_bytes(_RANDOM_BYTES)


class Envelope:
    """信封: signs, opens and seals for one token and key. `receive_id` is the app id, or empty for the AI bot."""

    def __init__(self, token: str, aes_key: str, receive_id: str) -> None:
        self._token = token
        self._receive_id = receive_id.encode()
        self._crypto: Any = _Crypto(base64.b64decode(aes_key + "=")) if aes_key else None

    @property
    def encrypts(self) -> bool:
        return self._crypto is not None

    def signature(self, stamp: Stamp, *sealed: str) -> str:
        parts = sorted(part.encode() for part in (self._token, stamp.timestamp, stamp.nonce, *sealed))
        return hashlib.sha1(b"".join(parts), usedforsecurity=False).hexdigest()

    def signed(self, signature: str, stamp: Stamp, *sealed: str) -> bool:
        """False for an empty token: what anybody can sign proves nothing (TH08)."""
        expected = self.signature(stamp, *sealed)
        return bool(self._token) and hmac.compare_digest(expected.encode(), signature.encode(errors="replace"))

    def open(self, sealed: str) -> bytes:
        """The message inside. Raises Forged for everything that is not exactly a message to us (TH06)."""
        try:
            clear: bytes = self._crypto.cipher.decrypt(base64.b64decode(sealed, validate=True))
        except ValueError:
            raise Forged from None
        pad = clear[-1] if clear else 0
        content = clear[_RANDOM_BYTES:-pad] if pad else b""
        length = int.from_bytes(content[:4], "big")
        message, receive_id = content[4 : 4 + length], content[4 + length :]
        padded = 1 <= pad <= _MAX_PAD and clear.endswith(bytes([pad]) * pad)
        if not padded or len(content) < 4 + length or receive_id != self._receive_id:
            raise Forged
        return message

    def seal(self, message: str) -> str:
        return str(self._crypto.encrypt(message, self._receive_id), "ascii")
