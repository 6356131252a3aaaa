"""What a resident may do by the control API: kind → hand movement."""

from collections.abc import Callable
from typing import Any

from simulator.resident_hand import ResidentHand

ACTIONS: dict[str, Callable[[ResidentHand, dict[str, Any]], str]] = {
    "text": lambda hand, asked: hand.says(asked["text"]),
    "image": lambda hand, asked: hand.sends_kept_image(asked["media"]) if "media" in asked else hand.sends_image(),
    "voice": lambda hand, asked: hand.sends_voice(asked.get("recognition", "")),
    "video": lambda hand, asked: hand.sends_video(),
    "location": lambda hand, asked: hand.sends_location(
        float(asked["latitude"]), float(asked["longitude"]), asked.get("label", "")
    ),
    "link": lambda hand, asked: hand.sends_link(asked["title"], asked["url"], asked.get("description", "")),
    "follow": lambda hand, asked: hand.follows(asked.get("scene", "")),
    "unfollow": lambda hand, asked: hand.unfollows(),
    "scan": lambda hand, asked: hand.scans(asked["scene"]),
    "menu": lambda hand, asked: hand.taps_menu(asked["key"], asked.get("name", "")),
    "menu_item": lambda hand, asked: hand.taps_item(asked["id"], asked["text"]),
    "allow_notices": lambda hand, asked: hand.allows_notices(asked["url"]),
    "refuse_notices": lambda hand, asked: hand.refuses_notices(asked["url"]),
    "event": lambda hand, asked: hand.event(asked["event"], **asked.get("fields", {})),
    "message": lambda hand, asked: hand.sends(asked["type"], **asked.get("fields", {})),
    "repeat": lambda hand, asked: hand.repeats(),
}
