"""WeCom's API: group webhooks (§3.1) and the AI bot's one-shot reply address (§3.2.3)."""

import base64
import binascii
import hashlib
import re
from typing import Any

from flask import Blueprint, Response, g, request

from simulator.answers import PlatformError, done
from simulator.clock import Clock
from simulator.config import WorldConfig
from simulator.groups import Group, Groups
from simulator.media import MediaStore
from simulator.screen import Item
from simulator.wechat_api import json_body
from simulator.wecom_callback import ReplyAddresses

BYTES = {"text": 2048, "markdown": 4096, "markdown_v2": 4096}
MENTION = re.compile(r"<@([^<>]+)>")
REPLY_BYTES = 20480
PICTURE_BYTES = 2 << 20
PICTURES = {b"\xff\xd8\xff": "image/jpeg", b"\x89PN": "image/png"}


def wecom_api(
    config: WorldConfig, clock: Clock, groups: Groups, media: MediaStore, addresses: ReplyAddresses
) -> Blueprint:
    api = Blueprint("wecom_api", __name__, url_prefix="/cgi-bin")

    @api.post("/webhook/send")
    def webhook_send() -> Response:
        group = _of_key(groups)
        asked = json_body()
        kind, text, mentions = _content(asked, media)
        with groups.lock:
            _count(group, clock.now(), config.webhook_per_minute)
        details = {"mentions": mentions} | ({"card": asked[kind]} if kind == "template_card" else {})
        if kind == "image":
            picture = _picture(asked[kind])
            details["media"] = media.keep("image", "photo", PICTURES[picture[:3]], picture).id
        group.screen.show(Item("push", kind, text, clock.now(), author_name=config.bot_name, details=details))
        g.delivered = True
        return done()

    @api.post("/webhook/upload_media")
    def upload() -> Response:
        _of_key(groups)
        kind, file = request.args.get("type", ""), request.files.get("media")
        content = file.read() if file else b""
        if kind not in ("file", "voice") or not file or not 5 <= len(content) <= 20 << 20:
            raise PlatformError(40058)
        kept = media.keep(kind, file.filename or "", file.mimetype, content)
        return done(type=kind, media_id=kept.id, created_at=str(int(kept.created_at)))

    @api.post("/aibot/response")
    def aibot_response() -> Response:
        chat_id = addresses.use(request.args.get("response_code", ""))
        group = groups.get(chat_id) if chat_id else None
        if group is None:
            raise PlatformError(40058, "response_code is used, unknown or older than an hour")
        asked = json_body()
        if asked.get("msgtype") != "markdown" and not (asked.get("msgtype") == "template_card" and group.single):
            raise PlatformError(40008)
        part = asked.get(asked["msgtype"], {})
        text = _limited(part.get("content"), REPLY_BYTES) if asked["msgtype"] == "markdown" else _title(part)
        group.screen.show(Item("bot", asked["msgtype"], text, clock.now(), author_name=config.bot_name))
        g.delivered = True
        return done()

    def _of_key(known: Groups) -> Group:
        group = known.of_key(request.args.get("key", ""))
        if group is None:
            raise PlatformError(93000)
        return group

    return api


def _count(group: Group, now: float, most: int) -> None:
    """Twenty a minute, sliding, per webhook; refused calls do not count."""
    while group.sent_at and group.sent_at[0] <= now - 60:
        group.sent_at.popleft()
    if len(group.sent_at) >= most:
        raise PlatformError(45009, "api freq out of limit")
    group.sent_at.append(now)


def _content(asked: dict[str, Any], media: MediaStore) -> tuple[str, str, list[str]]:
    """Type, visible text and mentioned userids of a webhook message."""
    kind = asked.get("msgtype")
    part = asked.get(str(kind))
    if not isinstance(kind, str) or kind not in {*BYTES, "image", "news", "file", "voice", "template_card"}:
        raise PlatformError(40008)
    if not isinstance(part, dict):
        raise PlatformError(40058)
    if kind in BYTES:
        text = _limited(part.get("content"), BYTES[kind])
        return kind, text, _mentions(kind, text, part)
    if kind in ("file", "voice") and media.get(str(part.get("media_id"))) is None:
        raise PlatformError(40007)
    if kind == "image":
        _picture(part)
        return kind, "[图片]", []
    if kind == "template_card" and part.get("card_type") not in ("text_notice", "news_notice"):
        raise PlatformError(40058)
    return kind, _title(part), []


def _mentions(kind: str, text: str, part: dict[str, Any]) -> list[str]:
    """markdown_v2 mentions nobody; text has its lists besides."""
    if kind == "markdown_v2":
        return []
    listed = [str(who) for name in ("mentioned_list", "mentioned_mobile_list") for who in part.get(name, [])]
    return MENTION.findall(text) + (listed if kind == "text" else [])


def _limited(content: Any, most: int) -> str:
    if not isinstance(content, str) or not content:
        raise PlatformError(44004)
    if len(content.encode()) > most:
        raise PlatformError(40058, f"content exceeds {most} bytes")
    return content


def _title(part: dict[str, Any]) -> str:
    articles = part.get("articles") or [{}]
    return str(part.get("main_title", {}).get("title") or part.get("sub_title_text") or articles[0].get("title", ""))


def _picture(part: dict[str, Any]) -> bytes:
    """A jpg or png of at most two megabytes whose md5 is right."""
    try:
        content = base64.b64decode(part.get("base64", ""), validate=True)
    except (binascii.Error, TypeError):
        raise PlatformError(40058) from None
    right = len(content) <= PICTURE_BYTES and hashlib.md5(content).hexdigest() == part.get("md5")
    if not right or content[:3] not in PICTURES:
        raise PlatformError(40058)
    return content
