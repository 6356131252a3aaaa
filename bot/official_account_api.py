"""The official account's API: what we say to residents when they have not just written (protocol.md §2)."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

import requests

from bot.access_token import BAD_TOKEN, AccessToken
from bot.announcing.article import Card
from bot.config import Settings
from bot.message import DeliveryFailed, TokenStore
from bot.platform_answer import Reactions, content_of, failure_of
from bot.platform_client import ANSWER_BYTES, Answer, Call, PlatformClient, Upload
from bot.safe_text import fit, printable

TEXT_BYTES = 2_048
MEDIA_BYTES = 10_485_760
MEDIA_ID_LENGTH = 128
_DAILY_QUOTA = 45009
_SENT_BEFORE = frozenset({45065})
"""This clientmsgid was used within 24 hours: the answer names the mass message it made."""
_CONFIGURATION = (40002, 40013, 40125, 40164, 40243, 41001, 41002, 41004, 45035, 61004, 89501, 89503, 89506, 89507)

_REACTIONS = Reactions(
    permanent=frozenset(
        {40003, 43004, 43019, 45015, 45047, 50002}  # not this person, or not now: the code says which
        | {40007, 40008, 40037, 41028, 41029, 41030, 43101, 44004, 45002, 45008, 47003}  # not this content
        | {40130, 40155, 45066, 45067, 45113}  # not this mass message
        | {48001, 48004, 48021, 48022, 87009, 87014}  # not this account
    ),
    # A wrong secret or address list is no fault of the message: it waits for the operator, and asks seldom.
    wait=dict.fromkeys(_CONFIGURATION, 600.0)
    | dict.fromkeys(BAD_TOKEN, 60.0)
    | {45011: 60, 45028: 3_600}
    # The administrator is asked on the phone before a mass message leaves (API 群发保护).
    | {89504: 60, 89505: 60},
)

_MEDIA_KINDS = {
    b"\xff\xd8\xff": "image/jpeg",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"GIF8": "image/gif",
    b"#!AMR": "audio/amr",
    b"ID3": "audio/mpeg",
    b"\xff\xfb": "audio/mpeg",
}


@dataclass(frozen=True, slots=True)
class SceneCode:
    """场景二维码: `ticket` names the picture, `url` is what it says."""

    ticket: str
    url: str


@dataclass(frozen=True, slots=True)
class Media:
    """素材: what a resident sent; `kind` comes from its first bytes, never from what the sender called it."""

    kind: str
    content: bytes


class OfficialAccountApi:
    """公众号接口. Every method raises DeliveryFailed, at the latest after `send_deadline_seconds`."""

    def __init__(
        self,
        settings: Settings,
        tokens: TokenStore,
        now: Callable[[], datetime],
        session: requests.Session | None = None,
    ) -> None:
        account = settings.official_account
        self._client = PlatformClient(
            account.api_base_url,
            session,
            first_pause=6 * settings.delivery.retry_first_seconds,
            longest_pause=min(300, settings.delivery.retry_longest_seconds),
        )
        self._token = AccessToken(account, self._client, tokens, _REACTIONS, now)
        self._seconds = settings.delivery.send_deadline_seconds
        self._zone, self._now = settings.deployment.zone, now

    def send_text(self, openid: str, text: str) -> None:
        """A customer-service message; done only when the platform says errcode 0."""
        words = fit(printable(text), TEXT_BYTES)
        content = {"touser": openid, "msgtype": "text", "text": {"content": words}}
        self._call("/cgi-bin/message/custom/send", content=content, private=openid, explicit=True)

    def send_subscribe(self, openid: str, template_id: str, fields: Mapping[str, object], page: str = "") -> None:
        """A subscription notice 订阅通知; each acceptance of a one-time template allows one (protocol.md §2.4)."""
        content: dict[str, object] = {"touser": openid, "template_id": template_id, "data": fields}
        content |= {"page": page} if page else {}
        self._call("/cgi-bin/message/subscribe/bizsend", content=content, private=openid, explicit=True)

    def send_card(self, openid: str, card: Card) -> None:
        """A customer-service message with a picture, a title, words, and a page behind all of it."""
        article = {"title": card.title, "description": card.description, "url": card.url, "picurl": card.picture}
        content = {"touser": openid, "msgtype": "news", "news": {"articles": [article]}}
        self._call("/cgi-bin/message/custom/send", content=content, private=openid, explicit=True)

    def add_picture(self, kind: str, content: bytes) -> str:
        """A picture as permanent material (protocol.md §2.7); its media id."""
        name = f"cover.{kind.partition('/')[2]}"
        answer = self._call("/cgi-bin/material/add_material", {"type": "image"}, upload=Upload(name, kind, content))
        return _media_id(answer)

    def add_draft(self, article: Mapping[str, object]) -> str:
        """An article in the account's drafts (protocol.md §2.6); its media id, which a mass message uses up."""
        return _media_id(self._call("/cgi-bin/draft/add", content={"articles": [article]}))

    def send_mass(self, openids: Sequence[str], text: str, client_id: str, draft: str = "") -> str:
        """A mass message to 2–10,000 followers; its msg_id. Repeated with one `client_id` it is the same message.

        `draft`: the media id of an article that goes instead of the text.
        """
        said: dict[str, object] = {"msgtype": "mpnews", "mpnews": {"media_id": draft}}
        if not draft:
            said = {"msgtype": "text", "text": {"content": fit(printable(text), TEXT_BYTES)}}
        content = {"touser": list(openids), **said, "clientmsgid": client_id}
        answer = self._call("/cgi-bin/message/mass/send", content=content, explicit=True, done=_SENT_BEFORE)
        return _number(content_of(answer).get("msg_id"))

    def mass_status(self, msg_id: str) -> str:
        """SENDING, SEND_SUCCESS, SEND_FAIL or DELETE; empty when the platform says nothing of the kind."""
        status = content_of(self._call("/cgi-bin/message/mass/get", content={"msg_id": msg_id})).get("msg_status")
        return status if isinstance(status, str) else ""

    def create_menu(self, menu: Mapping[str, object]) -> None:
        """Replace the account's menu (protocol.md §2.11); phones show it within five minutes."""
        self._call("/cgi-bin/menu/create", content=menu, explicit=True)

    def create_qr(self, scene: str) -> SceneCode:
        """A permanent code for `b-BUILDING` or `g-AREA`; an account may have 100,000."""
        content = {"action_name": "QR_LIMIT_STR_SCENE", "action_info": {"scene": {"scene_str": scene}}}
        answer = content_of(self._call("/cgi-bin/qrcode/create", content=content))
        ticket, url = answer.get("ticket"), answer.get("url")
        if not isinstance(ticket, str) or not isinstance(url, str):
            raise DeliveryFailed("the answer is no code", code="garbage")
        return SceneCode(ticket, url)

    def reachable(self) -> None:
        """Ask for the platform's own addresses: needs secret, allow-list and network, and changes nothing."""
        self._call("/cgi-bin/getcallbackip")

    def user_info(self, openid: str) -> dict[str, object]:
        """As the platform tells it: `subscribe` 0 or 1, `subscribe_time`, `qr_scene_str`, … but no name."""
        return content_of(self._call("/cgi-bin/user/info", {"openid": openid, "lang": "zh_CN"}, private=openid))

    def media_download(self, media_id: str) -> Media:
        """By id from the configured host only: the address in a message could lead anywhere (TH13)."""
        answer = self._call("/cgi-bin/media/get", {"media_id": media_id}, most_bytes=MEDIA_BYTES)
        kind = _media_kind(answer.body)
        if kind is None:
            raise DeliveryFailed("no picture, voice or video", code="media_kind", permanent=True)
        return Media(kind, answer.body)

    def _call(
        self,
        path: str,
        query: Mapping[str, str] | None = None,
        content: Mapping[str, object] | None = None,
        *,
        private: str = "",
        explicit: bool = False,
        done: Collection[int] = (),
        most_bytes: int = ANSWER_BYTES,
        upload: Upload | None = None,
    ) -> Answer:
        """With one fresh token and one repeat at most, all within one deadline. `done`: codes that are no failure."""
        deadline = self._client.deadline(self._seconds)

        def attempt(token: str) -> Answer:
            call = Call(path, {**(query or {}), "access_token": token}, content, most_bytes, upload)
            return self._client.call(
                call, deadline, lambda answer: self._failure(answer, token, private, explicit, done)
            )

        return self._token.used_by(attempt, deadline)

    def _failure(
        self, answer: Answer, token: str, private: str, explicit: bool, done: Collection[int]
    ) -> DeliveryFailed | None:
        if not explicit and answer.status == 200 and _media_kind(answer.body):
            return None
        failure = failure_of(answer, _REACTIONS, [token, private], explicit=explicit)
        if failure is not None and failure.code in done:
            return None
        if failure is not None and failure.code == _DAILY_QUOTA:
            failure.retry_after = self._until_midnight()
        return failure

    def _until_midnight(self) -> float:
        local = self._now().astimezone(self._zone)
        midnight = datetime.combine(local.date() + timedelta(days=1), time(), self._zone)
        return (midnight - local).total_seconds()


def _number(value: object) -> str:
    """An id that the platform sends as a number, or as text when it is long."""
    return str(value)[:40] if isinstance(value, int | str) and not isinstance(value, bool) else ""


def _media_id(answer: Answer) -> str:
    """Of what was just made. Without one it may have been made all the same."""
    media_id = content_of(answer).get("media_id")
    if not isinstance(media_id, str) or not 0 < len(media_id) <= MEDIA_ID_LENGTH:
        raise DeliveryFailed("the answer names no media_id", code="garbage", unknown=True)
    return media_id


def _media_kind(content: bytes) -> str | None:
    if content[4:8] == b"ftyp":
        return "video/mp4"
    return next((kind for start, kind in _MEDIA_KINDS.items() if content.startswith(start)), None)
