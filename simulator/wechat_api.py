"""The official account's API: tokens and customer-service messages (§2.1, §2.2)."""

import json
import re
from typing import Any

from flask import Blueprint, Response, g, request

from simulator.access_tokens import AccessTokens
from simulator.answers import PlatformError, answer, done
from simulator.clock import Clock
from simulator.config import WorldConfig
from simulator.media import MediaStore
from simulator.residents import Resident, Residents
from simulator.screen import Item

TEXT_BYTES, DESCRIPTION_BYTES = 2048, 512
WITH_MEDIA = {"image", "voice", "video"}
MESSAGE_TYPES = WITH_MEDIA | {"text", "music", "news", "mpnewsarticle", "msgmenu", "miniprogrampage"}


def json_body(escapes_shown: bool = False) -> dict[str, Any]:
    r"""The call's JSON, whatever its Content-Type. `escapes_shown`: the platform displays \uXXXX literally (§2)."""
    raw = request.get_data().decode("utf-8", "replace")
    if escapes_shown:
        raw = re.sub(r"\\u(?=[0-9a-fA-F]{4})", r"\\\\u", raw)
    try:
        content = json.loads(raw)
    except ValueError:
        raise PlatformError(47001) from None
    if not isinstance(content, dict):
        raise PlatformError(47001)
    return content


def wechat_api(
    config: WorldConfig, clock: Clock, tokens: AccessTokens, residents: Residents, media: MediaStore
) -> Blueprint:
    api = Blueprint("wechat_api", __name__, url_prefix="/cgi-bin")

    @api.get("/token")
    def token() -> Response:
        value, seconds = tokens.classic(request.args)
        return answer(access_token=value, expires_in=seconds)

    @api.post("/stable_token")
    def stable_token() -> Response:
        value, seconds = tokens.stable(json_body())
        return answer(access_token=value, expires_in=seconds)

    @api.get("/getcallbackip")
    @api.get("/get_api_domain_ip")
    def callback_ip() -> Response:
        tokens.check(request.args.get("access_token"))
        return answer(ip_list=["127.0.0.1"])

    @api.post("/message/custom/send")
    def custom_send() -> Response:
        tokens.check(request.args.get("access_token"))
        asked = json_body(escapes_shown=True)
        resident = _receiver(residents, asked)
        kind, text = _content(asked, media)
        with residents.lock:
            code = resident.spend(clock.now())
        if code:
            raise PlatformError(code)
        details = asked[kind] if kind != "text" else {}
        resident.screen.show(Item("push", kind, text, clock.now(), author_name=config.account_name, details=details))
        g.delivered = True
        return done()

    @api.post("/message/custom/typing")
    def typing() -> Response:
        tokens.check(request.args.get("access_token"))
        resident = _receiver(residents, json_body())
        if clock.now() - resident.last_active_at > 30:
            raise PlatformError(45080, "no interaction in the last 30 seconds")
        return done()

    @api.route("/<path:_>", methods=["GET", "POST"])
    def not_granted(_: str) -> Response:
        tokens.check(request.args.get("access_token"))
        raise PlatformError(48001)

    return api


def _receiver(residents: Residents, asked: dict[str, Any]) -> Resident:
    resident = residents.get(str(asked.get("touser", "")))
    if resident is None:
        raise PlatformError(40003)
    return resident


def _content(asked: dict[str, Any], media: MediaStore) -> tuple[str, str]:
    """Type and visible text of a customer-service message."""
    kind = asked.get("msgtype")
    if kind not in MESSAGE_TYPES or not isinstance(asked.get(kind), dict):
        raise PlatformError(40008)
    part = asked[kind]
    if kind == "text":
        return kind, _text(part.get("content"))
    if kind in WITH_MEDIA and media.get(str(part.get("media_id"))) is None:
        raise PlatformError(40007)
    if kind == "msgmenu":
        return kind, _text(f"{part.get('head_content', '')}\n{part.get('tail_content', '')}")
    articles = part.get("articles", [])
    if kind == "news" and not (articles and articles[0].get("title") and articles[0].get("url")):
        raise PlatformError(44003, "empty news data")
    if len(articles) > 1:
        raise PlatformError(45008, "too many articles")
    if any(len(str(article.get("description", "")).encode()) > DESCRIPTION_BYTES for article in articles):
        raise PlatformError(45004, "description size out of limit")
    return kind, str(articles[0].get("title", "")) if articles else str(part.get("title", ""))


def _text(content: Any) -> str:
    if not isinstance(content, str) or not content:
        raise PlatformError(44004)
    if len(content.encode()) > TEXT_BYTES:
        raise PlatformError(45002)
    return content
