"""我的标签: what residents say of themselves, so that announcements reach those they are for; free, and taken back as easily."""

import re

from bot.answers import bare, numbered
from bot.message import Reply, Unclear
from bot.service import Question, Service
from bot.turn import Turn
from bot.understanding import normalise
from models.audience import STANDARD_TAGS
from models.tagging import set_tags, tags_of

NONE = ("都不要", "都不选", "清空", "全部去掉", "都没有")
_CODES, _NAMES = list(STANDARD_TAGS), list(STANDARD_TAGS.values())
_BEFORE = re.compile(r"^(?:我们?|家里?|有|是)+")
"""我家有学生, 家有学生, 学生: one and the same."""
_WORDS = {_BEFORE.sub("", bare(name)): code for code, name in STANDARD_TAGS.items()}
_AGE = re.compile(r"(?:[6-9][0-9]|[六七八九]十)[一-九0-9多几来]*岁?(?:以上|了)*")
_ALSO = {
    "60+": (
        "老人",
        "老年人",
        "老人家",
        "年纪大",
        "年纪大了",
        "上年纪了",
        "老头",
        "老太太",
        "退休",
        "退休了",
        "退休老人",
    ),
    "tenant": ("租户", "租客", "租房子", "租房住", "租的房", "租的房子", "租房的"),
    "car": ("汽车", "车", "小车", "小汽车", "私家车", "开车", "轿车"),
    "ebike": ("电动车", "电瓶车", "电动自行车", "电单车", "电驴", "骑电动车"),
    "pet": ("宠物", "狗", "猫", "养狗", "养猫", "养了狗", "养了猫"),
    "pupil": ("学生", "学生家长", "孩子上学", "娃上学", "孩子读书", "孩子在上学", "上学的孩子", "上学的娃"),
}
"""What people call themselves: 我是老人, 养了狗."""
_WORDS |= {word: code for code, words in _ALSO.items() if code in STANDARD_TAGS for word in words}
_APART = re.compile(r"[\s,，、.。;；和跟及/]+")
_DIGITS = str.maketrans("０１２３４５６７８９一二两三四五六七八九①②③④⑤⑥⑦⑧⑨", "01234567891223456789123456789")
_RETRY = "请回复前面的数字，可以几个一起，例如：1 3。都不要请回复“都不要”，不改请回复“取消”。"


def _ask(turn: Turn) -> str:
    mine = tags_of(turn.session, turn.resident.id)
    options = [f"{name}（已选）" if code in mine else name for code, name in STANDARD_TAGS.items()]
    return (
        "您符合哪些？自愿告诉我们，只用来挑选该发给您的公告，随时可以改。\n"
        f"{numbered(options)}\n"
        "请回复符合的数字，例如：1 3。都不要请回复“都不要”，不改请回复“取消”。"
    )


def _parse(_turn: Turn, text: str) -> list[str]:
    """All that fit, by numbers or by words; whatever is not named is taken away."""
    if bare(text) in NONE:
        return []
    parts = [part for part in _APART.split(text.strip()) if part]
    chosen = [code for part in parts for code in _codes(part)]
    if not chosen:
        raise Unclear(_RETRY)
    return sorted(set(chosen))


def _codes(part: str) -> list[str]:
    """13 means 1 and 3: nobody is offered so many. Raises Unclear for anything that is not offered."""
    said = _BEFORE.sub("", bare(normalise(part)))
    if code := _WORDS.get(said):
        return [code]
    if _AGE.fullmatch(said) and (said.endswith(("岁", "上", "了", "多")) or not said.isdecimal()):
        return ["60+"]
    digits = part.translate(_DIGITS)
    if not digits.isdecimal() or any(not 1 <= int(digit) <= len(_CODES) for digit in digits):
        raise Unclear(_RETRY)
    return [_CODES[int(digit) - 1] for digit in digits]


def _fulfil(turn: Turn) -> Reply:
    chosen = turn.answers["tags"]
    set_tags(turn.session, turn.resident.id, chosen, _CODES)
    if not chosen:
        return Reply("好的，都去掉了。按住处发的公告仍会给您；一条公告都不要，请回复“退订”。")
    return Reply(
        f"记下了：{'、'.join(STANDARD_TAGS[code] for code in _CODES if code in chosen)}。要改请再回复“我的标签”。"
    )


SERVICE = Service(
    code="tags", name="", words=("我的标签", "标签"), questions=(Question("tags", _ask, _parse),), fulfil=_fulfil
)
