"""What an announcement may say: short enough to be read, nothing invisible, nobody mentioned, links only by https."""

import re
import unicodedata
from collections.abc import Iterator
from urllib.parse import urlsplit

from models.database import Refused
from models.release import MOST_TITLE, Wording

MOST_BODY, MOST_LINK, MOST_REASON = 1200, 500, 200
_SCHEME = re.compile(r"(?<![a-z0-9+.-])([a-z][a-z0-9+.-]*)://", re.IGNORECASE)
_MENTION = re.compile(r"<@|@(?:all\b|所有人|全体成员)", re.IGNORECASE)
_MARKUP = re.compile(r"<\s*[/!a-z]", re.IGNORECASE)
_DANGEROUS = re.compile(r"\b(?:javascript|data|weixin):", re.IGNORECASE)
_JOINERS = "\u200d\n"
"""Emoji are joined by U+200D; lines by the newline."""


def require_sayable(wording: Wording) -> None:
    """Raises Refused with everything that has to be changed, at once."""
    if wrong := list(_wrong(wording)):
        raise Refused("请修改：" + "；".join(wrong) + "。")


def _wrong(wording: Wording) -> Iterator[str]:
    for name, text, most in (("标题", wording.title, MOST_TITLE), ("正文", wording.body, MOST_BODY)):
        if not text.strip():
            yield f"{name}不能为空"
        if len(text) > most:
            yield f"{name}最多{most}字，现在{len(text)}字"
    if "\n" in wording.title:
        yield "标题只能一行"
    if len(wording.urgent_reason) > MOST_REASON:
        yield f"紧急原因最多{MOST_REASON}字"
    said = "\n".join((wording.title, wording.body))
    if hidden := _invisible(said + wording.link + wording.urgent_reason):
        yield f"有看不见的控制字符（{'、'.join(hidden[:3])}），请删去重打"
    if _MENTION.search(said):
        yield "公告里不能@人（<@、@所有人）"
    if _MARKUP.search(said):
        yield "不能用网页标签（<…>），直接写文字和网址"
    if _DANGEROUS.search(said) or any(scheme.lower() != "https" for scheme in _SCHEME.findall(said)):
        yield "网址只能用 https:// 开头"
    if wording.link and not _linkable(wording.link):
        yield f"链接要以 https:// 开头、写全网址、不带空格和账号，最多{MOST_LINK}字符"


def _invisible(text: str) -> list[str]:
    """Control and format characters, halves of pairs and private ones: nothing that turns or hides words."""
    bad = {char for char in text if char not in _JOINERS and unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co")}
    return [f"U+{ord(char):04X}" for char in sorted(bad)]


def _linkable(link: str) -> bool:
    try:
        parts = urlsplit(link)
        host, account = parts.hostname, parts.username
    except ValueError:
        return False
    return (
        parts.scheme == "https"
        and bool(host)
        and account is None
        and len(link) <= MOST_LINK
        and not re.search(r"\s", link)
    )
