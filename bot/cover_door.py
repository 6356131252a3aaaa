"""The door by which phones fetch the cover of an announcement: public, unguessable, for pictures only."""

from flask import Blueprint, Response, abort, request
from sqlalchemy.exc import SQLAlchemyError

from bot.announcing.article import COVER_PATH
from bot.office import Office
from models.cover import content_of, public_cover

KEPT_SECONDS = 86_400
"""So long a phone, or a cache on the way, may show it again unasked; a withdrawn one is gone a day later."""


def cover_door(office: Office) -> Blueprint:
    """GET /cover/TOKEN.jpeg: 404 for anything that is not the cover of a released announcement."""
    door = Blueprint("cover", __name__)

    @door.get(f"{COVER_PATH}<token>.<extension>")
    def cover(token: str, extension: str) -> Response:
        try:
            with office.database.read() as session:
                found = public_cover(session, token) if token.isascii() and len(token) == 43 else None
                content = content_of(session, found.sha256) if found else None
                kind, name = (found.kind, found.sha256) if found else ("", "")
        except SQLAlchemyError:
            abort(503)
        if content is None or kind != f"image/{extension}":
            abort(404)
        response = Response(content, mimetype=kind)
        response.set_etag(name)
        response.headers["Cache-Control"] = f"public, max-age={KEPT_SECONDS}"
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Content-Security-Policy"] = "default-src 'none'"
        response.make_conditional(request)
        return response

    return door
