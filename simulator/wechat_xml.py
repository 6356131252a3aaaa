"""The official account's XML: callbacks out, passive replies in."""

import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping
from typing import Any

from simulator.bot_line import BadAnswer

Fields = Mapping[str, Any]

REPLY_TYPES = {"text", "image", "voice", "video", "music", "news", "transfer_customer_service"}
REPLY_TEXT_BYTES = 2048  # safe limit of §1.8


def build_xml(fields: Fields) -> str:
    """`<xml>` with CDATA around text, bare numbers, nested mappings and repeated children for lists."""
    return f"<xml>{_children(fields)}</xml>"


def _children(fields: Fields) -> str:
    return "".join(_element(name, value) for name, value in fields.items())


def _element(name: str, value: Any) -> str:
    if isinstance(value, list):
        return "".join(_element(name, each) for each in value)
    if isinstance(value, Mapping):
        inner = _children(value)
    elif isinstance(value, str):
        inner = "<![CDATA[" + value.replace("]]>", "]]]]><![CDATA[>") + "]]>"
    else:
        inner = str(value)
    return f"<{name}>{inner}</{name}>"


def parse(body: bytes) -> ElementTree.Element:
    """The `xml` root of an answer. Raises BadAnswer."""
    if b"<!DOCTYPE" in body or b"<!ENTITY" in body:
        raise BadAnswer("document type declaration")
    try:
        root = ElementTree.fromstring(body)
    except (ElementTree.ParseError, ValueError) as error:
        raise BadAnswer(f"not XML: {error}") from None
    if root.tag != "xml":
        raise BadAnswer("root is not xml")
    return root


def only(root: ElementTree.Element, name: str) -> str:
    """Text of the one child of this name. Raises BadAnswer when missing, empty or repeated."""
    found = root.findall(name)
    if len(found) != 1:
        raise BadAnswer(f"{len(found)} × {name}")
    if not found[0].text:
        raise BadAnswer(f"{name} is empty")
    return found[0].text


def read_reply(root: ElementTree.Element, *, openid: str, original_id: str) -> dict[str, str]:
    """Check one clear reply (§1.8): `{"type", "text"}`. Raises BadAnswer."""
    if only(root, "ToUserName") != openid or only(root, "FromUserName") != original_id:
        raise BadAnswer("names are not swapped")
    if not only(root, "CreateTime").isdigit():
        raise BadAnswer("CreateTime is not an integer")
    kind = only(root, "MsgType")
    if kind not in REPLY_TYPES:
        raise BadAnswer(f"MsgType {kind}")
    if kind != "text":
        return {"type": kind, "text": _summary(root, kind)}
    if root.find("Articles") is not None:
        raise BadAnswer("text reply with articles")
    text = only(root, "Content")
    if len(text.encode()) > REPLY_TEXT_BYTES:
        raise BadAnswer(f"Content has {len(text.encode())} bytes")
    return {"type": kind, "text": text}


def _summary(root: ElementTree.Element, kind: str) -> str:
    if kind == "news":
        return "\n".join(title.text or "" for title in root.findall("Articles/item/Title"))
    return ""
