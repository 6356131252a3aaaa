"""Which answers WeCom takes from an AI bot (§3.2.3)."""

import json
from typing import Any

from simulator.bot_line import BadAnswer
from simulator.crypto import BadCipherText, Cipher, same, signature

STREAM_BYTES = 20480
ENVELOPE = {"encrypt", "msgsignature", "timestamp", "nonce"}
# What was sent → what may come back, besides silence.
ALLOWED = {
    "message": {"stream", "template_card", "stream_with_template_card"},
    "stream": {"stream"},
    "enter_chat": {"text", "template_card"},
    "template_card_event": {"update_template_card"},
    "feedback_event": set[str](),
}


def read_answer(body: bytes, *, cipher: Cipher, token: str, nonce: str, situation: str) -> dict[str, Any] | None:
    """The decrypted answer, or None for an empty body. Raises BadAnswer."""
    if not body:
        return None
    envelope = _object(body)
    if set(envelope) != ENVELOPE:
        raise BadAnswer(f"envelope fields {sorted(envelope)}")
    if not isinstance(envelope["timestamp"], int) or envelope["nonce"] != nonce:
        raise BadAnswer("timestamp is not an integer or nonce is not the request's")
    encrypted = str(envelope["encrypt"])
    signed = signature(token, str(envelope["timestamp"]), nonce, encrypted)
    if not same(signed, str(envelope["msgsignature"])):
        raise BadAnswer("msgsignature does not match")
    try:
        answer = _object(cipher.decrypt(encrypted))
    except BadCipherText as error:
        raise BadAnswer(str(error)) from None
    _check(answer, situation)
    return answer


def _check(answer: dict[str, Any], situation: str) -> None:
    kind = str(answer.get("response_type") or answer.get("msgtype"))
    if kind not in ALLOWED[situation]:
        raise BadAnswer(f"{kind} may not answer {situation}")
    if kind == "text" and not isinstance(answer.get("text", {}).get("content"), str):
        raise BadAnswer("text has no content")
    if kind.startswith("stream"):
        _check_stream(answer.get("stream"))
    if kind.endswith("template_card") and not isinstance(answer.get("template_card"), dict):
        raise BadAnswer("no template_card")


def _check_stream(stream: Any) -> None:
    if not isinstance(stream, dict) or not isinstance(stream.get("id"), str) or not stream["id"]:
        raise BadAnswer("stream has no id")
    if not isinstance(stream.get("finish"), bool) or not isinstance(stream.get("content"), str):
        raise BadAnswer("stream has no finish or content")
    if len(stream["content"].encode()) > STREAM_BYTES:
        raise BadAnswer(f"stream has {len(stream['content'].encode())} bytes")
    if stream["finish"] and not stream["content"]:
        raise BadAnswer("finished stream is empty")


def _object(body: bytes) -> dict[str, Any]:
    try:
        content = json.loads(body)
    except ValueError as error:
        raise BadAnswer(f"not JSON: {error}") from None
    if not isinstance(content, dict):
        raise BadAnswer("not a JSON object")
    return content
