"""The control API `/sim/…`, second half: ledger, faults, clock, files, and the live events."""

import io
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import segno
from flask import Blueprint, Response, jsonify, request

from simulator.control import body
from simulator.residents import Unknown

if TYPE_CHECKING:
    from simulator.world import World

YEAR_SECONDS = 366 * 86400
# What was uploaded is shown, never run.
AS_A_PICTURE = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; sandbox"}


def control_wire(world: "World") -> Blueprint:
    api = Blueprint("control_wire", __name__, url_prefix="/sim")

    @api.get("/ledger")
    def ledger() -> Response:
        found = world.ledger.entries(
            request.args.get("path", ""), request.args.get("direction", ""), request.args.get("after", 0, int)
        )
        return jsonify([asdict(entry) for entry in found[-request.args.get("most", 500, int) :]])

    @api.get("/faults")
    def faults() -> Response:
        return jsonify([asdict(fault) for fault in world.faults.all()])

    @api.post("/faults")
    def new_fault() -> Response:
        return jsonify(asdict(world.fault(**body())))

    @api.delete("/faults")
    @api.delete("/faults/<int:fault_id>")
    def no_fault(fault_id: int | None = None) -> Response:
        if fault_id is None:
            world.faults.clear()
        else:
            world.faults.remove(fault_id)
        world.live.publish("faults")
        return jsonify([asdict(fault) for fault in world.faults.all()])

    @api.get("/clock")
    def clock() -> Response:
        return jsonify(world.time)

    @api.post("/clock")
    def move_clock() -> Response:
        """At once (`advance_seconds`), soon (`skip_seconds`, `to_morning`), to watch (`play_seconds`), or no more."""
        asked = body()
        if "advance_seconds" in asked:
            world.clock.advance(_forward(asked["advance_seconds"]))
        elif "skip_seconds" in asked:
            world.pacer.skip(_forward(asked["skip_seconds"]))
        elif "play_seconds" in asked:
            world.pacer.play(_forward(asked["play_seconds"]))
        elif asked.get("to_morning"):
            world.pacer.skip((world.time["morning"] or 0) - world.clock.now())
        else:
            world.pacer.normal()
        return jsonify(world.time)

    @api.post("/verify")
    def verify() -> Response:
        return jsonify(wechat=world.wechat.verify(), wecom_bot=world.wecom.verify())

    @api.post("/reset")
    def reset() -> Response:
        world.forget()
        return jsonify(ok=True)

    @api.post("/media")
    def upload() -> Response:
        kept = world.media.keep("image", "photo", request.mimetype, request.get_data())
        return jsonify(media=kept.id)

    @api.get("/media/<media_id>")
    def media(media_id: str) -> Response:
        kept = world.media.get(media_id)
        if kept is None:
            raise Unknown("no such media")
        return Response(kept.content, mimetype=kept.mimetype, headers=AS_A_PICTURE)

    @api.get("/codes/<scene>")
    def code(scene: str) -> Response:
        """The picture a resident would scan on a door."""
        picture = io.BytesIO()
        segno.make(f"http://weixin.qq.com/q/{scene}", micro=False).save(picture, kind="svg", scale=4, border=2)
        return Response(picture.getvalue(), mimetype="image/svg+xml")

    @api.get("/live")
    def live() -> Response:
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return Response(world.live.listen(), mimetype="text/event-stream", headers=headers)

    return api


def _forward(seconds: Any) -> float:
    """Time goes one way; what is further than a year is a slip of the hand."""
    wanted = float(seconds)
    if not 0 <= wanted <= YEAR_SECONDS:
        raise ValueError("0 to 366 days forward")
    return wanted
