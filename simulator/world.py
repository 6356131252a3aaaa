"""The whole simulated world in one object: start it, act in it, look at what people saw."""

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from werkzeug.serving import BaseWSGIServer

from simulator.access_tokens import AccessTokens
from simulator.bot_line import BotLine, Deliver, HttpDelivery
from simulator.clock import Clock
from simulator.config import WorldConfig
from simulator.faults import Fault, FaultKind, Faults
from simulator.group_hand import GroupHand
from simulator.groups import Group, Groups, Member
from simulator.ledger import Ledger
from simulator.live import Live
from simulator.mass_desk import MassDesk
from simulator.media import MediaStore
from simulator.pacer import Pacer, next_morning
from simulator.resident_hand import ResidentHand
from simulator.residents import Residents, Unknown
from simulator.screen import Screen
from simulator.street_files import Street, read_street
from simulator.web_view import WebView
from simulator.wechat_article_api import ArticleShelf
from simulator.wechat_callback import WechatCallback
from simulator.wechat_ticket_api import JsTickets
from simulator.wecom_callback import ReplyAddresses, WecomCallback


class World:
    """世界: WeChat and WeCom on loopback.

    `deliver` replaces HTTP to the bot (`Deliver` of bot_line.py): so a Flask test client is driven without a socket.
    """

    def __init__(
        self,
        config: WorldConfig | None = None,
        *,
        deliver: Deliver | None = None,
        street: Path | None = None,
        now: Callable[[], float] = time.time,
        clock_file: Path | None = None,
    ) -> None:
        self.config = config or WorldConfig()
        self.clock = Clock(now, clock_file)
        self.live, self.faults = Live(), Faults()
        self.pacer = Pacer(self.clock, self._time_moved)
        self.ledger = Ledger(on_entry=lambda entry: self.live.publish("ledger", entry=entry))
        self.media, self.tokens = MediaStore(self.clock), AccessTokens(self.config, self.clock)
        self.addresses, self.scenes = ReplyAddresses(self.clock), dict[str, str]()
        self.residents = Residents(self.config.app_id, self._resident_saw)
        self.groups = Groups()
        deliver = deliver or HttpDelivery(self.config.bot_url, self.config.answer_seconds)
        line = BotLine(deliver, self.clock, self.ledger)
        self.wechat = WechatCallback(self.config, line, self.clock, self.faults)
        self.mass = MassDesk(self.clock, self.residents, self.wechat, self.config.account_name, by_itself=now is None)
        self.articles = ArticleShelf()
        self.tickets = JsTickets(self.clock)
        self.web_view = WebView(self.config, deliver, self.tickets, self.mass)
        self.wecom = WecomCallback(self.config, line, self.clock, self.faults, self.addresses)
        self.street = read_street(street) if street else Street()
        for row in self.street.groups:
            self.add_group(row.chat_id, row.name, row.webhook_key, row.members, row.level, row.code)
        self.url = ""
        self._hands: dict[str, ResidentHand] = {}
        self._server: BaseWSGIServer | None = None

    def start(self, host: str = "127.0.0.1", port: int = 0) -> "World":
        """Serve APIs, control and page in a thread; port 0 takes a free one."""
        from simulator.server import make_world_server

        self._server = make_world_server(self, host, port)
        self.url = f"http://{host}:{self._server.port}"
        self.wechat.own_url = self.wecom.own_url = self.url
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def stop(self) -> None:
        self.pacer.normal()
        self.faults.clear()
        self.live.close()
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def __enter__(self) -> "World":
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def resident(self, nickname: str, *, following: bool = True) -> ResidentHand:
        """The resident of this nickname, created on first use (following, without any event)."""
        resident = self.residents.named(nickname, now=self.clock.now(), following=following)
        if resident.openid not in self._hands:
            self._hands[resident.openid] = ResidentHand(
                resident, self.wechat, self.media, self.web_view, self.clock.now
            )
            self.live.publish("people")
        return self._hands[resident.openid]

    def resident_of(self, openid: str) -> ResidentHand:
        resident = self.residents.get(openid)
        if resident is None:
            raise Unknown(f"no resident {openid}")
        return self.resident(resident.nickname)

    def add_group(
        self,
        chat_id: str,
        name: str = "",
        webhook_key: str = "",
        members: list[Member] | None = None,
        level: str = "",
        code: str = "",
    ) -> GroupHand:
        screen = Screen(lambda item: self.live.publish("group", chat_id=chat_id, item=item))
        group = Group(chat_id, name or chat_id, screen, webhook_key, members or [], level, code)
        return GroupHand(self.groups.add(group), self.wecom, self.clock.now)

    def group(self, chat_id: str) -> GroupHand:
        group = self.groups.get(chat_id)
        return GroupHand(group, self.wecom, self.clock.now) if group else self.add_group(chat_id)

    def single_chat(self, userid: str) -> GroupHand:
        """One worker's own chat with the bot."""
        return self.add_group(f"single:{userid}", userid, members=[Member(userid, userid)], level="single")

    def fault(self, path: str, kind: FaultKind, **settings: Any) -> Fault:
        """Switch a fault on; settings as in `Fault`."""
        fault = self.faults.add(Fault(path, kind, **settings))
        self.live.publish("faults")
        return fault

    def forget(self) -> None:
        """Empty all screens, windows, faults and the ledger; people and groups stay."""
        self.faults.clear()
        self.ledger.clear()
        self.clock.back_to_real()
        self.mass.forget()
        self.articles.forget()
        for resident in self.residents.all():
            resident.screen.clear()
            resident.windows.clear()
        for group in self.groups.all():
            group.screen.clear()
            group.sent_at.clear()
        self.live.publish("reset")

    @property
    def time(self) -> dict[str, float | None]:
        """The shown moment, until when it runs fast (or None), and the next working morning."""
        now = self.clock.now()
        return {"now": now, "until": self.pacer.until, "morning": next_morning(now, self.street.calendar)}

    def _time_moved(self) -> None:
        self.live.publish("clock", **self.time)

    def _resident_saw(self, openid: str, item: dict[str, Any]) -> None:
        self.live.publish("resident", openid=openid, item=item)
