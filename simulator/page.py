"""The page at `/`: a phone on the left, the group chats on the right."""

from typing import TYPE_CHECKING

from flask import Blueprint, Response, make_response, render_template

if TYPE_CHECKING:
    from simulator.world import World


def page(world: "World") -> Blueprint:
    screen = Blueprint("page", __name__, template_folder="templates", static_folder="static")

    @screen.get("/")
    def index() -> Response:
        response = make_response(render_template("page.html", account_name=world.config.account_name))
        response.headers["Content-Security-Policy"] = "default-src 'self'"
        response.headers["Cache-Control"] = "no-store"
        return response

    return screen
