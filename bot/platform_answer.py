"""What a platform's answer means for the send: done, wait, never, or nobody knows (protocol.md §2.13, §3.8)."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from bot.message import DeliveryFailed
from bot.platform_client import Answer
from bot.safe_text import printable, whole

_LONGEST_WORDS = 200


@dataclass(frozen=True, slots=True)
class Reactions:
    """错误码: one platform's error table. Codes in neither are tried again by the outbox's own rhythm."""

    permanent: frozenset[int]
    wait: Mapping[int, float] = field(default_factory=dict)
    """errcode → seconds before the next try."""


def content_of(answer: Answer) -> dict[str, object]:
    """The JSON object; empty for anything else."""
    try:
        content = json.loads(answer.body.decode())
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def failure_of(
    answer: Answer, reactions: Reactions, secrets: Iterable[str] = (), *, explicit: bool = True
) -> DeliveryFailed | None:
    """None when done. With `explicit`, done needs an `errcode` that is there and 0 (finding 2): for sends."""
    if answer.status != 200:
        return _http_failure(answer.status)
    content = content_of(answer)
    code = content.get("errcode", None if explicit else 0)
    if not content or type(code) is not int:
        return DeliveryFailed("the answer is no result", code="garbage", unknown=True)
    if code == 0:
        return None
    return DeliveryFailed(
        f"{code} {_words(content.get('errmsg'), secrets)}",
        code=code,
        permanent=code in reactions.permanent,
        retry_after=reactions.wait.get(code, 0),
    )


def _http_failure(status: int) -> DeliveryFailed:
    # Something in front of the platform refused a 3xx or 4xx; behind a 5xx the message may have gone through.
    wait = 60 if status == 429 else 0
    return DeliveryFailed(f"HTTP {status}", code=f"http_{status}", unknown=status >= 500, retry_after=wait)


def _words(errmsg: object, secrets: Iterable[str]) -> str:
    words = printable(whole(errmsg)).replace("\n", " ") if isinstance(errmsg, str) else ""
    for secret in filter(None, secrets):
        words = words.replace(secret, "***")
    return words[:_LONGEST_WORDS]
