"""What a worker nearly said: one digit, a slip of the thumb, a refusal, nothing at all. Pure; decides nothing.

`1` and `接 1024` are understood; `jd 1024` and `接蛋1024` are asked back with the command that is likely; words that are
no message to a resident (`不是我的`, `[图片]`) are recognised, so that nobody reads them by mistake.
"""

import re
from collections.abc import Iterable

from bot.command import Command

_EDGE = " \t,，。.!！"
_ONE = frozenset("1１一①")
_SHORT_ACCEPT = re.compile(r"接(?=[\s#＃]*[0-9０-９]{1,9}\s*号?$)")
_INITIALS = {
    "jd": "接单", "qs": "签收", "hf": "回复", "bc": "补充", "zp": "转派", "td": "退单", "yq": "延期", "gz": "挂账",
    "bj": "办结", "cs": "吹哨", "bd": "报到", "xq": "详情",
}  # fmt: skip
_MISTYPED = ("接单", "签收", "办结", "退单", "转派", "延期", "挂账")
_BY_MISTAKE = re.compile(r"(?:我|刚才|刚刚)*(?:办|点|结|按|发|搞|弄)(?:结)?错了?")
_NOT_MINE = re.compile(
    r"不归(?:我|咱)|不(?:是|属于)(?:我|咱)们?(?:的|这|管|网格|片区|辖区)|不在(?:我们|咱们|本)(?:网格|辖区|片区)|"
    r"我(?:今天|明天|这几天|正在|在)?(?:请假|休假)"
)
"""Between colleagues, whoever holds the ticket."""
_CANNOT = re.compile(
    r"[去来]不了|过不[去来]|没空|没时间|忙不过来|不接单?|不去|换个?人|(?:派|找)别人|(?:管|办|弄|搞)不了|^不管"
)
"""From somebody who does not have it yet: no promise to anybody."""
_SEVERAL = re.compile(r"(?:[#＃]?\d{1,9}号?[\s,，、和;；]*){2,}")
_NO_WORDS = re.compile(r"(?:\[[^\[\]]{1,8}\]|［[^［］]{1,8}］|[\W_])*|\d")
SHORT, MOST_APART = 12, 5


def spelled_out(text: str, quote: str, commands: Iterable[Command]) -> str:
    """`1` under a card and `接 1024` as the command they stand for; anything else as it was typed."""
    said = text.strip(_EDGE)
    if said in _ONE:
        marked = [command for command in commands if command.quoted_as and command.quoted_as in quote]
        if not marked:
            return "接单"
        return marked[0].verbs[0] if marked[0].action == "report_in" else text
    return _SHORT_ACCEPT.sub("接单", said, count=1) if _SHORT_ACCEPT.match(said) else text


def likely(words: str, number: int, commands: Iterable[Command]) -> str:
    """The command somebody probably meant, ready to be sent; empty when the words resemble none."""
    said = words.strip(_EDGE).lower()
    if _BY_MISTAKE.fullmatch(said):
        return f"要重新办理请发：重开 {number} 原因"
    verb = _INITIALS.get(said) or next((verb for verb in _MISTYPED if _one_off(said, verb)), "")
    form = next((command.form for command in commands if verb in command.verbs), "")
    return f"是要{verb}吗？请发：{form.replace('1024', str(number))}" if form else ""


def _one_off(said: str, verb: str) -> bool:
    return len(said) == len(verb) and said != verb and sum(a != b for a, b in zip(said, verb, strict=True)) == 1


def refuses(words: str, taken: bool) -> bool:
    """不是我的, 我请假; and a short 去不了 as long as nobody has the ticket: then it is no word for the resident."""
    cannot = not taken and len(words) <= SHORT and _CANNOT.search(words)
    return bool(cannot or _NOT_MINE.search(words))


def wordless(words: str) -> bool:
    """[图片], an emoji, a single digit: nothing a resident could read."""
    return bool(_NO_WORDS.fullmatch(words))


def one_by_one(text: str, command: Command) -> str:
    """接单 1024 1025 1026, taken apart; empty when it is something else."""
    verb = next((verb for verb in command.verbs if verb in text), "")
    rest = text.replace(verb, "", 1).strip(_EDGE + ":：")
    numbers = list(dict.fromkeys(re.findall(r"\d{1,9}", rest)))
    if not verb or len(numbers) < 2 or not _SEVERAL.fullmatch(rest):
        return ""
    apart = "；".join(command.form.replace("1024", number) for number in numbers[:MOST_APART])
    return f"没看懂。一次只能办一件，请分开发：{apart}"
