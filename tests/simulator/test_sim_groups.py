"""The AI bot's callback side."""

import json
from typing import Any

import pytest
import requests

from simulator.world import World
from tests.simulator.little_bot import LittleBot


def test_the_bot_hears_only_what_mentions_it(world: World, bot: LittleBot) -> None:
    group = world.group("chat-3")
    assert world.wecom.verify()
    assert group.says("陈小明", "中午吃什么", mention=False) == "" and bot.heard == []
    assert group.says("陈小明", "待办") == "收到：@云格 待办"
    heard = bot.heard[0]
    assert heard["chatid"] == "chat-3" and heard["chattype"] == "group" and heard["from"] == {"userid": "chenxm"}
    group.says("chenxm", "待办", space="\u2005")
    assert bot.heard[1]["text"]["content"] == "@云格\u2005待办"


def test_a_quote_carries_content_only(world: World, bot: LittleBot) -> None:
    group = world.group("chat-3")
    body = {"msgtype": "markdown", "markdown": {"content": '**#7 路灯** <font color="info">新</font>'}}
    requests.post(f"{world.url}/cgi-bin/webhook/send?key=key-3", json=body, timeout=2)
    group.says("陈小明", "我来", quote=group.cards[-1])
    assert bot.heard[0]["quote"] == {"msgtype": "text", "text": {"content": "**#7 路灯** 新"}}


def test_a_single_chat_needs_no_mention(world: World, bot: LittleBot) -> None:
    chat = world.single_chat("chenxm")
    assert chat.says("chenxm", "待办") == "收到：待办"
    assert "chatid" not in bot.heard[0] and bot.heard[0]["chattype"] == "single"
    bot.raw = lambda: (200, {}, b"")
    assert chat.enters("chenxm") == "" and bot.heard[1]["event"] == {"eventtype": "enter_chat"}


def test_an_unfinished_stream_is_polled_until_it_is_finished(world: World, bot: LittleBot) -> None:
    bot.streams = [{"id": "s", "finish": n == 3, "content": "好" * n} for n in range(4)]
    assert world.group("chat-3").says("陈小明", "统计") == "好好好"
    assert [heard["msgtype"] for heard in bot.heard] == ["text", "stream", "stream", "stream"]


@pytest.mark.parametrize(
    "answer",
    [
        {"msgtype": "text", "text": {"content": "好"}},
        {"msgtype": "markdown", "markdown": {"content": "好"}},
        {"msgtype": "stream", "stream": {"id": "s", "finish": True, "content": "好" * 7000}},
        {"msgtype": "stream", "stream": {"id": "s", "finish": True, "content": ""}},
        {"msgtype": "stream", "stream": {"finish": True, "content": "好"}},
    ],
)
def test_answers_wecom_does_not_take(world: World, bot: LittleBot, answer: dict[str, Any]) -> None:
    bot.raw = lambda: (200, {}, bot.envelope(answer, bot.queries[-1]["nonce"]))
    group = world.group("chat-3")
    assert group.says("陈小明", "待办") == "" and not group.last_outcome.ok and group.last_outcome.attempts == 3
    assert len({heard["msgid"] for heard in bot.heard}) == 1


def test_the_envelope_must_be_exact(world: World, bot: LittleBot) -> None:
    group, fine = world.group("chat-3"), {"msgtype": "stream", "stream": {"id": "s", "finish": True, "content": "好"}}
    bot.raw = lambda: (200, {}, bot.envelope(fine, "another-nonce"))
    assert group.says("陈小明", "待办") == ""

    def forged() -> tuple[int, dict[str, str], bytes]:
        envelope = json.loads(bot.envelope(fine, bot.queries[-1]["nonce"]))
        return 200, {}, json.dumps(envelope | {"msgsignature": "0" * 40}).encode()

    bot.raw = forged
    assert group.says("陈小明", "待办") == ""
    assert "msgsignature" in world.ledger.entries("/wecom/bot")[-1].verdict


def test_a_reply_address_works_once(world: World, bot: LittleBot) -> None:
    group = world.group("chat-3")
    group.says("陈小明", "待办")
    url, body = bot.heard[0]["response_url"], {"msgtype": "markdown", "markdown": {"content": "晚一点的答复"}}
    codes = [requests.post(url, json=body, timeout=2).json()["errcode"] for _ in range(2)]
    assert codes == [0, 40058] and group.screen[-1].text == "晚一点的答复"
