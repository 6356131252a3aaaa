"""The official account's access token: fetched by one process at a time, and never in a loop (finding 1)."""

from collections.abc import Callable
from datetime import datetime, timedelta

from bot.config import OfficialAccount
from bot.message import DeliveryFailed, TokenStore
from bot.platform_answer import Reactions, content_of, failure_of
from bot.platform_client import Answer, Call, PlatformClient

_EVERY_SECONDS = 30
_MARGIN = timedelta(seconds=60)
_LONGEST_TOKEN, _LONGEST_LIFE = 2_048, 86_400


class AccessToken:
    """令牌: hands out the token all processes share, and replaces it when the platform refuses it."""

    def __init__(
        self,
        account: OfficialAccount,
        client: PlatformClient,
        store: TokenStore,
        reactions: Reactions,
        now: Callable[[], datetime],
    ) -> None:
        self._account, self._client, self._store = account, client, store
        self._reactions, self._now = reactions, now

    def current(self, deadline: float) -> str:
        stored = self._store.load()
        if stored and self._lasts(stored, _MARGIN):
            return stored[0]
        still_good = stored[0] if stored and self._lasts(stored, timedelta(0)) else None
        return self._refreshed(stored[0] if stored else None, deadline, still_good)

    def instead_of(self, refused: str, deadline: float) -> str:
        """Another token than the refused one: somebody else's newer one, or a fresh one."""
        return self._newer_than(refused) or self._refreshed(refused, deadline, None)

    def _refreshed(self, stale: str | None, deadline: float, still_good: str | None) -> str:
        if self._store.claim_refresh(stale, _EVERY_SECONDS):
            return self._fetched(deadline)
        # Another process is fetching one, or has just failed to.
        token = self._newer_than(stale) or still_good
        if token is None:
            raise DeliveryFailed("no valid token yet", code="token", retry_after=_EVERY_SECONDS)
        return token

    def _fetched(self, deadline: float) -> str:
        secret = self._account.app_secret.get_secret_value()
        content = {"grant_type": "client_credential", "appid": self._account.app_id, "secret": secret}

        def unusable(answer: Answer) -> DeliveryFailed | None:
            failure = failure_of(answer, self._reactions, [secret], explicit=False)
            if failure is None and _granted(answer) is None:
                return DeliveryFailed("the answer is no token", code="token")
            return failure

        try:
            answer = self._client.call(Call("/cgi-bin/stable_token", {}, content), deadline, unusable)
        except DeliveryFailed as failure:
            reason = failure
        else:
            token, seconds = _granted(answer) or ("", 0)
            self._store.save(token, self._now() + timedelta(seconds=seconds))
            return token
        # Whatever became of the token call, the message itself has certainly not left.
        raise DeliveryFailed(f"token: {reason}", code=reason.code, retry_after=max(reason.retry_after, _EVERY_SECONDS))

    def _newer_than(self, stale: str | None) -> str | None:
        stored = self._store.load()
        return stored[0] if stored and stored[0] != stale and self._lasts(stored, timedelta(0)) else None

    def _lasts(self, stored: tuple[str, datetime], margin: timedelta) -> bool:
        return stored[1] > self._now() + margin


def _granted(answer: Answer) -> tuple[str, int] | None:
    content = content_of(answer)
    token, seconds = content.get("access_token"), content.get("expires_in")
    if not isinstance(token, str) or not 0 < len(token) <= _LONGEST_TOKEN or not token.isascii():
        return None
    if type(seconds) is not int or not 0 < seconds <= _LONGEST_LIFE:
        return None
    return token, seconds
