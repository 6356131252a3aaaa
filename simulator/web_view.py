"""WeChat's own browser, as far as a page with `wx-open-subscribe` needs it (§2.4, §2.12).

It checks what the real one checks before the button works: the account, the signature over the address shown, the tag
that was asked for, and that the page's own policy lets the platform's script and frames in.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

from simulator.bot_line import Deliver
from simulator.config import WorldConfig
from simulator.mass_desk import MassDesk
from simulator.wechat_ticket_api import JsTickets

TAG, SCRIPT_HOST = "wx-open-subscribe", "https://res.wx.qq.com"
H5 = 1
"""PopupScene of a page, unlike 2 of an article."""
_CONFIG = re.compile(r"wx\.config\((\{.*?\})\)", re.DOTALL)


class Blocked(ValueError):
    """The button does not work; the text says why."""


class Page(HTMLParser):
    """网页: what stands in it, the scripts, and the templates of the button."""

    def __init__(self, status: int, headers: Mapping[str, str], body: str) -> None:
        super().__init__()
        self.status, self.headers, self.body = status, {k.lower(): v for k, v in headers.items()}, body
        self.words, self.scripts = list[str](), list[tuple[dict[str, str | None], str]]()
        self.templates, self._inside = list[str](), list[tuple[str, dict[str, str | None]]]()
        self.feed(body)

    @property
    def text(self) -> str:
        return "\n".join(self.words)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        fields = dict(attrs)
        if tag == TAG:
            self.templates += (fields.get("template") or "").split(",")
        if tag == "script" and fields.get("src"):
            self.scripts.append((fields, ""))
        if tag not in ("meta", "link", "br", "img"):
            self._inside.append((tag, fields))

    def handle_endtag(self, tag: str) -> None:
        while self._inside and self._inside.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        tag, fields = self._inside[-1] if self._inside else ("", {})
        if tag == "script":
            self.scripts.append((fields, data))
        elif tag not in ("style", "title", "noscript") and data.strip():
            self.words.append(data.strip())

    def config(self) -> dict[str, Any]:
        found = next((match for _, code in self.scripts if (match := _CONFIG.search(code))), None)
        if not found:
            raise Blocked("wx.config is not called")
        return dict(json.loads(found.group(1)))


@dataclass
class OpenPage:
    """打开的网页: before one resident's eyes; the platform asks once the button is tapped."""

    openid: str
    page: Page
    desk: MassDesk
    templates: list[str]
    blocked: str
    """Why the button is dead; empty when it works."""

    def allows(self, *, lasting: bool = False) -> None:
        """Tap the button, then 允许."""
        for template in self._asked():
            self.desk.accepts(self.openid, template, lasting=lasting, scene=H5)

    def refuses(self) -> None:
        for template in self._asked():
            self.desk.refuses(self.openid, template, scene=H5)

    def _asked(self) -> list[str]:
        if self.blocked:
            raise Blocked(self.blocked)
        return self.templates


class WebView:
    """微信浏览器: opens addresses that lead to the bot's own host."""

    def __init__(self, config: WorldConfig, deliver: Deliver, tickets: JsTickets, mass: MassDesk) -> None:
        self._config, self._deliver, self._tickets, self._mass = config, deliver, tickets, mass

    def open(self, openid: str, url: str) -> OpenPage:
        shown, _, _ = url.partition("#")
        parts = urlsplit(shown)
        query = f"?{parts.query}" if parts.query else ""
        status, headers, body = self._deliver("GET", f"{parts.path}{query}", b"", {"User-Agent": "MicroMessenger/8.0"})
        page = Page(status, headers, body.decode())
        try:
            templates, why = self._checked(page, shown), ""
        except Blocked as blocked:
            templates, why = [], str(blocked)
        return OpenPage(openid, page, self._mass, templates, why)

    def _checked(self, page: Page, url: str) -> list[str]:
        if page.status != 200:
            raise Blocked(f"HTTP {page.status}")
        said = page.config()
        if said.get("appId") != self._config.app_id or type(said.get("timestamp")) is not int:
            raise Blocked("config:invalid appid or timestamp")
        if TAG not in said.get("openTagList", []) or not said.get("jsApiList"):
            raise Blocked("config:permission denied")
        if said.get("signature") != self._signature(str(said.get("nonceStr", "")), said["timestamp"], url):
            raise Blocked("config:invalid signature")
        _require_policy(page)
        if not page.templates or not all(page.templates):
            raise Blocked("no template")
        return page.templates

    def _signature(self, nonce: str, timestamp: int, url: str) -> str:
        fields = {"jsapi_ticket": self._tickets.valid(), "noncestr": nonce, "timestamp": timestamp, "url": url}
        return hashlib.sha1("&".join(f"{name}={fields[name]}" for name in sorted(fields)).encode()).hexdigest()


def _require_policy(page: Page) -> None:
    """A policy that keeps the platform's script or its frames out makes a dead button."""
    policy = page.headers.get("content-security-policy", "")
    rules = {words[0]: words[1:] for rule in policy.split(";") if (words := rule.split())}
    allowed, frames = rules.get("script-src", []), rules.get("frame-src", [])
    for fields, code in page.scripts:
        source, runs = fields.get("src") or "", fields.get("type") != "text/wxtag-template"
        by_nonce = f"'nonce-{fields.get('nonce')}'" in allowed
        if runs and not by_nonce and not (source.startswith(SCRIPT_HOST) and SCRIPT_HOST in allowed):
            raise Blocked(f"policy: {source or code.strip()[:40]}")
    if policy and not {"https://*.qq.com", "webcompt:"} <= set(frames):
        raise Blocked("policy: frame-src")
