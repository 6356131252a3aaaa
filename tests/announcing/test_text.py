"""What an announcement may say: short, visible to the eye, mentioning nobody, linking only by https."""

import pytest
from announcing.crowd import wording

from bot.announcing.text import require_sayable
from models.database import Refused


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"title": ""}, "标题不能为空"),
        ({"body": " \n "}, "正文不能为空"),
        ({"title": "停" * 41}, "标题最多40字，现在41字"),
        ({"body": "停" * 1201}, "正文最多1200字"),
        ({"title": "停水\n通知"}, "只能一行"),
        ({"body": "停水\u202e水停"}, "U\\+202E"),
        ({"body": "停水\x07"}, "U\\+0007"),
        ({"title": "停\u200b水"}, "U\\+200B"),
        ({"body": "<@zhao> 请看"}, "不能@人"),
        ({"body": "@所有人 请看"}, "不能@人"),
        ({"title": "@ALL 停水"}, "不能@人"),
        ({"body": "看 http://example.org"}, "https"),
        ({"body": "看 HTTP://example.org"}, "https"),
        ({"body": "点 weixin://dl/business"}, "https"),
        ({"body": '<a href="https://example.org">点这里</a>'}, "网页标签"),
        ({"link": "http://example.org"}, "链接要以 https"),
        ({"link": "javascript:alert(1)"}, "链接要以 https"),
        ({"link": "https://"}, "链接要以 https"),
        ({"link": "https://gov.example@evil.example/"}, "链接要以 https"),
        ({"link": "https://example.org/a b"}, "链接要以 https"),
        ({"link": "https://[::1"}, "链接要以 https"),
        ({"urgent_reason": "急" * 201}, "紧急原因最多200字"),
    ],
)
def test_what_may_not_be_said_is_refused_with_what_to_change(facts: dict[str, str], words: str) -> None:
    with pytest.raises(Refused, match=words):
        require_sayable(wording(**facts))


@pytest.mark.parametrize(
    "facts",
    [
        {"title": "停" * 40, "body": "停" * 1200},
        {"body": "一、存水\n二、关阀 👨‍👩‍👧 详见 https://example.org/停水?x=1#2"},
        {"body": "3<5，邮箱 office@example.org", "link": "https://example.org/notice/12"},
    ],
)
def test_ordinary_words_may_be_said(facts: dict[str, str]) -> None:
    require_sayable(wording(**facts))


def test_everything_wrong_is_named_at_once() -> None:
    with pytest.raises(Refused, match=r"标题最多40字.*不能@人.*https"):
        require_sayable(wording(title="停" * 41, body="@所有人 http://example.org"))
