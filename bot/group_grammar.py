"""What grid workers type, understood: verb, number and words in any order. Pure; decides nothing.

`接单 1024`, `接单＃1024。`, `1024 我来`, `1024号 接单`, `办结 1024 灯泡已换` are understood; decimals, circled digits,
several commands at once, control characters and forwarded texts are not commands.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from bot.command import Command

_WIDE = {ord(wide): chr(ord(wide) - 0xFEE0) for wide in "０１２３４５６７８９＃．－＊／＝＜＞；"} | {0x3000: " "}
"""Only what a number or a trick is made of: the worker's own punctuation goes to the resident as typed."""
_UNITS = r"(?!\s*(?:点|[:：]\d|分|时|小时|日|月|天|个|元|块|米|楼|栋|幢|单元|室|人|次|年|%|岁|号楼|号院))"
_HASH = re.compile(r"#\s*(\d{1,9})(?![\d.]*\d)(?:号工单|号单|号)?")
_PLAIN = re.compile(rf"(?<![\d.:/#A-Za-z-])(\d{{1,9}})(?!\.?\d)(?![A-Za-z-]){_UNITS}(?:号工单|号单|号)?")
_FORWARDED = re.compile(r"^(?:转发|转|fwd|引用)\s*[:：]|^[「『]", re.IGNORECASE)
_ODD = re.compile(r"[A-Za-z;*<>=/\\|{}\[\]$`]|\d{3,}")


@dataclass(frozen=True)
class Said:
    """听懂的话: `problem` means it looks like a command but cannot be taken as one."""

    command: Command | None = None
    verb: str = ""
    number: int | None = None
    words: str = ""
    problem: bool = False
    forwarded: bool = False


def understand(text: str, commands: Iterable[Command]) -> Said:
    """Read one group message; the bot's own mention is already gone."""
    if any(ord(char) < 32 and char not in "\n\t\r" for char in text):
        return Said(problem=True)
    text = text.translate(_WIDE).strip()
    if _FORWARDED.match(text):
        return Said(forwarded=True)
    commands = tuple(commands)
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if sum(_begins(line, commands) is not None for line in lines) > 1:
        return Said(problem=True)
    text = " ".join(lines)
    number, rest = _take_number(text)
    found = _begins(rest, commands) or _contains(rest, commands)
    if not found:
        return Said(number=number, words=rest)
    command, verb, words = found
    odd = number == 0 or (number is None and _digit_like(words)) or (command.bare and bool(_ODD.search(words)))
    problem = command.about_ticket and odd
    return Said(command, verb, number, words, problem=problem)


def _take_number(text: str) -> tuple[int | None, str]:
    """The ticket number and the text without it: `#1024` first, else the first bare number."""
    match = _HASH.search(text) or _PLAIN.search(text)
    if not match:
        return None, text
    rest = f"{text[: match.start()].rstrip(' #')} {text[match.end() :].lstrip(' ,.:;!。，：、！')}"
    return int(match.group(1)), rest.strip(" ,。.!！")


def _begins(text: str, commands: Iterable[Command]) -> tuple[Command, str, str] | None:
    hits = [(c, verb) for c in commands for verb in c.verbs if text.startswith(verb)]
    if not hits:
        return None
    command, verb = max(hits, key=lambda hit: len(hit[1]))
    return command, verb, text[len(verb) :].strip(" ,:。.!，：、！")


def _contains(text: str, commands: Iterable[Command]) -> tuple[Command, str, str] | None:
    """我来 in 这个我来吧: only in a short sentence, only for loose verbs."""
    if len(text) > 12:
        return None
    for command in commands:
        for verb in command.verbs if command.loose else ():
            if verb in text:
                return command, verb, text.replace(verb, "", 1).strip(" ,。!，！吧")
    return None


def _digit_like(words: str) -> bool:
    return (
        bool(words)
        and (words[0].isdigit() or words[0] in "*-#")
        and not re.match(r"\d+\s*(?:点|[:：]|分|号|月|天|个|元|楼|栋|小时)", words)
    )
