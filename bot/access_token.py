"""What the platform lends for two hours: fetched by one process at a time, shared by all, and never in a loop (finding 1)."""

from collections.abc import Callable
from datetime import datetime, timedelta

from bot.config import OfficialAccount
from bot.message import DeliveryFailed, TokenStore
from bot.platform_answer import Reactions, content_of, failure_of
from bot.platform_client import Answer, Call, PlatformClient

BAD_TOKEN = frozenset({40001, 40014, 42001})
_EVERY_SECONDS = 30
_MARGIN = timedelta(seconds=60)
_LONGEST_TOKEN, _LONGEST_LIFE = 2_048, 86_400


class SharedToken:
    """共用凭证: hands out what all processes share; `_asked` fetches a new one, `field` is its name in the answer."""

    field = ""

    def __init__(self, store: TokenStore, now: Callable[[], datetime]) -> None:
        self._store, self._now = store, now

    def current(self, deadline: float) -> str:
        stored = self._store.load()
        if stored and self._lasts(stored, _MARGIN):
            return stored[0]
        still_good = stored[0] if stored and self._lasts(stored, timedelta(0)) else None
        return self._refreshed(stored[0] if stored else None, deadline, still_good)

    def _asked(self, deadline: float) -> Answer:
        raise NotImplementedError

    def _unusable(self, failure: DeliveryFailed | None, answer: Answer) -> DeliveryFailed | None:
        """Done, but without what was asked for."""
        if failure is None and _granted(answer, self.field) is None:
            return DeliveryFailed(f"the answer is no {self.field}", code="token")
        return failure

    def _refreshed(self, stale: str | None, deadline: float, still_good: str | None) -> str:
        if self._store.claim_refresh(stale, _EVERY_SECONDS):
            return self._fetched(deadline)
        # Another process is fetching one, or has just failed to.
        token = self._newer_than(stale) or still_good
        if token is None:
            raise DeliveryFailed("no valid token yet", code="token", retry_after=_EVERY_SECONDS)
        return token

    def _fetched(self, deadline: float) -> str:
        try:
            answer = self._asked(deadline)
        except DeliveryFailed as failure:
            reason = failure
        else:
            token, seconds = _granted(answer, self.field) or ("", 0)
            self._store.save(token, self._now() + timedelta(seconds=seconds))
            return token
        # Whatever became of the token call, the message itself has certainly not left.
        raise DeliveryFailed(f"token: {reason}", code=reason.code, retry_after=max(reason.retry_after, _EVERY_SECONDS))

    def _newer_than(self, stale: str | None) -> str | None:
        stored = self._store.load()
        return stored[0] if stored and stored[0] != stale and self._lasts(stored, timedelta(0)) else None

    def _lasts(self, stored: tuple[str, datetime], margin: timedelta) -> bool:
        return stored[1] > self._now() + margin


class AccessToken(SharedToken):
    """令牌: the key of every call, replaced when the platform refuses it."""

    field = "access_token"

    def __init__(
        self,
        account: OfficialAccount,
        client: PlatformClient,
        store: TokenStore,
        reactions: Reactions,
        now: Callable[[], datetime],
    ) -> None:
        super().__init__(store, now)
        self._account, self._client, self._reactions = account, client, reactions

    def instead_of(self, refused: str, deadline: float) -> str:
        """Another token than the refused one: somebody else's newer one, or a fresh one."""
        return self._newer_than(refused) or self._refreshed(refused, deadline, None)

    def used_by(self, attempt: Callable[[str], Answer], deadline: float) -> Answer:
        """One call with the token, and one repeat with a fresh one when the platform refuses it."""
        token = self.current(deadline)
        try:
            return attempt(token)
        except DeliveryFailed as failure:
            if failure.code not in BAD_TOKEN:
                raise
        return attempt(self.instead_of(token, deadline))

    def _asked(self, deadline: float) -> Answer:
        secret = self._account.app_secret.get_secret_value()
        content = {"grant_type": "client_credential", "appid": self._account.app_id, "secret": secret}

        def unusable(answer: Answer) -> DeliveryFailed | None:
            return self._unusable(failure_of(answer, self._reactions, [secret], explicit=False), answer)

        return self._client.call(Call("/cgi-bin/stable_token", {}, content), deadline, unusable)


def _granted(answer: Answer, field: str) -> tuple[str, int] | None:
    content = content_of(answer)
    token, seconds = content.get(field), content.get("expires_in")
    if not isinstance(token, str) or not 0 < len(token) <= _LONGEST_TOKEN or not token.isascii():
        return None
    if type(seconds) is not int or not 0 < seconds <= _LONGEST_LIFE:
        return None
    return token, seconds
