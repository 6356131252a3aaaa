"""Pictures of residents for a group: fetched from the account's store, pushed through the group's webhook (protocol.md §3.1)."""

import base64
import hashlib
from collections.abc import Callable, Mapping

from bot.config import Settings
from bot.message import DeliveryFailed
from bot.official_account_api import Media, OfficialAccountApi
from bot.platform_answer import Reactions, failure_of
from bot.platform_client import Answer, Call, PlatformClient

PUSH_BYTES = 2 << 20
SHOWN = ("image/jpeg", "image/png")
"""What a webhook takes."""
NEXT, NOT_SHOWN = "，见下一条。", "，太大或格式不对，群里看不了。要看请回复居民，请他再发一张。"
_REACTIONS = Reactions(permanent=frozenset({93000, 40008, 40009, 40058, 44004, 45001}), wait={45009: 60, 45033: 2})


class Pictures:
    """照片转发. Raises DeliveryFailed, at the latest after twice `send_deadline_seconds`.

    The pictures go through a client of their own: one that hangs on two megabytes holds up no card.
    """

    def __init__(self, settings: Settings, account: OfficialAccountApi) -> None:
        self._account = account
        self._client = PlatformClient(settings.group_push.api_base_url)
        self._seconds = settings.delivery.send_deadline_seconds

    def forward(self, webhook_key: str, media_id: str, head: str, *, announced: Callable[[], bool]) -> None:
        """One picture; before it, unless `announced`, or instead of it, when the group cannot be shown it, one line."""
        media = self._fetched(media_id)
        deadline = self._client.deadline(self._seconds)
        fits = media.kind in SHOWN and len(media.content) <= PUSH_BYTES
        if not fits or not announced():
            line = {"content": f"{head}{NEXT if fits else NOT_SHOWN}"}
            self._send(webhook_key, {"msgtype": "markdown", "markdown": line}, deadline)
        if fits:
            digest = hashlib.md5(media.content, usedforsecurity=False).hexdigest()
            image = {"base64": base64.b64encode(media.content).decode(), "md5": digest}
            self._send(webhook_key, {"msgtype": "image", "image": image}, deadline)

    def _fetched(self, media_id: str) -> Media:
        try:
            return self._account.media_download(media_id)
        except DeliveryFailed as failure:
            failure.unknown = False  # whatever became of the fetching, nothing has left
            raise

    def _send(self, webhook_key: str, content: Mapping[str, object], deadline: float) -> None:
        def failure(answer: Answer) -> DeliveryFailed | None:
            return failure_of(answer, _REACTIONS, [webhook_key])

        self._client.call(Call("/cgi-bin/webhook/send", {"key": webhook_key}, content), deadline, failure)
