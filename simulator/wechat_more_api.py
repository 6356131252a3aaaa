"""The official account's API: media, scene codes, users, tags (§2.7–2.10)."""

import io
import itertools
import secrets
from typing import Any

import segno
from flask import Blueprint, Response, request

from simulator.access_tokens import AccessTokens
from simulator.answers import PlatformError, answer, done
from simulator.clock import Clock
from simulator.media import MediaStore
from simulator.residents import Residents
from simulator.wechat_api import json_body

UPLOAD_BYTES = {"image": 10 << 20, "voice": 2 << 20, "video": 10 << 20, "thumb": 64 << 10}


def wechat_more_api(
    clock: Clock, tokens: AccessTokens, residents: Residents, media: MediaStore, scenes: dict[str, str]
) -> Blueprint:
    """`scenes`: ticket of a QR code → its scene, shared with the page."""
    api = Blueprint("wechat_more_api", __name__, url_prefix="/cgi-bin")
    tags: dict[int, str] = {}
    tag_ids = itertools.count(100)

    @api.before_request
    def token_checked() -> None:
        if request.endpoint != "wechat_more_api.showqrcode":
            tokens.check(request.args.get("access_token"))

    @api.post("/media/upload")
    def upload() -> Response:
        kind, file = request.args.get("type", ""), request.files.get("media")
        if kind not in UPLOAD_BYTES:
            raise PlatformError(40004)
        content = file.read() if file else b""
        if not file or not content:
            raise PlatformError(41005, "media data missing")
        if len(content) > UPLOAD_BYTES[kind]:
            raise PlatformError(45001, "media size out of limit")
        kept = media.keep(kind, file.filename or "", file.mimetype, content)
        name = "thumb_media_id" if kind == "thumb" else "media_id"
        return answer(**{"type": kind, name: kept.id, "created_at": int(kept.created_at)})

    @api.get("/media/get")
    def download() -> Response:
        kept = media.get(request.args.get("media_id", ""))
        if kept is None:
            raise PlatformError(40007)
        headers = {"Content-disposition": f'attachment; filename="{kept.filename}"'}
        return Response(kept.content, mimetype=kept.mimetype, headers=headers)

    @api.post("/qrcode/create")
    def create_code() -> Response:
        asked = json_body()
        scene, seconds = _scene(asked), asked.get("expire_seconds", 60)
        ticket = secrets.token_urlsafe(60)
        scenes[ticket] = scene
        lasting = str(asked.get("action_name")).startswith("QR_LIMIT")
        extra = {} if lasting else {"expire_seconds": min(int(seconds), 2592000)}
        return answer(ticket=ticket, url=f"http://weixin.qq.com/q/{ticket[:20]}", **extra)

    @api.get("/showqrcode")
    def showqrcode() -> Response:
        ticket = request.args.get("ticket", "")
        if ticket not in scenes:
            return Response(status=404)
        picture = io.BytesIO()
        segno.make(f"http://weixin.qq.com/q/{ticket[:20]}").save(picture, kind="png", scale=8)
        return Response(picture.getvalue(), mimetype="image/png")

    @api.get("/user/info")
    def user() -> Response:
        resident = residents.get(request.args.get("openid", ""))
        if resident is None:
            raise PlatformError(40003)
        if not resident.following:
            return answer(subscribe=0, openid=resident.openid, tagid_list=[])
        return answer(
            subscribe=1,
            openid=resident.openid,
            nickname="",
            sex=0,
            language="zh_CN",
            subscribe_time=int(resident.followed_at),
            remark="",
            groupid=0,
            tagid_list=sorted(resident.tags),
            subscribe_scene="ADD_SCENE_QR_CODE" if resident.scene else "ADD_SCENE_SEARCH",
            qr_scene=0,
            qr_scene_str=resident.scene,
        )

    @api.get("/user/get")
    def users() -> Response:
        following = [resident.openid for resident in residents.all() if resident.following]
        return answer(total=len(following), count=len(following), data={"openid": following}, next_openid="")

    @api.post("/tags/create")
    def create_tag() -> Response:
        name = str(json_body().get("tag", {}).get("name", ""))
        if not name or len(name) > 30 or name in tags.values():
            raise PlatformError(45157)
        number = next(tag_ids)
        tags[number] = name
        return answer(tag={"id": number, "name": name})

    @api.get("/tags/get")
    def all_tags() -> Response:
        count = {number: sum(number in r.tags for r in residents.all()) for number in tags}
        return answer(tags=[{"id": number, "name": name, "count": count[number]} for number, name in tags.items()])

    @api.post("/tags/members/batchtagging")
    @api.post("/tags/members/batchuntagging")
    def tagging() -> Response:
        asked = json_body()
        openids, number = asked.get("openid_list", []), asked.get("tagid")
        if not 1 <= len(openids) <= 50:
            raise PlatformError(40032)
        if number not in tags:
            raise PlatformError(45159)
        for openid in openids:
            resident = residents.get(openid)
            if resident is None:
                raise PlatformError(49003, "openid does not belong to this appid")
            change = resident.tags.discard if request.path.endswith("untagging") else resident.tags.add
            change(number)
        return done()

    @api.post("/tags/getidlist")
    def tags_of() -> Response:
        resident = residents.get(str(json_body().get("openid", "")))
        if resident is None:
            raise PlatformError(40003)
        return answer(tagid_list=sorted(resident.tags))

    return api


def _scene(asked: dict[str, Any]) -> str:
    scene = asked.get("action_info", {}).get("scene", {})
    value = scene.get("scene_str") or scene.get("scene_id")
    if (
        asked.get("action_name") not in {"QR_SCENE", "QR_STR_SCENE", "QR_LIMIT_SCENE", "QR_LIMIT_STR_SCENE"}
        or not value
    ):
        raise PlatformError(40053, "invalid action info")
    if len(str(value)) > 64:
        raise PlatformError(40053, "scene is longer than 64")
    return str(value)
