"""Which digits of a worker's sentence are the ticket's number, and which count lamps, days or storeys. Pure."""

import re
from collections.abc import Sequence

_SHORT_UNITS = re.compile(
    r"\s*(?:点|[:：]\d|分|时|小时|日|月|天|个|元|块|米|平|楼|层|栋|幢|单元|室|人|户|次|年|%|岁|盏|根|棵|只|辆|台|扇|桶|袋|瓦|路|"
    r"号楼|号院|号(?:上午|下午|早上|晚上|中午|之?前|以前|左右|上门|再|过))"
)
_LONG_UNITS = re.compile(r"元|块|米|平|瓦|年|人|户|次|斤|克|%|室")
_HASH = re.compile(r"(?:#|№|\bno\.?)\s*(\d{1,9})(?![\d.]*\d)(?:号工单|号单|号)?", re.IGNORECASE)
_PLAIN = re.compile(r"(?<![\d.:/#A-Za-z月-])(\d{1,9})(?!\.?\d)(?![A-Za-z-])(?:号工单|号单|号)?")
_JOIN = r"[\s,，、:：第号单编工这个件我已经都]*"
_SURE_DIGITS = 3
"""With a quoted card a bare number must look like a ticket's; 换了2个 is none."""


def without_number(text: str, verbs: Sequence[str], quoted: int | None = None) -> tuple[int | None, str]:
    """The ticket number and the text without it; None when no digits are meant as one.

    `#1024` wins; then a bare number beside a verb; then one at the very start or end.
    """
    match = _HASH.search(text) or _beside(text, verbs, quoted)
    if not match:
        return None, text
    rest = f"{text[: match.start()].rstrip(' #')} {text[match.end() :].lstrip(' ,.:;!。，：、！')}"
    return int(match.group(1)), rest.strip(" ,。.!！")


def _beside(text: str, verbs: Sequence[str], quoted: int | None) -> re.Match[str] | None:
    verb = "|".join(re.escape(word) for word in sorted(verbs, key=len, reverse=True)) or r"(?!)"
    before, after = re.compile(rf"(?:{verb}){_JOIN}$"), re.compile(rf"{_JOIN}(?:{verb})")
    found = [match for match in _PLAIN.finditer(text) if _looks_like_one(match, quoted)]
    near = (m for m in found if before.search(text[: m.start()]) or after.match(text[m.end() :]))
    edge = (m for m in found if not text[: m.start()].strip(" 第") or not text[m.end() :].strip(" ,。.!，！"))
    return next(near, None) or next(edge, None)


def _looks_like_one(match: re.Match[str], quoted: int | None) -> bool:
    """3个, 2号下午 and 200元 are amounts; 1024楼道灯 is a ticket."""
    short = len(match.group(1)) < _SURE_DIGITS
    if (_SHORT_UNITS if short else _LONG_UNITS).match(match.string, match.end(1)):
        return False
    return quoted is None or not short or int(match.group(1)) == quoted
