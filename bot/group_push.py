"""The group webhook: cards into a WeCom group (protocol.md §3.1). The key is the group's only secret."""

import re
import unicodedata
from collections.abc import Mapping, Sequence

import requests

from bot.config import Settings
from bot.message import DeliveryFailed
from bot.platform_answer import Reactions, failure_of
from bot.platform_client import Answer, Call, PlatformClient
from bot.safe_text import fit, printable, whole

MARKDOWN_BYTES, TEXT_BYTES = 4_096, 2_048

_REACTIONS = Reactions(
    permanent=frozenset({93000, 40008, 40058, 44004, 45002}),
    wait={45009: 60, 45033: 2},
)

_MEMBER = re.compile(r"[0-9A-Za-z_.-][0-9A-Za-z_.@-]{0,63}")
# Full-width twins. WeCom documents no escape character, and these look right wherever they are shown.
_TWINS = str.maketrans({character: chr(ord(character) + 0xFEE0) for character in "*_`#<>[]()!~&@|\\$"})
_LEADING_MARK = re.compile(r"^(?:[-+=]+|[0-9]+[.)])")
_SCHEME = re.compile(r":(?=//)")
_DOMAIN_DOT = re.compile(r"(?<=[0-9A-Za-z])\.(?=[A-Za-z])")
_JOINERS = "\u200c\u200d"  # parts of emoji, and of Uyghur spelling


class GroupPush:
    """群推送. Both methods raise DeliveryFailed, at the latest after `send_deadline_seconds`.

    Twenty a minute and key are the sender's business (outbox); 45009 here means that somebody miscounted.
    """

    def __init__(self, settings: Settings, session: requests.Session | None = None) -> None:
        self._client = PlatformClient(
            settings.group_push.api_base_url,
            session,
            first_pause=6 * settings.delivery.retry_first_seconds,
            longest_pause=min(300, settings.delivery.retry_longest_seconds),
        )
        self._seconds = settings.delivery.send_deadline_seconds

    def send_markdown(self, webhook_key: str, content: str) -> None:
        """Words of residents in `content` must have gone through `markdown_escape`."""
        card = {"msgtype": "markdown", "markdown": {"content": fit(printable(content), MARKDOWN_BYTES)}}
        self._send(webhook_key, card)

    def send_text(self, webhook_key: str, content: str, mentioned_userids: Sequence[str] = ()) -> None:
        """`mentioned_userids` come from the roster; `@all` is nobody's userid and is left out."""
        members = [member for member in mentioned_userids if _MEMBER.fullmatch(member)]
        text = {"content": fit(printable(content), TEXT_BYTES), "mentioned_list": members}
        self._send(webhook_key, {"msgtype": "text", "text": text})

    def _send(self, webhook_key: str, content: Mapping[str, object]) -> None:
        def failure(answer: Answer) -> DeliveryFailed | None:
            return failure_of(answer, _REACTIONS, [webhook_key])

        deadline = self._client.deadline(self._seconds)
        self._client.call(Call("/cgi-bin/webhook/send", {"key": webhook_key}, content), deadline, failure)


def markdown_escape(text: str) -> str:
    """Words of a resident for a card: one line that shows as typed, formats nothing, links nowhere, mentions nobody."""
    one_line = " ".join(_visible(whole(text)).split()).translate(_TWINS)
    unlinked = _DOMAIN_DOT.sub("．", _SCHEME.sub("：", one_line))
    return _LEADING_MARK.sub(lambda mark: "".join(chr(ord(c) + 0xFEE0) for c in mark[0]), unlinked)


def _visible(text: str) -> str:
    """Line ends and controls become spaces; direction marks and other invisible ones go."""
    kinds = ((character, unicodedata.category(character)) for character in text)
    return "".join(
        " " if kind in ("Cc", "Zl", "Zp") else character
        for character, kind in kinds
        if kind != "Cf" or character in _JOINERS
    )
