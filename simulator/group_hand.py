"""The hand of somebody in a group, or alone with the bot, in WeCom."""

from collections.abc import Callable
from typing import Any

from simulator.groups import Group
from simulator.postman import Outcome
from simulator.screen import Item
from simulator.wecom_callback import WecomCallback


class GroupHand:
    """群里的手: somebody writes in a group or alone to the bot; returns the bot's answer there."""

    def __init__(self, group: Group, callback: WecomCallback, now: Callable[[], float]) -> None:
        self.group, self._callback, self._now = group, callback, now
        self.last_outcome = Outcome(True)

    @property
    def chat_id(self) -> str:
        return self.group.chat_id

    @property
    def screen(self) -> list[Item]:
        return self.group.screen.items()

    @property
    def cards(self) -> list[Item]:
        """What the webhook pushed into this group, oldest first."""
        return self.group.screen.items("push")

    def says(
        self, member: str, text: str, quote: Item | int | str | None = None, mention: bool = True, space: str = " "
    ) -> str:
        """`member`: userid or name. Without a mention the bot sees nothing, as in a real group."""
        who, quoted = self.group.member(member), self._quoted(quote)
        prefix = f"@{self._callback.bot_name} " if mention and not self.group.single else ""
        details = {"quote": quoted, "duty": who.duty}
        self.group.screen.show(Item("person", "text", prefix + text, self._now(), who.userid, who.name, details))
        if not mention and not self.group.single:
            return ""
        return self._done(self._callback.said(self.group, who, text, quoted, space))

    def enters(self, member: str) -> str:
        """First opening of the single chat that day."""
        return self._done(self._callback.event(self.group, self.group.member(member), "enter_chat"))

    def event(self, member: str, kind: str, **content: Any) -> str:
        return self._done(self._callback.event(self.group, self.group.member(member), kind, **content))

    def sends(self, member: str, body: dict[str, Any]) -> str:
        """Any other message: `{"msgtype": "image", "image": {…}}`."""
        who = self.group.member(member)
        return self._done(self._callback.push(self.group, self._callback.common(self.group, who) | body))

    def repeats(self) -> str:
        """The platform delivers the last message once more: same msgid."""
        return self._done(self._callback.again(self.group))

    def _done(self, outcome: Outcome) -> str:
        self.last_outcome = outcome
        return outcome.text

    def _quoted(self, quote: Item | int | str | None) -> str:
        if isinstance(quote, int):
            quote = self.group.screen.find(quote)
        return quote.text if isinstance(quote, Item) else quote or ""
