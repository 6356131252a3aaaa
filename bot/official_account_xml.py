"""The official account's XML ⇄ Inbound and Reply (protocol.md §1.6–1.8)."""

import hashlib
import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from xml.parsers.expat import ExpatError

import xmltodict

from bot.callback import Unreadable
from bot.message import Inbound, Position
from bot.safe_text import fit, printable

REPLY_BYTES = 2_048

# A DOCTYPE can only stand before the root element, so nothing else may. Words of a resident may well contain one.
_START = re.compile(r"\ufeff?\s*(<\?xml[^>]*\?>\s*)?<xml[\s>/]")
_ACCOUNT = re.compile(r"[0-9A-Za-z_-]{1,64}")
_KIND = re.compile(r"[0-9a-z_]{1,64}")
_DEGREES = re.compile(r"-?[0-9]{1,3}(\.[0-9]{1,20})?")
_WECHAT_BORN = datetime(2011, 1, 1, tzinfo=UTC)
_LONGEST = {"MsgId": 64, "EventKey": 1_024, "MediaId": 256, "Label": 512, "bizmsgmenuid": 128}
_DETAIL_DEPTH, _DETAIL_COUNT, _DETAIL_LENGTH = 5, 60, 500
_READ = frozenset(
    {"FromUserName", "CreateTime", "MsgType", "MsgId", "MediaId", "Content", "Event", "EventKey", "Recognition"}
)


class _Fields:
    """字段: the children of the root, each handed out as text or refused."""

    def __init__(self, raw: bytes) -> None:
        self._fields = _parsed(raw)

    def text(self, name: str) -> str:
        """Empty when absent. Raises Unreadable for a repeated or nested element, an attribute, or an overlong value."""
        value = self._fields.get(name)
        if value is None:
            return ""
        if not isinstance(value, str) or len(value) > _LONGEST.get(name, len(value)):
            raise Unreadable(f"{name}: not one short text")
        return value

    def matching(self, name: str, pattern: re.Pattern[str], value: str | None = None) -> str:
        value = self.text(name) if value is None else value
        if not pattern.fullmatch(value):
            raise Unreadable(f"{name}: malformed")
        return value

    def details(self) -> dict[str, str]:
        """Everything not read elsewhere, flat: `ScanCodeInfo.ScanType`, `List.0.TemplateId`."""
        first = {"ToUserName": self.text("ToUserName")}  # needed for the reply, so never among those cut off
        rest = first | {name: value for name, value in self._fields.items() if name not in _READ}
        flat = (pair for pair, _ in zip(_flat(rest, "", 0), range(_DETAIL_COUNT), strict=False))
        return {path[:200]: value[:_DETAIL_LENGTH] for path, value in flat}


def decode(raw: bytes, now: datetime, original_id: str = "") -> Inbound:
    """One message or event. Raises Unreadable."""
    fields = _Fields(raw)
    account = fields.matching("ToUserName", _ACCOUNT)
    if original_id and account != original_id:
        raise Unreadable("ToUserName: another account")
    sender = fields.matching("FromUserName", _ACCOUNT)
    kind = fields.matching("MsgType", _KIND, fields.text("MsgType").lower())
    event = fields.text("Event").lower() if kind == "event" else ""
    if event:
        fields.matching("Event", _KIND, event)
    return Inbound(
        channel="official_account",
        dedupe_key=_dedupe_key(fields, raw, sender, kind, event),
        sender=sender,
        type=kind,
        sent_at=_sent_at(fields.text("CreateTime"), now),
        platform_id=fields.text("MsgId") or None,
        text=fields.text("Recognition") if kind == "voice" else fields.text("Content"),
        event=event,
        event_key=fields.text("EventKey").removeprefix("qrscene_"),
        media_id=fields.text("MediaId"),
        position=_position(fields),
        menu_item=fields.text("bizmsgmenuid"),
        details=fields.details(),
    )


def reply_xml(text: str, inbound: Inbound, now: datetime) -> str:
    """The passive text reply. Own escaping: wechatpy lets `]]>` out of the CDATA section (TH17)."""
    words = fit(printable(text), REPLY_BYTES).replace("]]>", "]]]]><![CDATA[>")
    return (
        f"<xml><ToUserName><![CDATA[{inbound.sender}]]></ToUserName>"
        f"<FromUserName><![CDATA[{inbound.details['ToUserName']}]]></FromUserName>"
        f"<CreateTime>{int(now.timestamp())}</CreateTime>"
        f"<MsgType><![CDATA[text]]></MsgType><Content><![CDATA[{words}]]></Content></xml>"
    )


def _parsed(raw: bytes) -> Mapping[str, object]:
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        raise Unreadable("not UTF-8") from None
    if not _START.match(text):
        raise Unreadable("does not begin with <xml>")
    try:
        root = xmltodict.parse(text.removeprefix("\ufeff"))["xml"]
    except (ExpatError, ValueError) as error:
        raise Unreadable(f"XML: {type(error).__name__}") from None
    if not isinstance(root, dict):
        raise Unreadable("empty message")
    return root


def _dedupe_key(fields: _Fields, raw: bytes, sender: str, kind: str, event: str) -> str:
    """Contract §9. `MsgID` tells apart the send reports that reach one person in one second."""
    if kind == "event":
        parts = [sender, fields.text("CreateTime"), event, fields.text("EventKey"), fields.text("MsgID")]
    else:
        # Without a MsgId the body itself must tell one message from another; 0 or nothing would merge them all.
        identity = fields.text("MsgId") or hashlib.sha256(raw).hexdigest()
        parts = [sender, fields.text("CreateTime"), identity, kind]
    return "oa:" + hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _sent_at(text: str, now: datetime) -> datetime:
    """Now, when the platform's own time is empty or absurd: a strange clock costs nobody their message."""
    if not re.fullmatch(r"[0-9]{1,10}", text):
        return now
    sent_at = datetime.fromtimestamp(int(text), UTC)
    return sent_at if _WECHAT_BORN <= sent_at <= now + timedelta(days=1) else now


def _position(fields: _Fields) -> Position | None:
    latitude = _degrees(fields.text("Location_X") or fields.text("Latitude"), 90)
    longitude = _degrees(fields.text("Location_Y") or fields.text("Longitude"), 180)
    if latitude is None or longitude is None:
        return None
    return Position(latitude, longitude, fields.text("Label"))


def _degrees(text: str, largest: float) -> float | None:
    half_width = unicodedata.normalize("NFKC", text)
    if not _DEGREES.fullmatch(half_width):
        return None
    value = float(half_width)
    return value if abs(value) <= largest else None


def _flat(value: object, path: str, depth: int) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield path, value
    elif depth < _DETAIL_DEPTH and isinstance(value, dict | list):
        children = value.items() if isinstance(value, dict) else enumerate(value)
        for name, child in children:
            yield from _flat(child, f"{path}.{name}" if path else str(name), depth + 1)
