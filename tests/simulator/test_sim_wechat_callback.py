"""How the simulated WeChat delivers, and which answers it takes."""

from dataclasses import replace

import pytest

from simulator.config import Mode, WorldConfig
from simulator.wechat_callback import UNAVAILABLE
from simulator.world import World
from tests.simulator.little_bot import LittleBot


@pytest.mark.parametrize("mode", ["plain", "compatible", "safe"])
@pytest.mark.parametrize("fresh", [True, False])
def test_a_resident_is_answered_in_every_mode(config: WorldConfig, mode: Mode, fresh: bool) -> None:
    config = replace(config, mode=mode, fresh_nonce=fresh)
    bot = LittleBot(config)
    world = World(config, deliver=bot)
    assert world.wechat.verify()
    assert world.resident("王阿姨").says("路灯]]>坏了") == "收到：路灯]]>坏了"
    assert (b"<FromUserName>" in bot.bodies[-1]) is (mode != "safe")


def test_everything_a_phone_can_send_arrives(world: World, bot: LittleBot) -> None:
    auntie = world.resident("王阿姨", following=False)
    auntie.scans("b-1")
    auntie.scans("b-1")
    auntie.taps_menu("进度")
    auntie.sends_image()
    auntie.sends_voice("路灯坏了")
    auntie.sends_video()
    auntie.sends_location(30.1, 120.2, "紫荆苑")
    auntie.sends_link("题目", "http://127.0.0.1/")
    auntie.taps_item("1", "满意")
    auntie.event("LOCATION", Latitude=30.1, Longitude=120.2, Precision=10)
    auntie.event("subscribe_msg_popup_event", SubscribeMsgPopupEvent={"List": [{"TemplateId": "t"}]})
    auntie.unfollows()
    kinds = [message.get("Event") or message["MsgType"] for message in bot.received]
    messages = ["image", "voice", "video", "location", "link", "text"]
    events = ["LOCATION", "subscribe_msg_popup_event", "unsubscribe"]
    assert kinds == ["subscribe", "SCAN", "CLICK", *messages, *events]
    assert bot.received[0]["EventKey"] == "qrscene_b-1" and bot.received[1]["EventKey"] == "b-1"
    assert bot.received[6]["Location_X"] == "30.1"
    ids = [message["MsgId"] for message in bot.received if "MsgId" in message]
    assert len(ids) == len(set(ids)) == 6


def test_a_failing_bot_gets_three_deliveries_of_the_same_message(world: World, bot: LittleBot) -> None:
    bot.raw = lambda: (500, {}, b"")
    assert world.resident("王阿姨").says("停水") == UNAVAILABLE
    assert len(bot.received) == 3 and len({message["MsgId"] for message in bot.received}) == 1
    assert len({query["nonce"] for query in bot.queries}) == 3
    assert [entry.attempt for entry in world.ledger.entries("/wechat")] == [1, 2, 3]


def test_mark_fail_stops_pushing_for_a_minute(world: World, bot: LittleBot) -> None:
    auntie = world.resident("王阿姨")
    bot.raw = lambda: (502, {}, b"")
    for _ in range(5):
        auntie.says("有人吗")
    bot.raw, before = None, len(bot.received)
    assert auntie.says("有人吗") == "" and len(bot.received) == before
    world.clock.advance(61)
    assert auntie.says("有人吗") == "收到：有人吗"


@pytest.mark.parametrize(
    "answer", [b"ok", b"{}", b"<xml></xml>", b"success\n", b"<xml>", b"<!DOCTYPE a><xml/>", "成功".encode("gbk")]
)
def test_other_answers_are_the_failure_notice(world: World, bot: LittleBot, answer: bytes) -> None:
    bot.raw = lambda: (200, {}, answer)
    assert world.resident("王阿姨").says("停水") == UNAVAILABLE


@pytest.mark.parametrize("answer", [b"", b"success"])
def test_silence_shows_nothing(world: World, bot: LittleBot, answer: bytes) -> None:
    bot.raw = lambda: (200, {}, answer)
    auntie = world.resident("王阿姨")
    assert auntie.says("停水") == "" and auntie.last_outcome.ok


@pytest.mark.parametrize(
    "changes",
    [
        {"Content": "长" * 683},
        {"Content": ""},
        {"MsgType": ["text", "news"]},
        {"MsgType": "markdown"},
        {"ToUserName": "somebody"},
        {"FromUserName": "gh_other"},
        {"CreateTime": "now"},
        {"Articles": {"item": {"Title": "广告"}}},
    ],
)
def test_a_wrong_reply_inside_a_right_envelope_is_refused(
    world: World, bot: LittleBot, changes: dict[str, object]
) -> None:
    bot.raw = lambda: (200, {}, bot.reply(bot.received[-1], "好", **changes))
    assert world.resident("王阿姨").says("停水") == UNAVAILABLE


def test_a_clear_reply_is_refused_in_safe_mode_only(config: WorldConfig) -> None:
    modes: dict[Mode, str] = {"safe": UNAVAILABLE, "compatible": "好"}
    for mode, seen in modes.items():
        chosen = replace(config, mode=mode)
        bot, clear = LittleBot(chosen), LittleBot(replace(config, mode="plain"))
        bot.raw = lambda bot=bot, clear=clear: (200, {}, clear.reply(bot.received[-1], "好"))  # type: ignore[misc]
        assert World(chosen, deliver=bot).resident("王阿姨").says("停水") == seen


def test_redelivery_faults(world: World, bot: LittleBot) -> None:
    auntie = world.resident("王阿姨")
    world.fault("/wechat", "duplicate", times=1)
    auntie.says("一")
    world.fault("/wechat", "lost_reply", times=1)
    assert auntie.says("二") == "收到：二"
    world.fault("/wechat", "late", times=1)
    assert auntie.says("三") == ""
    auntie.says("四")
    auntie.repeats()
    assert [message["Content"] for message in bot.received] == ["一", "一", "二", "二", "四", "三", "四"]
    assert auntie.seen[-3:] == ["收到：四", "收到：三", "收到：四"]


def test_an_answer_to_unsubscribe_is_shown_to_nobody(world: World) -> None:
    auntie = world.resident("王阿姨")
    assert auntie.unfollows() == "" and auntie.seen == []
