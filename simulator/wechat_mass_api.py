"""The official account's API: mass messages, subscription notices, templates (§2.3–2.5)."""

from typing import Any

from flask import Blueprint, Response, g, request

from simulator.access_tokens import AccessTokens
from simulator.answers import PlatformError, answer, done
from simulator.mass_desk import MassDesk
from simulator.wechat_api import json_body
from simulator.wechat_article_api import ArticleShelf

TEXT_BYTES = 2048


def wechat_mass_api(tokens: AccessTokens, desk: MassDesk, shelf: ArticleShelf) -> Blueprint:
    api = Blueprint("wechat_mass_api", __name__, url_prefix="/cgi-bin/message")

    @api.before_request
    def token_checked() -> None:
        tokens.check(request.args.get("access_token"))

    @api.post("/mass/send")
    def mass_send() -> Response:
        asked = json_body(escapes_shown=True)
        openids, client_id = asked.get("touser"), str(asked.get("clientmsgid", ""))
        if not isinstance(openids, list):
            raise PlatformError(40058, "touser is a list of openid")
        known = None if shelf.looks_first else desk.known(client_id)
        if known:
            return answer(errcode=45065, errmsg="clientmsgid exist", msg_id=known.msg_id)
        media_id = str(asked.get("mpnews", {}).get("media_id", "")) if asked.get("msgtype") == "mpnews" else ""
        article = shelf.article(media_id) if media_id else {}
        text = f"{article['title']}\n{article['digest']}" if article else _text(asked)
        job, new = desk.send([str(openid) for openid in openids], text, client_id, article)
        if not new:
            return answer(errcode=45065, errmsg="clientmsgid exist", msg_id=job.msg_id)
        shelf.used(media_id)
        g.delivered = bool(job.receivers)
        return answer(errcode=0, errmsg="send job submission success", msg_id=job.msg_id, msg_data_id=job.msg_id)

    @api.post("/mass/get")
    def mass_get() -> Response:
        job = desk.jobs.get(int(json_body()["msg_id"]))
        if job is None:
            raise PlatformError(40059, "invalid msg id")
        return answer(msg_id=job.msg_id, msg_status="SEND_SUCCESS" if job.status == "send success" else "SEND_FAIL")

    @api.post("/subscribe/bizsend")
    def bizsend() -> Response:
        asked = json_body(escapes_shown=True)
        desk.notify(str(asked.get("touser", "")), str(asked.get("template_id", "")), asked.get("data", {}))
        g.delivered = True
        return done()

    @api.post("/template/send")
    def template_send() -> Response:
        asked = json_body(escapes_shown=True)
        number = desk.template(str(asked.get("touser", "")), str(asked.get("template_id", "")), asked.get("data", {}))
        g.delivered = True
        return done(msgid=number)

    return api


def _text(asked: dict[str, Any]) -> str:
    if asked.get("msgtype") != "text" or not isinstance(asked.get("text"), dict):
        raise PlatformError(40008)
    content = asked["text"].get("content")
    if not isinstance(content, str) or not content:
        raise PlatformError(44004)
    if len(content.encode()) > TEXT_BYTES:
        raise PlatformError(45002)
    return content
