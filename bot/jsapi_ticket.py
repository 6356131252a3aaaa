"""The ticket that lets a web page of ours speak with WeChat, and the signature made of it (protocol.md §2.12)."""

import hashlib
import secrets
from collections.abc import Callable
from datetime import datetime

from bot.access_token import BAD_TOKEN, AccessToken, SharedToken
from bot.config import Settings
from bot.message import DeliveryFailed
from bot.platform_answer import Reactions, failure_of
from bot.platform_client import Answer, Call, PlatformClient
from bot.token_store import SqlTokenStore
from models.database import Database

SECONDS = 4.0
"""Somebody looks at an empty page while the platform is asked."""
_REACTIONS = Reactions(
    permanent=frozenset({48001}),
    wait=dict.fromkeys((40013, 40125, 40164, 61004), 600.0) | dict.fromkeys(BAD_TOKEN, 60.0),
)


class JsapiTicket(SharedToken):
    """网页票据: lasts two hours and is shared by every process, as the access token is."""

    field = "ticket"

    def __init__(self, settings: Settings, database: Database, now: Callable[[], datetime]) -> None:
        account, delivery = settings.official_account, settings.delivery
        super().__init__(SqlTokenStore(database, f"jsapi_ticket:{account.app_id}", now), now)
        self._client = PlatformClient(
            account.api_base_url,
            first_pause=6 * delivery.retry_first_seconds,
            longest_pause=min(300, delivery.retry_longest_seconds),
        )
        tokens = SqlTokenStore(database, f"official_account:{account.app_id}", now)
        self._access = AccessToken(account, self._client, tokens, _REACTIONS, now)
        self._app_id, self._seconds = account.app_id, min(SECONDS, delivery.send_deadline_seconds)

    def page_config(self, url: str) -> dict[str, object]:
        """What `wx.config` wants for the page at this URL, without its fragment. Raises DeliveryFailed."""
        ticket = self.current(self._client.deadline(self._seconds))
        nonce, timestamp = secrets.token_hex(8), int(self._now().timestamp())
        return {
            "appId": self._app_id,
            "timestamp": timestamp,
            "nonceStr": nonce,
            "signature": signature(ticket, nonce, timestamp, url),
        }

    def _asked(self, deadline: float) -> Answer:
        def attempt(token: str) -> Answer:
            def unusable(answer: Answer) -> DeliveryFailed | None:
                return self._unusable(failure_of(answer, _REACTIONS, [token]), answer)

            query = {"access_token": token, "type": "jsapi"}
            return self._client.call(Call("/cgi-bin/ticket/getticket", query), deadline, unusable)

        return self._access.used_by(attempt, deadline)


def signature(ticket: str, nonce: str, timestamp: int, url: str) -> str:
    """The four in this order, the URL exactly as the browser shows it."""
    signed = f"jsapi_ticket={ticket}&noncestr={nonce}&timestamp={timestamp}&url={url}"
    return hashlib.sha1(signed.encode(), usedforsecurity=False).hexdigest()
