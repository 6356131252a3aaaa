"""The reply a resident sees: well-formed whatever the words, one type, within the limit."""

from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.official_account import official_account_door
from tests.doors import desk as deskside
from tests.doors.desk import NotebookDesk, now
from tests.doors.platform_side import OfficialAccountSide, answered, official_account, text_xml

BREAKOUT = (
    "]]></Content><MsgType><![CDATA[news]]></MsgType><ArticleCount>1</ArticleCount><Articles><item>"
    "<Title>领奖</Title></item></Articles><Content><![CDATA["
)


def test_words_cannot_break_out_of_the_reply() -> None:
    side = official_account(NotebookDesk(lambda inbound: "x" + BREAKOUT))
    reply = answered(side.push(text_xml()).data)
    assert [child.text for child in reply.iter("MsgType")] == ["text"]
    assert reply.findtext("Content") == "x" + BREAKOUT


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=1_500))
def test_every_reply_parses_with_one_type_and_within_the_limit(words: str) -> None:
    app = Flask("doors")
    desk = NotebookDesk(lambda inbound: words)
    app.register_blueprint(official_account_door(deskside.settings(), desk, now))
    response = OfficialAccountSide(app.test_client(), desk).push(text_xml())
    if not words:
        assert response.data == b"success"
        return
    reply = answered(response.data)
    assert len(list(reply.iter("MsgType"))) == 1
    assert len((reply.findtext("Content") or "").encode()) <= 2_048


def test_a_long_reply_is_cut_on_a_whole_emoji() -> None:
    family = "👩‍👩‍👧‍👦"
    reply = answered(official_account(NotebookDesk(lambda inbound: family * 200)).push(text_xml()).data)
    content = reply.findtext("Content") or ""
    assert content.endswith(family + "…")
    assert len(content.encode()) <= 2_048
    assert content.removesuffix("…").replace(family, "") == ""
