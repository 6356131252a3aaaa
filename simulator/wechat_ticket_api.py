"""The official account's API: tickets for web pages (§2.12)."""

import secrets

from flask import Blueprint, Response, request

from simulator.access_tokens import AccessTokens
from simulator.answers import PlatformError, done
from simulator.clock import Clock

LIFETIME = 7200


class JsTickets:
    """网页票据: one at a time; the same one until it ends."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._dies_at = 0.0
        self.current = ""

    def give(self) -> tuple[str, int]:
        """The ticket and its remaining seconds."""
        remaining = self._dies_at - self._clock.now()
        if remaining <= 0:
            self.current = f"kgt8ON7y{secrets.token_urlsafe(48)}"
            self._dies_at, remaining = self._clock.now() + LIFETIME, LIFETIME
        return self.current, int(remaining)

    def valid(self) -> str:
        """The one a signature may be made of; empty when none is."""
        return self.current if self._dies_at > self._clock.now() else ""


def wechat_ticket_api(tokens: AccessTokens, tickets: JsTickets) -> Blueprint:
    api = Blueprint("wechat_ticket_api", __name__, url_prefix="/cgi-bin/ticket")

    @api.get("/getticket")
    def getticket() -> Response:
        tokens.check(request.args.get("access_token"))
        if request.args.get("type") != "jsapi":
            raise PlatformError(40097, "invalid args")
        value, seconds = tickets.give()
        return done(ticket=value, expires_in=seconds)

    return api
