"""The control API `/sim/…`: what the page and other processes' tests do in the world (JSON)."""

import threading
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, jsonify, request

from simulator.actions import ACTIONS
from simulator.board import plain, tracks
from simulator.cast import BOUND, home
from simulator.groups import PASSER_BY, Group
from simulator.residents import Unknown

if TYPE_CHECKING:
    from simulator.world import World

BUILDINGS_AT_MOST = 3000


def control(world: "World") -> Blueprint:
    api = Blueprint("control", __name__, url_prefix="/sim")

    @api.get("/state")
    def state() -> Response:
        now = world.clock.now()
        residents = [
            {"openid": r.openid, "nickname": r.nickname, "following": r.following, "left": r.left(now)}
            for r in world.residents.all()
        ]
        groups = [_group(world, group) for group in world.groups.all()]
        return jsonify(
            bot_name=world.config.bot_name,
            account_name=world.config.account_name,
            mode=world.config.mode,
            time=world.time,
            residents=residents,
            groups=groups,
            names=world.groups.names(),
            faults=[asdict(fault) for fault in world.faults.all()],
            home=_home(world),
        )

    @api.post("/residents")
    def new_resident() -> Response:
        asked = body()
        hand = world.resident(str(asked["nickname"])[:20], following=bool(asked.get("following", True)))
        return jsonify(openid=hand.openid, nickname=hand.resident.nickname, following=hand.resident.following)

    @api.get("/residents/<openid>/screen")
    def resident_screen(openid: str) -> Response:
        return jsonify([asdict(item) for item in world.resident_of(openid).screen])

    @api.post("/residents/<openid>/push")
    def push(openid: str) -> Response:
        hand, asked = world.resident_of(openid), body()
        act = ACTIONS.get(str(asked.pop("kind", "")))
        if act is None:
            raise Unknown(f"kind is one of {', '.join(ACTIONS)}")
        return _acted(asked, lambda: act(hand, asked))

    @api.post("/residents/<openid>/expire-windows")
    def expire_windows(openid: str) -> Response:
        world.resident_of(openid).windows_expire()
        return jsonify(left=0)

    @api.get("/groups/<chat_id>/screen")
    def group_screen(chat_id: str) -> Response:
        return jsonify([asdict(item) for item in world.group(chat_id).screen])

    @api.post("/groups/<chat_id>/say")
    def say(chat_id: str) -> Response:
        asked = body()
        member, text = str(asked["member"]), str(asked["text"])
        mention, quote = bool(asked.get("mention", True)), asked.get("quote")
        return _acted(asked, lambda: world.group(chat_id).says(member, text, quote, mention))

    @api.get("/board")
    def board() -> Response:
        return jsonify([asdict(track) for track in tracks(world.groups.all())])

    @api.post("/groups")
    def new_group() -> Response:
        asked = body()
        hand = world.add_group(asked["chat_id"], asked.get("name", ""), asked.get("webhook_key", ""))
        return jsonify(_group(world, hand.group))

    @api.post("/workers/<userid>/<any(say,enter):verb>")
    def worker(userid: str, verb: str) -> Response:
        chat, asked = world.single_chat(userid), body()
        return _acted(asked, lambda: chat.enters(userid) if verb == "enter" else chat.says(userid, str(asked["text"])))

    @api.get("/buildings")
    def buildings() -> Response:
        wanted = request.args.get("q", "")
        found = [building for building in world.street.buildings if wanted in building.name]
        return jsonify([asdict(building) for building in found[:BUILDINGS_AT_MOST]])

    return api


def _acted(asked: dict[str, Any], act: Callable[[], str]) -> Response:
    """Waits for the bot's answer, unless `"wait": false`: then the screens tell."""
    if asked.get("wait", True):
        return jsonify(seen=act())
    threading.Thread(target=act, daemon=True).start()
    return jsonify(seen=None)


def _home(world: "World") -> dict[str, str]:
    """Who and which group the page shows first."""
    building = home(world.street)
    chats = (g.chat_id for g in world.groups.all() if building and g.area_code == building.grid_code)
    return {"nickname": BOUND, "chat_id": next(chats, "")}


def _line(world: "World", code: str) -> list[str]:
    """The codes from this area up to the top."""
    found = []
    while area := world.street.areas.get(code):
        found.append(code)
        code = area.parent_code
    return found


def body() -> dict[str, Any]:
    asked = request.get_json(force=True, silent=True)
    return asked if isinstance(asked, dict) else {}


def _group(world: "World", group: Group) -> dict[str, Any]:
    cards = group.screen.items("push")
    return {
        "chat_id": group.chat_id,
        "name": group.name,
        "level": group.level,
        "path": world.street.path(group.area_code),
        "area_code": group.area_code,
        "line": _line(world, group.area_code),
        "members": [asdict(member) for member in [*group.members, PASSER_BY]],
        "cards": len(cards),
        "last": {"at": cards[-1].at, "lines": plain(cards[-1].text)[:2]} if cards else None,
    }
