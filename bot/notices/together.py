"""Many notices in one message to a resident: what is the same for several tickets is said once."""

import re
from collections.abc import Sequence

_LINE = re.compile(r"(?P<head>#\d+ [^：\n]{1,60})：(?P<said>.+)")


def together(texts: Sequence[str]) -> str:
    """`#1 路灯：对不起…` and `#2 下水道：对不起…` become `#1 路灯、#2 下水道：对不起…`; the rest stays as it was, in its order."""
    heads: dict[str, list[str]] = {}
    for text in texts:
        alike = _LINE.fullmatch(text)
        heads.setdefault(alike["said"] if alike else text, []).append(alike["head"] if alike else "")
    return "\n\n".join(f"{'、'.join(told)}：{said}" if all(told) else said for said, told in heads.items())
