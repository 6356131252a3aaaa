"""WeCom's group chats and their members."""

import threading
from collections import deque
from dataclasses import dataclass, field

from simulator.screen import Screen


@dataclass(frozen=True, slots=True)
class Member:
    """成员: somebody who can write in a group. `duty` is what the page shows beside the name."""

    userid: str
    name: str
    duty: str = ""


PASSER_BY = Member("passer-by", "路人", "不在任职表")
"""Can be in any group, holds no duty anywhere: what they ask must be refused."""


@dataclass(slots=True)
class Group:
    """群聊: an internal group; `chat_id` starting with `single:` is one worker's own chat with the bot."""

    chat_id: str
    name: str
    screen: Screen
    webhook_key: str = ""
    members: list[Member] = field(default_factory=list)
    level: str = ""
    area_code: str = ""
    sent_at: deque[float] = field(default_factory=deque)

    @property
    def single(self) -> bool:
        return self.chat_id.startswith("single:")

    def member(self, who: str) -> Member:
        """By userid or name; somebody unknown to the group is a member just for this message."""
        wanted = who.casefold()
        found = (m for m in [*self.members, PASSER_BY] if wanted in (m.userid.casefold(), m.name.casefold()))
        return next(found, Member(who, who))


class Groups:
    """群聊名册: all groups, by chat id and by webhook key."""

    def __init__(self) -> None:
        self._by_chat: dict[str, Group] = {}
        self.lock = threading.RLock()

    def add(self, group: Group) -> Group:
        with self.lock:
            return self._by_chat.setdefault(group.chat_id, group)

    def get(self, chat_id: str) -> Group | None:
        return self._by_chat.get(chat_id)

    def of_key(self, webhook_key: str) -> Group | None:
        with self.lock:
            return next((g for g in self._by_chat.values() if webhook_key and g.webhook_key == webhook_key), None)

    def all(self) -> list[Group]:
        with self.lock:
            return list(self._by_chat.values())

    def names(self) -> dict[str, str]:
        """userid → name, for showing mentions."""
        return {member.userid: member.name for group in self.all() for member in group.members}
