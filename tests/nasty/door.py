"""A resident and a worker whose bodies are written by hand, signed and encrypted by the simulator."""

import json
import re
from dataclasses import dataclass

from town import Town

from simulator.resident_hand import ResidentHand

LINK = re.compile(r"https?://|\]\(|www\.")
PHONE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")
CARD_BYTES = 4096


@dataclass
class Answered:
    """What came back for one signed body: `text` is empty for silence; the simulator has checked its form."""

    status: int
    text: str


def post(town: Town, hand: ResidentHand, xml: str, canary: int = 0) -> Answered:
    """One signed callback with exactly this XML; the placeholders of the rows are filled in."""
    filled = (
        xml.replace("gh_bot", town.settings.official_account.original_id)
        .replace("oNasty", hand.openid)
        .replace("{now}", str(int(town.moment.timestamp())))
        .replace("{mid}", str(int(town.moment.timestamp() * 1000)))
        .replace("{canary}", str(canary))
    )
    path, body = town.world.wechat.request(hand.openid, filled)
    status, _, answer = town._deliver("POST", path, body, {"Content-Type": "text/xml"})
    read = town.world.wechat._reader(hand.resident)(answer)
    return Answered(status, read["text"] if read else "")


def post_json(town: Town, body: str) -> tuple[int, bytes]:
    """One signed callback of the AI bot with exactly this JSON."""
    wecom = town.world.wecom
    sealed = wecom._cipher.encrypt(body.encode())
    path, _ = wecom.request(sealed)
    path = path.partition("&echostr=")[0]
    status, _, answer = town._deliver(
        "POST", path, json.dumps({"encrypt": sealed}).encode(), {"Content-Type": "application/json"}
    )
    return status, answer


def assert_fit_for_a_group(card: str, roster: bool = False) -> None:
    """No link, no phone, nobody mentioned, not too long; `roster`: people on duty may be called by name."""
    assert len(card.encode()) <= CARD_BYTES
    assert not LINK.search(card) and not PHONE.search(card)
    assert roster or "<@" not in card
