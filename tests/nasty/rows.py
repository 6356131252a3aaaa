"""The rows of tests/nasty_dev.jsonl, and why some of them are tried elsewhere or later."""

import json
from pathlib import Path
from typing import Any

PATH = Path(__file__).parent.parent / "nasty_dev.jsonl"
ROWS: dict[str, dict[str, Any]] = {
    row["id"]: row for row in map(json.loads, PATH.read_text(encoding="utf-8").splitlines())
}

ELSEWHERE = {
    "wx_callback": "tests/doors/test_official_account_xml.py: what the door makes of a signed body",
    "wx_query": "tests/doors/test_official_account.py and test_envelope.py: signatures and time windows",
    "platform_resp": "tests/doors/test_official_account_api.py, test_group_push.py and tests/delivery",
    "console": "no console yet",
    "h5": "no page of a ticket yet; /t/TOKEN comes with the console (contract §9)",
}
"""Channels that this folder does not play."""

NOT_MET = {
    "M013": "no picture is downloaded yet; nothing is stored but the platform's media id",
    "M016": "no picture is downloaded yet",
    "X010": "two schedulers: tests/delivery and tests/blackbox; there is no escalation yet",
    "G040": "two workers in the same second: tests/blackbox; here they come one after the other",
}


def of(channel: str) -> list[str]:
    return [number for number, row in ROWS.items() if row["channel"] == channel and number not in NOT_MET]


def text_of(number: str) -> str:
    """The payload; a `py` one is an expression over string literals."""
    row = ROWS[number]
    return str(eval(row["payload"], {"__builtins__": {}})) if row["kind"] == "py" else str(row["payload"])
