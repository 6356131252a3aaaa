"""The door residents open in WeChat's browser: one page with one button, by which they allow notices (protocol.md §2.4).

Nobody is asked who they are: the platform itself tells the callback who tapped what.
"""

import secrets
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import structlog
from flask import Blueprint, Response, abort, request
from jinja2 import Environment
from sqlalchemy.exc import SQLAlchemyError

from bot.config import Settings
from bot.jsapi_ticket import JsapiTicket
from bot.message import DeliveryFailed
from bot.subscribing import PATH, page_of
from models.database import Database

MOST_QUERY = 1_024
RETRY_SECONDS = 60
_PAGE = Environment(autoescape=True).from_string(Path(__file__).with_suffix(".html").read_text(encoding="utf-8"))
# `webcompt:` and *.qq.com are what the platform's open tags need under a policy; its script reports errors by picture.
_POLICY = (
    "default-src 'none'; script-src 'nonce-{nonce}' https://res.wx.qq.com; style-src 'nonce-{nonce}'; "
    "img-src https://*.qq.com; connect-src https://*.qq.com; frame-src https://*.qq.com webcompt:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

log = structlog.get_logger()


def subscribe_page(settings: Settings, database: Database, now: Callable[[], datetime]) -> Blueprint:
    """GET /subscribe; 503 while the platform gives no ticket."""
    door = Blueprint("subscribe_page", __name__)
    ticket, page = JsapiTicket(settings, database, now), page_of(settings)

    @door.get(PATH)
    def show() -> Response:
        config = _config(ticket, f"{page}{_query()}") if page else {}
        return _shown(settings, config or {}, waiting=config is None)

    return door


def _query() -> str:
    """As the browser shows it: WeChat adds its own when a page is passed on, and the signature covers it."""
    raw = request.query_string
    if len(raw) > MOST_QUERY or not raw.isascii():
        abort(400)
    return f"?{raw.decode()}" if raw else ""


def _config(ticket: JsapiTicket, url: str) -> dict[str, object] | None:
    """The words for `wx.config`; None while there is no ticket."""
    try:
        # A list of calls is demanded, though none is made.
        return {**ticket.page_config(url), "jsApiList": ["checkJsApi"], "openTagList": ["wx-open-subscribe"]}
    except (DeliveryFailed, SQLAlchemyError) as failure:
        log.warning("subscribe_page.no_ticket", error=type(failure).__name__, code=failure.code)
        return None


def _shown(settings: Settings, config: dict[str, object], *, waiting: bool) -> Response:
    nonce, rules = secrets.token_urlsafe(16), settings.announcements
    words = _PAGE.render(
        nonce=nonce, config=config, waiting=waiting, name=settings.deployment.name,
        template=rules.subscribe_template, lasting=rules.subscribe_lasting,
    )  # fmt: skip
    response = Response(words, 503 if waiting else 200, mimetype="text/html")
    response.headers["Content-Security-Policy"] = _POLICY.format(nonce=nonce)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    if waiting:
        response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response
