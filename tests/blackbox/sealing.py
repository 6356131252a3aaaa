"""The platforms' signature and AES, written from their public pages; nothing of the product or of wechatpy in it."""

import base64
import hashlib
import os
import struct
from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

BLOCK = 32  # the platforms pad to 32, not to the 16 of AES


def signature(*parts: str) -> str:
    """SHA-1 of the parts, sorted as plain strings and glued."""
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()


@dataclass(frozen=True)
class Seal:
    """加解密: one token and EncodingAESKey; `receive_id` is the app id, or empty for the AI bot."""

    token: str
    aes_key: str
    receive_id: str

    def _cipher(self) -> Cipher[modes.CBC]:
        key = base64.b64decode(self.aes_key + "=")
        return Cipher(algorithms.AES(key), modes.CBC(key[:16]))

    def encrypt(self, message: bytes) -> str:
        block = os.urandom(16) + struct.pack(">I", len(message)) + message + self.receive_id.encode()
        pad = BLOCK - len(block) % BLOCK
        encryptor = self._cipher().encryptor()
        return base64.b64encode(encryptor.update(block + bytes([pad]) * pad) + encryptor.finalize()).decode()

    def decrypt(self, sealed: str) -> bytes:
        decryptor = self._cipher().decryptor()
        block = decryptor.update(base64.b64decode(sealed, validate=True)) + decryptor.finalize()
        pad = block[-1]
        assert 1 <= pad <= BLOCK and block[-pad:] == bytes([pad]) * pad, "bad padding"
        length = struct.unpack(">I", block[16:20])[0]
        message, receive_id = block[20 : 20 + length], block[20 + length : -pad]
        assert receive_id == self.receive_id.encode(), "sealed for somebody else"
        return message

    def sign(self, timestamp: str, nonce: str, sealed: str) -> str:
        return signature(self.token, timestamp, nonce, sealed)
