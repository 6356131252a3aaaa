"""The official account's API: the menu, with the platform's limits (§2.11)."""

from typing import Any

from flask import Blueprint, Response, request

from simulator.access_tokens import AccessTokens
from simulator.answers import PlatformError, answer, done
from simulator.wechat_api import json_body

COLUMNS, ENTRIES = 3, 5
COLUMN_BYTES, ENTRY_BYTES, KEY_BYTES, URL_BYTES = 16, 60, 128, 1_024


def wechat_menu_api(tokens: AccessTokens) -> Blueprint:
    api = Blueprint("wechat_menu_api", __name__, url_prefix="/cgi-bin/menu")
    published: list[dict[str, Any]] = []

    @api.before_request
    def token_checked() -> None:
        tokens.check(request.args.get("access_token"))

    @api.post("/create")
    def create() -> Response:
        buttons = json_body(escapes_shown=True).get("button")
        _check(buttons, COLUMNS, COLUMN_BYTES, 40016, 40018)
        published[:] = buttons or []
        return done()

    @api.get("/get")
    def get() -> Response:
        if not published:
            raise PlatformError(46003, "menu no exist")
        return answer(menu={"button": published})

    @api.get("/delete")
    def delete() -> Response:
        published.clear()
        return done()

    return api


def _check(buttons: Any, most: int, name_bytes: int, too_many: int, bad_name: int) -> None:
    if not isinstance(buttons, list) or not 1 <= len(buttons) <= most:
        raise PlatformError(too_many, "invalid button size")
    for button in buttons:
        if not 0 < len(str(button.get("name", "")).encode()) <= name_bytes:
            raise PlatformError(bad_name, "invalid button name size")
        if "sub_button" in button and most == COLUMNS:
            _check(button["sub_button"], ENTRIES, ENTRY_BYTES, 40023, 40025)
        else:
            _check_target(button)


def _check_target(button: dict[str, Any]) -> None:
    match button.get("type"):
        case "click":
            if not 0 < len(str(button.get("key", "")).encode()) <= KEY_BYTES:
                raise PlatformError(40019, "invalid button key size")
        case "view":
            if not 0 < len(str(button.get("url", "")).encode()) <= URL_BYTES:
                raise PlatformError(40020, "invalid button url size")
        case _:
            raise PlatformError(40017, "invalid button type")
