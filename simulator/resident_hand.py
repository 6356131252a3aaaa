"""The hand of a resident: what tests and the page let them do on their phone."""

from collections.abc import Callable
from typing import Any

from simulator.media import MediaStore
from simulator.postman import Outcome
from simulator.residents import Resident, Unknown
from simulator.screen import Item
from simulator.web_view import OpenPage, WebView
from simulator.wechat_callback import WechatCallback

PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415408d763b8b0c6a000000388"
    "01a32cf0b2d00000000049454e44ae426082"
)


class ResidentHand:
    """居民的手: every method returns what the resident then saw, as text ("" is silence)."""

    def __init__(
        self,
        resident: Resident,
        callback: WechatCallback,
        media: MediaStore,
        web_view: WebView,
        now: Callable[[], float],
    ) -> None:
        self.resident, self._callback, self._media, self._now = resident, callback, media, now
        self._web_view = web_view
        self._last: dict[str, Any] | None = None
        self.last_outcome = Outcome(True)

    @property
    def openid(self) -> str:
        return self.resident.openid

    @property
    def screen(self) -> list[Item]:
        return self.resident.screen.items()

    @property
    def seen(self) -> list[str]:
        """Texts that reached this phone, oldest first."""
        return [item.text for item in self.resident.screen.items("bot", "push", "notice")]

    def says(self, text: str) -> str:
        return self._message("text", text, Content=text)

    def taps_item(self, item_id: str, text: str) -> str:
        """Tap an item of a msgmenu message: opens only the short window (§2.2, cautious reading)."""
        return self._message("text", text, wrote=False, Content=text, bizmsgmenuid=item_id)

    def sends_image(self, content: bytes = PIXEL, mimetype: str = "image/png") -> str:
        return self.sends_kept_image(self._media.keep("image", "photo.png", mimetype, content).id)

    def sends_kept_image(self, media_id: str) -> str:
        url = f"{self._callback.own_url}/sim/media/{media_id}"
        return self._message("image", "[图片]", {"media": media_id}, PicUrl=url, MediaId=media_id)

    def sends_voice(self, recognition: str = "", content: bytes = b"#!AMR\n") -> str:
        """`recognition`: what the platform claims to have heard; usually empty today (§1.6)."""
        kept = self._media.keep("voice", "voice.amr", "audio/amr", content)
        details = {"recognition": recognition}
        return self._message("voice", "[语音]", details, MediaId=kept.id, Format="amr", Recognition=recognition)

    def sends_video(self) -> str:
        kept = self._media.keep("video", "video.mp4", "video/mp4", b"\0")
        return self._message("video", "[视频]", MediaId=kept.id, ThumbMediaId=kept.id)

    def sends_location(self, latitude: float, longitude: float, label: str = "") -> str:
        """GCJ-02 degrees."""
        details = {"latitude": latitude, "longitude": longitude, "label": label}
        place: dict[str, Any] = {"Location_X": latitude, "Location_Y": longitude, "Scale": 16, "Label": label}
        return self._message("location", label or "[位置]", details, **place)

    def sends_link(self, title: str, url: str, description: str = "") -> str:
        return self._message("link", title, Title=title, Description=description, Url=url)

    def follows(self, scene: str = "") -> str:
        """Follow; `scene` when it was by scanning a code."""
        self.resident.following, self.resident.followed_at, self.resident.scene = True, self._now(), scene
        self.resident.acted(self._now())
        self._note("扫码关注了公众号" if scene else "关注了公众号")
        fields = {"EventKey": f"qrscene_{scene}", "Ticket": "TICKET"} if scene else {"EventKey": ""}
        return self._event("subscribe", **fields)

    def unfollows(self) -> str:
        self.resident.following = False
        self.resident.windows.clear()
        self._note("取消了关注")
        return self._event("unsubscribe", EventKey="")

    def scans(self, scene: str) -> str:
        """Scan a scene code: a follow for a stranger, a SCAN for a follower."""
        if not self.resident.following:
            return self.follows(scene)
        self.resident.acted(self._now())
        self._note("扫了二维码")
        return self._event("SCAN", EventKey=scene, Ticket="TICKET")

    def taps_menu(self, key: str, name: str = "") -> str:
        self.resident.acted(self._now())
        self._note(f"点了菜单“{name or key}”")
        return self._event("CLICK", EventKey=key)

    def opens(self, url: str) -> OpenPage:
        """Open an address of the account's own in WeChat."""
        self._note("打开了网页")
        return self._web_view.open(self.openid, url)

    def allows_notices(self, url: str) -> str:
        """Open the page, tap its button, then 允许; what the page says."""
        open_page = self.opens(url)
        open_page.allows()
        return open_page.page.text

    def refuses_notices(self, url: str) -> str:
        open_page = self.opens(url)
        open_page.refuses()
        return open_page.page.text

    def event(self, event: str, **fields: Any) -> str:
        """Any other event, fields as the platform names them."""
        return self._event(event, **fields)

    def sends(self, kind: str, **fields: Any) -> str:
        """Any other message type, fields as the platform names them."""
        return self._message(kind, f"[{kind}]", **fields)

    def repeats(self) -> str:
        """The platform delivers the last message once more: same MsgId, same CreateTime."""
        if self._last is None:
            raise Unknown("nothing was sent yet")
        return self._push(self._last)

    def windows_expire(self) -> None:
        """As if 48 hours had passed since this resident wrote."""
        self.resident.windows.clear()

    def _message(
        self, kind: str, shown: str, details: dict[str, Any] | None = None, /, *, wrote: bool = True, **fields: Any
    ) -> str:
        if wrote:
            self.resident.wrote(self._now())
        else:
            self.resident.acted(self._now())
        item = Item("person", kind, shown, self._now(), self.openid, self.resident.nickname, details or {})
        self.resident.screen.show(item)
        return self._push(self._callback.message_fields(self.resident, kind, **fields))

    def _event(self, event: str, **fields: Any) -> str:
        return self._push(self._callback.event_fields(self.resident, event, **fields))

    def _push(self, fields: dict[str, Any]) -> str:
        self._last = fields
        self.last_outcome = self._callback.push(self.resident, fields)
        return self.last_outcome.text

    def _note(self, text: str) -> None:
        self.resident.screen.show(Item("simulator", "notice", f"{self.resident.nickname}{text}", self._now()))
