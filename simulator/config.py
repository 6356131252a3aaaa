"""What the simulated platforms know about the account and the bot."""

import tomllib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

Mode = Literal["plain", "compatible", "safe"]

# Published test keys of protocol §1.4: fit for loopback, never for an account.
SAMPLE_AES_KEY = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"


@dataclass(frozen=True, slots=True)
class WorldConfig:
    """配置: credentials both sides share, and how strict the platforms are."""

    app_id: str = "wx0000000000000001"
    app_secret: str = "simulator-secret"
    original_id: str = "gh_simulator"
    account_name: str = "云格"
    token: str = "simulator-token"
    aes_key: str = SAMPLE_AES_KEY
    mode: Mode = "safe"
    bot_token: str = "simulator-bot-token"
    bot_aes_key: str = SAMPLE_AES_KEY
    bot_name: str = "云格"
    bot_url: str = "http://127.0.0.1:8001"

    answer_seconds: float = 5.0
    deliveries: int = 3
    fresh_nonce: bool = True
    """Whether a repeated delivery gets a new timestamp and nonce; undocumented, so both must work (§1.8)."""
    mark_fail_after: int = 5
    mark_fail_seconds: float = 60.0
    webhook_per_minute: int = 20
    poll_seconds: float = 1.0
    stream_minutes: float = 6.0


def config_from_toml(path: Path, base: WorldConfig | None = None) -> WorldConfig:
    """Read the product's own config file: the same secrets, seen from the platform's side."""
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    account, group_bot = content.get("official_account", {}), content.get("group_bot", {})
    found: dict[str, Any] = {
        name: account[name] for name in ("app_id", "app_secret", "original_id", "token", "aes_key") if account.get(name)
    }
    found |= {
        ours: group_bot[theirs]
        for ours, theirs in (("bot_name", "name"), ("bot_token", "token"), ("bot_aes_key", "aes_key"))
        if group_bot.get(theirs)
    }
    if name := content.get("deployment", {}).get("name"):
        found["account_name"] = name
    if not account.get("aes_key"):
        found["mode"] = "plain"
    return replace(base or WorldConfig(), **found)
