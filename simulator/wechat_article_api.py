"""The official account's API: permanent pictures and drafts of articles (§2.6, §2.7)."""

import re
import secrets
from typing import Any

from flask import Blueprint, Response, request

from simulator.access_tokens import AccessTokens
from simulator.answers import PlatformError, answer
from simulator.wechat_api import json_body

PICTURE_BYTES = 10 << 20
PICTURES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF8")
MOST_ARTICLES, TITLE, DIGEST, AUTHOR, CONTENT = 8, 32, 120, 16, 20_000
_MARKUP = re.compile(r"<(?!/?(?:p|br|img|strong|section|span)\b)")


class ArticleShelf:
    """图文架: permanent pictures, and drafts until a mass message takes them; tests read it as a ledger."""

    def __init__(self) -> None:
        self.pictures: dict[str, bytes] = {}
        self.drafts: dict[str, dict[str, Any]] = {}
        self.made = 0
        """Drafts ever added."""
        self.looks_first = False
        """A mass call is checked for its draft before its clientmsgid is looked up: the order is nowhere documented."""

    def add_picture(self, content: bytes) -> str:
        """Raises PlatformError."""
        if not content.startswith(PICTURES):
            raise PlatformError(40005, "invalid file type")
        if len(content) > PICTURE_BYTES:
            raise PlatformError(45001, "media size out of limit")
        media_id = secrets.token_urlsafe(48)
        self.pictures[media_id] = content
        return media_id

    def add_draft(self, article: dict[str, Any]) -> str:
        """Raises PlatformError."""
        if article.get("thumb_media_id") not in self.pictures:
            raise PlatformError(40007)
        if not article.get("content"):
            raise PlatformError(44003, "empty news data")
        for field, most, code in (("title", TITLE, 45003), ("digest", DIGEST, 45004), ("author", AUTHOR, 45110)):
            if len(str(article.get(field, ""))) > most or (field == "title" and not article.get(field)):
                raise PlatformError(code, f"{field} size out of limit")
        if len(article["content"]) > CONTENT or _MARKUP.search(article["content"]):
            raise PlatformError(45002)
        media_id = secrets.token_urlsafe(48)
        self.drafts[media_id] = {"digest": "", **article, "cover": self.pictures[article["thumb_media_id"]].hex()[:64]}
        self.made += 1
        return media_id

    def article(self, media_id: str) -> dict[str, Any]:
        """Raises PlatformError when there is no such draft any more."""
        if media_id not in self.drafts:
            raise PlatformError(40007)
        return self.drafts[media_id]

    def used(self, media_id: str) -> None:
        """A draft is gone with the mass message that took it."""
        self.drafts.pop(media_id, None)

    def forget(self) -> None:
        self.pictures.clear()
        self.drafts.clear()
        self.made, self.looks_first = 0, False


def wechat_article_api(tokens: AccessTokens, shelf: ArticleShelf) -> Blueprint:
    api = Blueprint("wechat_article_api", __name__, url_prefix="/cgi-bin")

    @api.before_request
    def token_checked() -> None:
        tokens.check(request.args.get("access_token"))

    @api.post("/material/add_material")
    def add_material() -> Response:
        file = request.files.get("media")
        if request.args.get("type") != "image":
            raise PlatformError(40004)
        content = file.read() if file else b""
        if not file or not file.filename or not content:
            raise PlatformError(41005, "media data missing")
        media_id = shelf.add_picture(content)
        return answer(media_id=media_id, url=f"http://mmbiz.qpic.cn/mmbiz/{media_id[:20]}/0")

    @api.post("/draft/add")
    def add_draft() -> Response:
        asked = json_body(escapes_shown=True).get("articles")
        if not isinstance(asked, list) or not 1 <= len(asked) <= MOST_ARTICLES:
            raise PlatformError(45008, "too many articles")
        return answer(media_id=shelf.add_draft(asked[0]))

    return api
