"""The demo's own config file: random secrets on the first run, the ports of this run on every one."""

import re
from base64 import b64encode
from pathlib import Path
from secrets import token_bytes, token_hex

TEMPLATE = """\
# Written by `make demo` on its first run. Later runs keep everything but the four addresses.

[deployment]
name = "清溪街道云格（演示）"
public_url = ""

[server]
bind = ""

[database]
url = "sqlite:///{folder}/yunge.db"

[official_account]
app_id = "wx{app_id}"
app_secret = "{app_secret}"
original_id = "gh_{original_id}"
token = "{token}"
aes_key = "{aes_key}"
api_base_url = ""

[group_bot]
name = "云格"
token = "{bot_token}"
aes_key = "{bot_aes_key}"

[group_push]
api_base_url = ""

[scheduler]
tick_seconds = 0.5
"""


def write_config(path: Path, folder: str, platform_url: str, bot_url: str) -> None:
    """Make the file if it is not there, and set the addresses in it."""
    text = path.read_text(encoding="utf-8") if path.exists() else _fresh(folder)
    path.touch(mode=0o600)
    path.write_text(with_addresses(text, platform_url, bot_url), encoding="utf-8")


def with_addresses(text: str, platform_url: str, bot_url: str) -> str:
    """Both platforms are the simulator; the bot listens where its own address says."""
    values = {"public_url": bot_url, "bind": bot_url.removeprefix("http://"), "api_base_url": platform_url}
    for key, value in values.items():
        text = re.sub(rf"(?m)^{key} = .*$", f'{key} = "{value}"', text)
    return text


def _fresh(folder: str) -> str:
    return TEMPLATE.format(
        folder=folder,
        app_id=token_hex(8),
        app_secret=token_hex(16),
        original_id=token_hex(6),
        token=token_hex(16),
        aes_key=_aes_key(),
        bot_token=token_hex(16),
        bot_aes_key=_aes_key(),
    )


def _aes_key() -> str:
    """43 letters and digits, as the platforms hand them out (protocol.md §1.4)."""
    while not (key := b64encode(token_bytes(32)).decode().rstrip("=")).isalnum():
        pass
    return key
