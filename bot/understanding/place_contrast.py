"""Which of several places a sentence means: 不是 X，是 Y · 我住 X，但是 Y 的灯坏了. In doubt all of them stay."""

import re

from bot.understanding.place import PlaceFound

_DENIED = re.compile(r"(?<!是)(?:不是|并非|不在)在?\s*$")
# What may stand between two places; anything else leaves both, for a question.
_CORRECTED = re.compile(
    r"[,。!\s]*(?:哦|啊|对不起|不好意思|抱歉)?[,。!\s]*(?:我?[说写打发搞弄讲]错了?|更正|不对|而是|应该[是在])"
    r"[,。!:\s]*(?:应该)?[是在]?\s*"
)
_AT_HOME = re.compile(r"(?:我们?|俺们?|咱们?|本人)(?:家|自己)?(?:住在?|家在|家住|在|是)\s*$")
_ELSEWHERE = re.compile(
    r"的?[,。\s]*(?:但是?|可是?|不过|(?:今天|昨天|刚才|刚刚|[我想要])*(?:举报|看到|看见|发现|路过))[^,。]{0,8}(?<![跟和与])"
)


def meant(found: list[PlaceFound], text: str) -> list[PlaceFound]:
    """Without places that are denied, taken back or only the speaker's home; `found` in order, `text` plain."""
    kept = [place for place in found if not _DENIED.search(text, max(0, place.start - 6), place.start)]
    if len(kept) != 2:
        return kept or found
    first, second = kept
    gap = text[first.end : second.start]
    from_home = _AT_HOME.search(text, max(0, first.start - 6), first.start) and _ELSEWHERE.fullmatch(gap)
    return [second] if from_home or _CORRECTED.fullmatch(gap) else kept
