"""The platforms' signature and AES, written apart from the product's own door so that each can prove the other."""

import base64
import binascii
import hashlib
import hmac
import os

from cryptography.hazmat.primitives.ciphers import Cipher as BlockCipher
from cryptography.hazmat.primitives.ciphers import algorithms, modes

PAD_BLOCK = 32  # PKCS#7 over 32 bytes although AES blocks have 16 (protocol §1.4)
RANDOM_BYTES = 16


class BadCipherText(Exception):
    """What came back cannot be decrypted with our key, or is meant for somebody else."""


def signature(*parts: str) -> str:
    """SHA-1 of the parts, sorted as plain strings and glued without separator."""
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()


def same(left: str, right: str) -> bool:
    return hmac.compare_digest(left.encode(), right.encode())


class Cipher:
    """加解密: one account's EncodingAESKey and receive id (app id; empty for the AI bot)."""

    def __init__(self, encoding_aes_key: str, receive_id: str) -> None:
        self._key = base64.b64decode(encoding_aes_key + "=")
        self._receive_id = receive_id.encode()

    def encrypt(self, message: bytes) -> str:
        clear = os.urandom(RANDOM_BYTES) + len(message).to_bytes(4, "big") + message + self._receive_id
        pad = PAD_BLOCK - len(clear) % PAD_BLOCK
        box = self._box().encryptor()
        return base64.b64encode(box.update(clear + bytes([pad]) * pad) + box.finalize()).decode()

    def decrypt(self, text: str) -> bytes:
        """The message inside. Raises BadCipherText."""
        clear = self.decrypt_block(text)
        length = int.from_bytes(clear[RANDOM_BYTES : RANDOM_BYTES + 4], "big")
        rest = clear[RANDOM_BYTES + 4 :]
        if length > len(rest):
            raise BadCipherText("length field is larger than the block")
        if rest[length:] != self._receive_id:
            raise BadCipherText("receive id is not ours")
        return rest[:length]

    def decrypt_block(self, text: str) -> bytes:
        """Clear block without padding: random, length, message, receive id."""
        try:
            raw = base64.b64decode(text, validate=True)
            box = self._box().decryptor()
            clear = box.update(raw) + box.finalize()
        except (binascii.Error, ValueError) as error:
            raise BadCipherText(f"not decryptable: {error}") from None
        if len(clear) < PAD_BLOCK or not 1 <= clear[-1] <= PAD_BLOCK or len(set(clear[-clear[-1] :])) != 1:
            raise BadCipherText("bad padding")
        return clear[: -clear[-1]]

    def _box(self) -> BlockCipher[modes.CBC]:
        return BlockCipher(algorithms.AES(self._key), modes.CBC(self._key[:16]))
