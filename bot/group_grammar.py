"""What grid workers type, understood: verb, number and words in any order. Pure; decides nothing.

`接单 1024`, `接单＃1024。`, `1024 我来`, `1024号 接单`, `#1024已经弄好了，换了灯泡`, `灯泡已换 办结 1024` are understood;
decimals, circled digits, several commands at once, control characters, questions (`修好了吗`), refusals (`我去不了`)
and forwarded texts are not commands.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from bot.command import Command
from bot.ticket_number import without_number
from bot.when import without_days

_WIDE = {ord(wide): chr(ord(wide) - 0xFEE0) for wide in "０１２３４５６７８９＃．－＊／＝＜＞；"} | {0x3000: " "}
"""Only what a number or a trick is made of: the worker's own punctuation goes to the resident as typed."""
_FORWARDED = re.compile(r"^(?:转发|转|fwd|引用)\s*[:：]|^[「『]", re.IGNORECASE)
_ODD = re.compile(r"[A-Za-z;*<>=/\\|{}\[\]$`\ufffd]|\d{3,}")
_AMOUNT = re.compile(r"\d+\s*(?:点|[:：]|分|号|月|天|个|元|楼|栋|小时)")
_EDGE = " ,:。.!，：、！；"
_BEFORE = re.compile(
    r"(?:你好|您好|好的|好嘞|好|行|要得|得行|嗯|哦|ok|麻烦|请|帮忙|帮我|给我|我要|我想|我先|我|已经|已|都|刚刚|刚|那|"
    r"这个|这单|这件|这事|该单|工单|单子|单号|编号|第)[\s,，、:：]*",
    re.IGNORECASE,
)
"""What people put before the verb."""
_NOTHING = re.compile(
    r"(?:[\s,，。.!！、~【】第吧啊哈嘛呀哦了的啦咯嘞噻]|这个|这单|这件|这事|单子|工单|单|号|去办|处理|去看看|ok|谢谢)*",
    re.IGNORECASE,
)
"""Particles after a verb that are no remark worth sending to anybody."""
_ASKS = re.compile(r"[了的]?(?:吗|么|嘛|没有?|不)?\s*[?？]|[了的]?(?:吗|么|没有?|不)$")
_SAYS_NO = re.compile(r"不|没|吗|谁|么|[?？]")
_NOT_YET = re.compile(r"不[了成到动掉]|没|吗|时间|情况|之?后|以后|之?前|再|还|就|得")
"""Right behind 办结, 修好了, …: tells of the future, or of nothing done."""
SHORT, MOST_WITH_DAYS = 12, 60
"""Characters of a sentence in which a loose verb may stand anywhere: alone, and with the days it is about."""
BEHIND_DAYS = 2
"""Characters behind verb and days: 看病, 谢谢; anything longer is talk."""


@dataclass(frozen=True)
class Said:
    """听懂的话: `problem` means it looks like a command but cannot be taken as one."""

    command: Command | None = None
    verb: str = ""
    number: int | None = None
    words: str = ""
    problem: bool = False
    forwarded: bool = False


def understand(text: str, commands: Iterable[Command], quoted: int | None = None) -> Said:
    """Read one group message; the bot's own mention is already gone. `quoted`: the number of the quoted card."""
    if any(ord(char) < 32 and char not in "\n\t\r" for char in text):
        return Said(problem=True)
    text = text.translate(_WIDE).strip()
    if _FORWARDED.match(text):
        return Said(forwarded=True)
    commands = tuple(commands)
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if sum(_begins(line, commands) is not None for line in lines) > 1:
        return Said(problem=True)
    verbs = [verb for command in commands if command.about_ticket for verb in command.verbs]
    number, rest = without_number(" ".join(lines), verbs, quoted)
    found = _begins(rest, commands) or _ends(rest, commands) or _contains(rest, commands)
    if not found:
        return Said(number=number, words=rest)
    return replace(found, number=number, problem=found.problem or _odd(found, number))


def _odd(said: Said, number: int | None) -> bool:
    """A command whose number or words nobody should guess at."""
    if not said.command or not said.command.about_ticket:
        return False
    if number == 0 or (number is None and _digit_like(said.words)):
        return True
    if said.command.action == "handle" and re.fullmatch(r"[\d\s,，、]{3,}", said.words):
        return True
    return said.command.bare and bool(_ODD.search(said.words))


def _begins(text: str, commands: Iterable[Command]) -> Said | None:
    """The verb comes first, or after 好的, 请, 已经, …"""
    commands = tuple(commands)
    for at in _starts(text):
        hits = [(c, verb) for c in commands for verb in c.verbs if text.startswith(verb, at)]
        if hits:
            command, verb = max(hits, key=lambda hit: len(hit[1]))
            return _said(command, verb, "", text[at + len(verb) :])
    return None


def _starts(text: str) -> Iterator[int]:
    at = 0
    yield at
    while match := _BEFORE.match(text, at):
        at = match.end()
        yield at


def _ends(text: str, commands: Iterable[Command]) -> Said | None:
    """不在本网格 退单: the verb stands alone at the end."""
    before, space, last = text.rstrip(_EDGE).rpartition(" ")
    for command in commands if space else ():
        if last in command.verbs:
            return _said(command, last, "", f" {before}")
    return None


def _contains(text: str, commands: Iterable[Command]) -> Said | None:
    """我来 in 这个我来吧: only in a short sentence, only for loose verbs."""
    for command in commands:
        for verb in command.verbs if command.loose else ():
            before, found, after = text.partition(verb)
            if found and (len(text) <= SHORT or _names_and_days(command, before, after)):
                return _said(command, verb, before, after)
    return None


def _names_and_days(command: Command, before: str, after: str) -> bool:
    """请小李顶班 11月28日到11月30日: however long its days are written, the sentence is short."""
    if command.about_ticket or len(before) + len(after) > MOST_WITH_DAYS:
        return False
    return len(without_days(before)) < SHORT and len(without_days(after).strip(_EDGE)) <= BEHIND_DAYS


def _said(command: Command, verb: str, before: str, after: str) -> Said | None:
    """The command, a problem when it is asked or denied, None when the words only sound like it."""
    words = f"{before} {after}".strip(_EDGE)
    if not command.about_ticket:
        takes_words = " " in command.form
        return Said(command, verb, words=words) if takes_words or len(words) <= 3 else None
    if command.bare and (_SAYS_NO.match(after) or re.search(r"[不没别谁]", before)):
        return Said(command, verb, problem=True)
    if command.action == "handle" and _NOT_YET.match(after):
        return Said(command, verb, problem=True) if _ASKS.fullmatch(after.strip()) else None
    if _ASKS.fullmatch(words):
        return Said(command, verb, problem=True)
    return Said(command, verb, words="" if _NOTHING.fullmatch(words) else words)


def _digit_like(words: str) -> bool:
    return bool(words) and (words[0].isdigit() or words[0] in "*-#") and not _AMOUNT.match(words)
