"""Pictures between the platforms: fetched by their id for three days, taken by a webhook only as documented (§1.6, §3.1)."""

import base64
import hashlib

import pytest
import requests

from simulator.resident_hand import PIXEL
from simulator.world import World
from tests.simulator.little_bot import LittleBot

JPEG = b"\xff\xd8\xff\xe0" + b"lamp"
LARGE = b"\xff\xd8\xff\xe0" + b"\0" * (2 << 20)


def pushed(world: World, content: bytes, **wrong: str) -> int:
    image = {"base64": base64.b64encode(content).decode(), "md5": hashlib.md5(content).hexdigest(), **wrong}
    body = {"msgtype": "image", "image": image}
    answer = requests.post(f"{world.url}/cgi-bin/webhook/send?key=key-3", json=body, timeout=5)
    code: int = answer.json()["errcode"]
    return code


@pytest.mark.parametrize("content", [PIXEL, JPEG], ids=["png", "jpg"])
def test_a_group_sees_the_picture_that_was_pushed(world: World, content: bytes) -> None:
    assert pushed(world, content) == 0

    shown = world.group("chat-3").cards[-1]
    kept = world.media.get(shown.details["media"])
    assert shown.kind == "image" and kept and kept.content == content


@pytest.mark.parametrize(
    ("content", "wrong"),
    [(LARGE, {}), (b"GIF89a", {}), (b"", {}), (PIXEL, {"md5": "0" * 32}), (PIXEL, {"base64": "no base64!"})],
    ids=["large", "gif", "empty", "md5", "base64"],
)
def test_a_webhook_takes_nothing_else(world: World, content: bytes, wrong: dict[str, str]) -> None:
    assert pushed(world, content, **wrong) == 40058
    assert world.group("chat-3").cards == []


def test_what_a_resident_sent_can_be_fetched(world: World, bot: LittleBot) -> None:
    world.resident("王阿姨").sends_image(JPEG, "image/jpeg")
    media = world.resident("王阿姨").screen[0].details["media"]
    asked = {"grant_type": "client_credential", "appid": world.config.app_id, "secret": world.config.app_secret}
    token = requests.post(f"{world.url}/cgi-bin/stable_token", json=asked, timeout=5).json()["access_token"]

    def fetched(media_id: str) -> requests.Response:
        query = {"access_token": token, "media_id": media_id}
        return requests.get(f"{world.url}/cgi-bin/media/get", query, timeout=5)

    assert fetched(media).content == JPEG
    assert fetched("somebody-else-s").json()["errcode"] == 40007
