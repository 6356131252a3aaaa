"""One loopback server: both platforms' APIs, the control API and the page."""

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from flask import Flask, Response, abort, request
from werkzeug.exceptions import HTTPException
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from simulator.answers import PlatformError, refusal
from simulator.api_line import ApiLine, note_deliveries
from simulator.control import control
from simulator.control_wire import control_wire
from simulator.page import page
from simulator.residents import Unknown
from simulator.wechat_api import wechat_api
from simulator.wechat_article_api import wechat_article_api
from simulator.wechat_mass_api import wechat_mass_api
from simulator.wechat_menu_api import wechat_menu_api
from simulator.wechat_more_api import wechat_more_api
from simulator.wechat_ticket_api import wechat_ticket_api
from simulator.wecom_api import wecom_api

if TYPE_CHECKING:
    from simulator.world import World

UPLOAD_CAP = 24 << 20


class QuietHandler(WSGIRequestHandler):
    """No access log: query strings carry tokens and webhook keys; the ledger is the log."""

    def log(self, type: str, message: str, *args: Any) -> None:
        pass

    def connection_dropped(self, error: BaseException, environ: Any = None) -> None:
        self.close_connection = True  # a fault has reset it: nothing more can be read from it


def make_world_app(world: "World") -> Flask:
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = UPLOAD_CAP
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.register_blueprint(wechat_api(world.config, world.clock, world.tokens, world.residents, world.media))
    app.register_blueprint(wechat_more_api(world.clock, world.tokens, world.residents, world.media, world.scenes))
    app.register_blueprint(wechat_mass_api(world.tokens, world.mass, world.articles))
    app.register_blueprint(wechat_article_api(world.tokens, world.articles))
    app.register_blueprint(wechat_menu_api(world.tokens))
    app.register_blueprint(wechat_ticket_api(world.tokens, world.tickets))
    app.register_blueprint(wecom_api(world.config, world.clock, world.groups, world.media, world.addresses))
    app.register_blueprint(control(world))
    app.register_blueprint(control_wire(world))
    app.register_blueprint(page(world))
    note_deliveries(app)

    @app.errorhandler(PlatformError)
    def refused(error: PlatformError) -> Response:
        return refusal(error)

    @app.errorhandler(KeyError)
    @app.errorhandler(TypeError)
    @app.errorhandler(ValueError)
    @app.errorhandler(AttributeError)
    def misshapen(error: Exception) -> Response | tuple[dict[str, str], int]:
        """Something else stood where a text, a number or an object was expected."""
        if request.path.startswith("/cgi-bin/"):
            return refusal(PlatformError(47001))
        return {"error": f"{type(error).__name__}: {error}"}, 400

    @app.errorhandler(Unknown)
    def unknown(error: Unknown) -> tuple[dict[str, str], int]:
        return {"error": str(error)}, 404

    @app.before_request
    def same_origin() -> None:
        """Another site open in the reader's browser must not act here."""
        origin = request.headers.get("Origin")
        if origin and urlsplit(origin).netloc != request.host:
            abort(403)

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> tuple[dict[str, str], int]:
        return {"error": error.name}, error.code or 500

    app.wsgi_app = ApiLine(app.wsgi_app, world.clock, world.faults, world.ledger)  # type: ignore[method-assign]
    return app


def make_world_server(world: "World", host: str, port: int) -> BaseWSGIServer:
    server = make_server(host, port, make_world_app(world), threaded=True, request_handler=QuietHandler)
    server.daemon_threads = True  # type: ignore[attr-defined]
    return server
