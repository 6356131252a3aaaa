"""How both platforms answer an API call: HTTP 200 and a JSON with an errcode."""

import json
import secrets
from typing import Any

from flask import Response

MEANINGS = {
    -1: "system error",
    40001: "invalid credential, access_token is invalid or not latest",
    40002: "invalid grant_type",
    40003: "invalid openid",
    40004: "invalid media type",
    40007: "invalid media_id",
    40008: "invalid message type",
    40013: "invalid appid",
    40032: "invalid openid list size",
    40058: "invalid parameter",
    40125: "invalid appsecret",
    41001: "access_token missing",
    42001: "access_token expired",
    44004: "empty content",
    45002: "content size out of limit",
    45009: "reach max api daily quota limit",
    45011: "api minute-quota reach limit, must slower, retry next minute",
    45015: "response out of time limit or subscription is canceled",
    45047: "out of response count limit",
    45157: "invalid tag name",
    45159: "invalid tag id",
    47001: "data format error",
    48001: "api unauthorized",
    93000: "invalid webhook url, webhook key is wrong or robot is removed",
}


class PlatformError(Exception):
    """The call is refused with this errcode."""

    def __init__(self, code: int, detail: str = "") -> None:
        super().__init__(detail or MEANINGS.get(code, "error"))
        self.code = code


def answer(**content: Any) -> Response:
    """Unescaped UTF-8 JSON, always 200."""
    return Response(json.dumps(content, ensure_ascii=False), mimetype="application/json")


def done(**content: Any) -> Response:
    return answer(errcode=0, errmsg="ok", **content)


def refusal(error: PlatformError) -> Response:
    return answer(errcode=error.code, errmsg=f"{error} rid: {secrets.token_hex(4)}-{secrets.token_hex(4)}")
