"""The WeCom AI bot's JSON ⇄ Inbound and Reply (protocol.md §3.2.2–3.2.3)."""

import hashlib
import json
import re
from datetime import UTC, datetime
from typing import Any

from bot.callback import Unreadable
from bot.message import Inbound
from bot.safe_text import fit, printable, whole

STREAM_BYTES, WELCOME_BYTES = 20_480, 2_048
_ID = re.compile(r"[^\s\x00-\x1f]{1,128}")
_KIND = re.compile(r"[0-9a-z_]{1,64}")
_LONGEST_URL = 2_048
_SPACE = r"[\s\u200b]"  # \s knows U+2005 and U+00A0, which the client puts after a mention
_FIRST_MENTION = re.compile(rf"^{_SPACE}*[@＠]\S{{1,32}}?(?:{_SPACE}+|$)")

Fields = dict[str, Any]


def parsed(raw: bytes) -> Fields:
    """Raises Unreadable unless it is one JSON object in UTF-8."""
    try:
        value = json.loads(raw.decode())
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"JSON: {type(error).__name__}") from None
    return _object(value, "message")


def is_poll(raw: bytes) -> bool:
    """The platform asking for more of a streamed answer. Ours are finished at once: nothing to keep, nothing to say."""
    try:
        return parsed(raw).get("msgtype") == "stream"
    except Unreadable:
        return False


def decode(raw: bytes, now: datetime, bot_name: str) -> Inbound:
    """One message or event. Raises Unreadable."""
    fields = parsed(raw)
    kind = _matching(fields, "msgtype", _KIND)
    sender = _matching(_object(fields.get("from"), "from"), "userid", _ID)
    message_id = _matching(fields, "msgid", _ID)
    event = _object(fields.get("event"), "event") if kind == "event" else {}
    event_name = _matching(event, "eventtype", _KIND) if event else ""
    said = _object(event.get(event_name) or {}, event_name)
    in_group = fields.get("chattype") == "group"
    return Inbound(
        channel="group_bot",
        dedupe_key="bot:" + hashlib.sha256(f"{message_id}\0{sender}".encode()).hexdigest(),
        sender=sender,
        type=kind,
        sent_at=_sent_at(fields.get("create_time"), now),
        platform_id=message_id,
        text=without_mention(_words(fields, kind), bot_name),
        event=event_name,
        event_key=_text(said, "event_key")[:1024],
        media_id=_media(fields, kind),
        chat_id=_matching(fields, "chatid", _ID) if in_group else "",
        quote=_words(quote, _text(quote, "msgtype")) if (quote := _object(fields.get("quote") or {}, "quote")) else "",
        details={name: whole(value)[:500] for name, value in said.items() if isinstance(value, str)},
    )


def without_mention(text: str, bot_name: str) -> str:
    """The words without “@云格”, wherever it stands alone.

    The platform only hands on what mentions the bot, so when its configured name does not occur, a mention at the
    very start is the bot under another display name.
    """
    own = re.compile(rf"(?:^|(?<=\s)|(?<=\u200b))[@＠]{re.escape(bot_name)}(?:{_SPACE}+|$)")
    if bot_name and own.search(text):
        return own.sub("", text).strip()
    return _FIRST_MENTION.sub("", text).strip()


def reply_json(text: str, inbound: Inbound) -> str:
    """A finished stream; a welcome may only be plain text; other events take no words. Empty: nothing to send.

    The stream's id comes from the message, so the answer to a redelivery is the same to the letter.
    """
    if not text or (inbound.type == "event" and inbound.event != "enter_chat"):
        return ""
    if inbound.event == "enter_chat":
        answer: Fields = {"msgtype": "text", "text": {"content": fit(printable(text), WELCOME_BYTES)}}
    else:
        stream = {"id": inbound.dedupe_key[-32:], "finish": True, "content": fit(printable(text), STREAM_BYTES)}
        answer = {"msgtype": "stream", "stream": stream}
    return json.dumps(answer, ensure_ascii=False)


def _words(fields: Fields, kind: str) -> str:
    if kind == "mixed":
        items = _object(fields.get("mixed"), "mixed").get("msg_item")
        if not isinstance(items, list):
            raise Unreadable("mixed: no list")
        parts = [_object(item, "msg_item") for item in items]
        return "\n".join(_words(part, _text(part, "msgtype")) for part in parts if part.get("msgtype") == "text")
    if kind in ("text", "voice", "markdown"):
        return _text(_object(fields.get(kind), kind), "content")
    return ""


def _media(fields: Fields, kind: str) -> str:
    """The encrypted file's address, good for five minutes; of a mixed message, its first picture."""
    if kind == "mixed":
        pictures = [item for item in fields["mixed"]["msg_item"] if item.get("msgtype") == "image"]
        return _media(pictures[0], "image") if pictures else ""
    if kind not in ("image", "file", "video"):
        return ""
    return _text(_object(fields.get(kind), kind), "url")[:_LONGEST_URL]


def _sent_at(value: object, now: datetime) -> datetime:
    if type(value) is not int or not 1_500_000_000 <= value <= now.timestamp() + 86_400:
        return now
    return datetime.fromtimestamp(value, UTC)


def _object(value: object, name: str) -> Fields:
    if not isinstance(value, dict):
        raise Unreadable(f"{name}: not an object")
    return value


def _text(fields: Fields, name: str) -> str:
    value = fields.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Unreadable(f"{name}: not text")
    return whole(value)


def _matching(fields: Fields, name: str, pattern: re.Pattern[str]) -> str:
    value = _text(fields, name)
    if not pattern.fullmatch(value):
        raise Unreadable(f"{name}: malformed")
    return value
