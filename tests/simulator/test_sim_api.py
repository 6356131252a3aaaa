"""The platforms' APIs as the bot sees them: tokens, windows, limits, faults."""

import json
import time
from typing import Any

import pytest
import requests

from simulator.world import World


def call(world: World, path: str, body: Any = None, **query: str) -> Any:
    data = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
    method = "GET" if body is None else "POST"
    return requests.request(method, world.url + "/cgi-bin/" + path, params=query, data=data, timeout=2).json()


def token(world: World, **changes: Any) -> Any:
    asked = {"grant_type": "client_credential", "appid": world.config.app_id, "secret": world.config.app_secret}
    return call(world, "stable_token", asked | changes)


def send(world: World, openid: str, content: str = "您好") -> int:
    body = {"touser": openid, "msgtype": "text", "text": {"content": content}}
    answer = call(world, "message/custom/send", body, access_token=token(world)["access_token"])
    return int(answer["errcode"])


def push(world: World, content: str = "#1", key: str = "key-3", kind: str = "markdown") -> int:
    return int(call(world, "webhook/send", {"msgtype": kind, kind: {"content": content}}, key=key)["errcode"])


def test_the_stable_token_stays_until_five_minutes_before_its_end(world: World) -> None:
    first = token(world)
    assert token(world) == first and first["expires_in"] == 7200
    world.clock.advance(6901)
    second = token(world)
    assert second["access_token"] != first["access_token"]
    assert call(world, "getcallbackip", access_token=first["access_token"])["ip_list"]
    world.clock.advance(301)
    assert call(world, "getcallbackip", access_token=first["access_token"])["errcode"] == 42001


def test_token_refusals(world: World) -> None:
    assert token(world, appid="wx")["errcode"] == 40013
    assert token(world, secret="x")["errcode"] == 40125
    assert token(world, grant_type="x")["errcode"] == 40002
    assert call(world, "getcallbackip")["errcode"] == 41001
    assert call(world, "getcallbackip", access_token="x")["errcode"] == 40001
    assert call(world, "stable_token", b"{")["errcode"] == 47001


def test_a_forced_token_kills_the_old_one_and_is_rationed(world: World) -> None:
    old = token(world)["access_token"]
    assert token(world, force_refresh=True)["access_token"] != old
    assert call(world, "getcallbackip", access_token=old)["errcode"] == 40001
    assert token(world, force_refresh=True)["errcode"] == 45011
    for _ in range(19):
        world.clock.advance(31)
        assert "access_token" in token(world, force_refresh=True)
    world.clock.advance(31)
    assert token(world, force_refresh=True)["errcode"] == 45009


def test_the_classic_token_does_not_disturb_the_stable_one(world: World) -> None:
    stable = token(world)["access_token"]
    asked = {"grant_type": "client_credential", "appid": world.config.app_id, "secret": world.config.app_secret}
    one, two = (call(world, "token", **asked)["access_token"] for _ in range(2))
    for known in (one, two, stable):
        assert "ip_list" in call(world, "getcallbackip", access_token=known)
    world.clock.advance(301)
    assert call(world, "getcallbackip", access_token=one)["errcode"] == 42001


def test_five_messages_in_48_hours_after_the_resident_wrote(world: World) -> None:
    auntie = world.resident("王阿姨")
    assert send(world, auntie.openid) == 45015
    auntie.says("停水")
    assert [send(world, auntie.openid) for _ in range(6)] == [0] * 5 + [45047]
    auntie.says("还停")
    world.clock.advance(48 * 3600 + 1)
    assert send(world, auntie.openid) == 45015


def test_three_messages_in_a_minute_after_follow_click_and_scan(world: World) -> None:
    for act in ("follows", "scans", "taps_menu"):
        auntie = world.resident(act)
        getattr(auntie, act)("x")
        assert [send(world, auntie.openid) for _ in range(4)] == [0] * 3 + [45047]
        world.clock.advance(61)
        assert send(world, auntie.openid) == 45015


def test_who_unfollowed_gets_nothing(world: World) -> None:
    auntie = world.resident("王阿姨")
    auntie.says("停水")
    auntie.unfollows()
    assert send(world, auntie.openid) == 45015
    assert call(world, "user/info", access_token=token(world)["access_token"], openid=auntie.openid)["subscribe"] == 0


def test_what_the_platform_refuses_to_send(world: World) -> None:
    auntie = world.resident("王阿姨")
    auntie.says("停水")
    assert send(world, "oNobody") == 40003
    assert send(world, auntie.openid, "") == 44004
    assert send(world, auntie.openid, "长" * 683) == 45002
    assert send(world, auntie.openid, "长" * 682) == 0
    access = token(world)["access_token"]
    for body, code in (({"msgtype": "image", "image": {"media_id": "x"}}, 40007), ({"msgtype": "x"}, 40008)):
        assert (
            call(world, "message/custom/send", body | {"touser": auntie.openid}, access_token=access)["errcode"] == code
        )
    assert call(world, "message/mass/sendall", {}, access_token=access)["errcode"] == 48001


def test_json_escapes_reach_the_resident_literally(world: World) -> None:
    auntie = world.resident("王阿姨")
    auntie.says("停水")
    body = json.dumps({"touser": auntie.openid, "msgtype": "text", "text": {"content": "好\n"}}).encode()
    call(world, "message/custom/send", body, access_token=token(world)["access_token"])
    assert auntie.seen[-1] == "\\u597d\n"


def test_scene_codes_media_and_tags(world: World) -> None:
    access = token(world)["access_token"]
    scene = {"action_name": "QR_LIMIT_STR_SCENE", "action_info": {"scene": {"scene_str": "b-1"}}}
    ticket = call(world, "qrcode/create", scene, access_token=access)["ticket"]
    picture = requests.get(f"{world.url}/cgi-bin/showqrcode", params={"ticket": ticket}, timeout=2)
    assert picture.content.startswith(b"\x89PNG") and world.scenes[ticket] == "b-1"
    auntie = world.resident("王阿姨")
    auntie.sends_image()
    media_id = auntie.screen[0].details["media"]
    got = requests.get(f"{world.url}/cgi-bin/media/get", {"access_token": access, "media_id": media_id}, timeout=2)
    assert got.content.startswith(b"\x89PNG") and "filename" in got.headers["Content-disposition"]
    tag = call(world, "tags/create", {"tag": {"name": "老人"}}, access_token=access)["tag"]["id"]
    tagging = {"openid_list": [auntie.openid], "tagid": tag}
    assert call(world, "tags/members/batchtagging", tagging, access_token=access)["errcode"] == 0
    assert call(world, "tags/getidlist", {"openid": auntie.openid}, access_token=access)["tagid_list"] == [tag]


def test_a_webhook_takes_twenty_a_minute(world: World) -> None:
    assert [push(world) for _ in range(21)] == [0] * 20 + [45009]
    world.clock.advance(60)
    assert push(world) == 0
    assert len(world.group("chat-3").cards) == 21


def test_webhook_refusals_count_bytes(world: World) -> None:
    assert push(world, key="nobody") == 93000
    assert push(world, "长" * 1366) == 40058 and push(world, "长" * 1365) == 0
    assert push(world, "长" * 683, kind="text") == 40058
    assert push(world, kind="poem") == 40008 and push(world, "") == 44004
    assert push(world, "<@chenxm> 请看") == 0
    assert world.group("chat-3").cards[-1].details["mentions"] == ["chenxm"]


def test_misshapen_calls_are_a_data_format_error(world: World) -> None:
    odd_text = {"msgtype": "text", "text": {"content": "x", "mentioned_list": 7}}
    odd_news = {"msgtype": "news", "news": {"articles": 1}}
    codes = [call(world, "webhook/send", body, key="key-3")["errcode"] for body in (b"[]", odd_text, odd_news)]
    assert codes == [47001] * 3


def test_faults_of_the_api(world: World) -> None:
    path = "/cgi-bin/webhook/send"
    world.fault(path, "errcode", code=-1, times=1)
    assert [push(world), push(world)] == [-1, 0]
    url, body = f"{world.url}{path}?key=key-3", {"msgtype": "text", "text": {"content": "#1"}}
    for kind, problem in (("reset", requests.ConnectionError), ("silent", requests.ReadTimeout)):
        fault = world.fault(path, kind)  # type: ignore[arg-type]
        with pytest.raises(problem):
            requests.post(url, json=body, timeout=0.3)
        world.faults.remove(fault.id)
    world.fault(path, "cut", times=1)
    with pytest.raises(requests.JSONDecodeError):
        requests.post(url, json=body, timeout=2).json()
    world.fault("*", "http", code=502, times=1)
    assert requests.post(url, json=body, timeout=2).status_code == 502
    world.fault(path, "drip", seconds=0.01, times=1)
    started = time.perf_counter()
    assert requests.post(url, json=body, timeout=2).json()["errcode"] == 0
    assert time.perf_counter() - started > 0.1
    # Reset, silent and cut were accepted all the same: the unknown outcome.
    assert len(world.group("chat-3").cards) == 1 + 3 + 1
    assert [entry.delivered for entry in world.ledger.entries(path)] == [False, True, True, True, True, False, True]


def test_the_ledger_shows_no_secret(world: World) -> None:
    auntie = world.resident("王阿姨")
    auntie.says("停水")
    send(world, auntie.openid)
    push(world)
    seen = repr(world.ledger.entries())
    assert world.config.app_secret not in seen and token(world)["access_token"] not in seen
    assert "key=key-3" not in seen and "您好" in seen
