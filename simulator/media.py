"""Pictures and recordings the platforms keep for three days (§2.7)."""

import secrets
import threading
from dataclasses import dataclass

from simulator.clock import Clock

KEPT_SECONDS = 3 * 86400


@dataclass(frozen=True, slots=True)
class Media:
    """素材: one temporary file."""

    id: str
    type: str
    filename: str
    mimetype: str
    content: bytes
    created_at: float


class MediaStore:
    """素材库: temporary files by media id."""

    def __init__(self, clock: Clock, most: int = 500) -> None:
        self._clock, self._most = clock, most
        self._media: dict[str, Media] = {}
        self._lock = threading.Lock()

    def keep(self, type: str, filename: str, mimetype: str, content: bytes) -> Media:
        media = Media(secrets.token_urlsafe(48), type, filename, mimetype, content, self._clock.now())
        with self._lock:
            self._media[media.id] = media
            while len(self._media) > self._most:
                self._media.pop(next(iter(self._media)))
        return media

    def get(self, media_id: str) -> Media | None:
        media = self._media.get(media_id)
        return media if media and self._clock.now() < media.created_at + KEPT_SECONDS else None
