"""What counts as an answer: digits in every script people type, ordinals, and the option's own words."""

import re
from collections.abc import Sequence

from bot.message import Unclear
from bot.understanding import normalise

_NUMERALS = {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "零": 0, "〇": 0}
_CIRCLED = {chr(0x2460 + n): n + 1 for n in range(9)} | {chr(0x2474 + n): n + 1 for n in range(9)}
_ORDINAL = re.compile(
    r"^(?:第|选|就|是|我选)?\s*([0-9０-９]{1,2}|[一二两三四五六七八九零〇①-⑨⑴-⑼])\s*(?:个|项|号|条|）|\)|、|\.|。|吧|的|星|分)*$"
)
_PUNCTUATION = re.compile(r"[\s，。！？、,.!?~～;；:：“”\"'‘’（）()【】\[\]…]+")


def bare(text: str) -> str:
    """Only the words: no spaces, no punctuation."""
    return _PUNCTUATION.sub("", text)


def number_said(text: str) -> int | None:
    """1, １, 一, ①, 第1个, 选一 → 1; None when it is no bare number."""
    match = _ORDINAL.match(text.strip())
    if not match:
        return None
    said = match.group(1)
    return _NUMERALS.get(said, _CIRCLED.get(said)) if not said.isdecimal() else int(said)


def choice(text: str, options: Sequence[str], retry: str) -> int:
    """Index of the chosen option, by number or by its own words. Raises Unclear(retry)."""
    number = number_said(text)
    if number is not None and 1 <= number <= len(options):
        return number - 1
    said = bare(text)
    hits = [
        index
        for index, option in enumerate(options)
        if said and (said == bare(option) or (len(said) > 1 and said in bare(option)))
    ]
    if len(hits) == 1:
        return hits[0]
    raise Unclear(retry)


def numbered(options: Sequence[str]) -> str:
    """The options as lines a thumb can answer."""
    return "\n".join(f"{number} {option}" for number, option in enumerate(options, 1))


_SOLVED = (
    "已解决", "解决了", "解决啦", "已经好了", "修好了", "修好啦", "弄好了", "办好了", "搞好了", "好了", "可以了", "满意", "搞定了", "亮了", "通了", "不漏了",
    "没问题了",
)  # fmt: skip
_PARTLY = (
    "部分解决",
    "解决一部分",
    "解决了一部分",
    "好了一点",
    "好一点",
    "好了一半",
    "没全好",
    "一部分",
    "基本解决",
    "基本好了",
    "差不多",
)
_UNSOLVED = (
    "没解决", "没有解决", "未解决", "解决不", "没修好", "没弄好", "没办好", "没好", "没有好", "还没好", "还是不", "还不",
    "还是老样子", "老样子", "没人来", "没有人来", "没来", "没有来", "又坏", "又不", "又漏", "又堵", "没有修好", "没搞定",
    "不满意", "不行", "不好", "没修", "没弄", "没用", "没变", "白修", "不亮", "不通", "还在", "照样", "还是坏",
    "修不好", "还是堵", "还堵", "还臭", "还漏", "没清", "根本没", "没动静", "没见人", "没见到人", "没看到人", "没人管",
)  # fmt: skip
_KIND_WORDS = re.compile("不好意思|还不(?:错|赖)|没来得及")
"""Sound like a no, and are none."""
_STILL_BAD = re.compile(
    "(?:还是?|仍然?|依旧|照样|又)(?:那么|那样|很|好)?[黑坏漏堵臭响脏乱停断冷烂灭掉熄吵歪倒]|(?:还是|又)满(?!意)|好(?:个屁|什么好|啥好)"
)
_DONE_WORDS = "|".join(sorted(_SOLVED, key=len, reverse=True))
_DENIED = re.compile(
    f"(?:哪[里儿点个有]|什么叫?|谁说|怎么(?:就|会|能)|[没未不]|没有)(?:就|算|是|给我)?(?:{_DONE_WORDS})"
)
"""哪里好了嘛: said to be done, and it is not."""
_NOT_YET = re.compile(f"(?:要是|如果|希望|等(?!了)|什么时候|啥时候|何时|几时|多久).{{0,6}}(?:{_DONE_WORDS})")
_ASKED = re.compile(r"(?:吗|么|没|没有|不|呢|[?？])$")
_SCORED = re.compile(r"(?:打|给|评)?([0-9０-９]{1,3}|[一二两三四五十])(?:颗)?[分星](?:好评)?[了吧哈]?")
_BEST = ("满分", "好评", "100分", "10分", "十分", "一百分")


def asks(text: str) -> bool:
    """修好了吗, 解决了么: a question, whatever its words."""
    return bool(_ASKED.search(text.strip(" 。.!！,，~")))


def score_said(text: str) -> int | None:
    """5分, 五星, 满分 → 5; None for what is no grade: a bare 1 picks the first answer, 1分 is a grade."""
    said = normalise(bare(text))
    if said in _BEST:
        return 5
    found = _SCORED.fullmatch(said)
    number = number_said(found.group(1)) if found else None
    return number if number and number <= 5 else None


def verdict(text: str) -> str | None:
    """solved, partly or unsolved, said in words, dialect or a grade; None when it is none, or a question (修好了吗)."""
    if len(bare(text)) > 20 or asks(text):
        return None
    if (grade := score_said(text)) is not None:
        return "solved" if grade > 3 else None
    said = _KIND_WORDS.sub("", normalise(bare(text)))  # 修好咯, 没得人来: as everybody writes it
    if _STILL_BAD.search(said) or _DENIED.search(said):
        return "unsolved"
    for words, meaning in ((_PARTLY, "partly"), (_UNSOLVED, "unsolved"), (_SOLVED, "solved")):
        if any(word in said for word in words):
            return None if meaning == "solved" and _NOT_YET.search(said) else meaning
    return None
