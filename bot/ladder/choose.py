"""The choice of the rung: pure, one recipient at a time; whatever is passed over is named with its reason.

Customer-service message → subscription notice → mass message → a text in the grid's group → a call or visit. A rung is
tried once, and the next one only after it certainly did not arrive.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

OFFICIAL_ACCOUNT, SUBSCRIBE, MASS, GROUP_PUSH, VISIT = "official_account", "subscribe", "mass", "group_push", "visit"
LADDER = (OFFICIAL_ACCOUNT, SUBSCRIBE, MASS, GROUP_PUSH, VISIT)
CHANNEL_NAMES = {
    OFFICIAL_ACCOUNT: "客服消息", SUBSCRIBE: "订阅通知", MASS: "群发", GROUP_PUSH: "网格群转发", VISIT: "上门或电话",
}  # fmt: skip
WRITTEN = (OFFICIAL_ACCOUNT, SUBSCRIBE)
"""Channels with one row of the outbox for each recipient."""

KEPT_FOR_TICKETS = 2
"""The last messages of a window belong to the resident's own tickets."""
MASS_A_MONTH = 4
"""A follower of a service account receives so many mass messages in a calendar month (protocol.md §2.5)."""
MASS_LEAST, MASS_MOST = 2, 10_000
"""Receivers of one mass call by openid list."""

OUTCOME_UNKNOWN = "outcome_unknown"
REASON_NAMES = {
    "unfollowed": "已取消关注", "unsubscribed": "已退订公告", "window_closed": "48小时内没有来过消息",
    "reserve": "剩余条数留给工单", "no_template": "没有配置订阅模板", "no_consent": "没有订阅同意", "mass_quota": "本月群发已满4次",
    "mass_too_few": "群发不足2人", "no_group": "网格没有可用的群", "cannot_confirm": "转发不能确认是否看到",
    OUTCOME_UNKNOWN: "发送结果不明", "may_have_arrived": "前一条可能已收到", "expired": "已过有效期", "withdrawn": "已撤回",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reach:
    """触达条件: what is known of one recipient at this moment."""

    followed: bool = True
    bulletins: bool = True
    messages_left: int = 0
    """Of the open window, nothing subtracted; 0 when none is open."""
    template: bool = False
    """The deployment has a subscription template at all."""
    consented: bool = False
    mass_used: int = 0
    """Mass messages this calendar month."""
    grouped: bool = True
    """A group of the grid, or above it, can be pushed to."""
    tried: Mapping[str, str] = field(default_factory=dict)
    """Channel → why it did not arrive."""


@dataclass(frozen=True, slots=True)
class Choice:
    """触达方式: the rung, and every one above it with why not; without a channel nobody can reach them: `reason`."""

    channel: str
    reason: str
    skipped: tuple[tuple[str, str], ...]


def choose(reach: Reach, *, presses: bool) -> Choice:
    """The first rung that can carry. `presses`: urgent, or a receipt is wanted; then a forwarded text is not enough."""
    if not reach.bulletins:
        return Choice("", "unsubscribed", ())
    skipped: list[tuple[str, str]] = []
    for channel in LADDER:
        why = _why_not(channel, reach, presses)
        if not why:
            return Choice(channel, "", tuple(skipped))
        if channel not in reach.tried:
            skipped.append((channel, why))
    return Choice("", skipped[-1][1] if skipped else "unreachable", tuple(skipped))


def _why_not(channel: str, reach: Reach, presses: bool) -> str:
    if channel in reach.tried:
        return reach.tried[channel]
    if channel == GROUP_PUSH:
        return "" if reach.grouped and not presses else "cannot_confirm" if reach.grouped else "no_group"
    if channel == VISIT:
        return "" if reach.grouped else "no_group"
    if not reach.followed:
        return "unfollowed"
    if OUTCOME_UNKNOWN in reach.tried.values():
        return "may_have_arrived"
    return _WRITING[channel](reach)


def _window(reach: Reach) -> str:
    if reach.messages_left > KEPT_FOR_TICKETS:
        return ""
    return "reserve" if reach.messages_left else "window_closed"


def _subscription(reach: Reach) -> str:
    if not reach.template:
        return "no_template"
    return "" if reach.consented else "no_consent"


_WRITING: dict[str, Callable[[Reach], str]] = {
    OFFICIAL_ACCOUNT: _window,
    SUBSCRIBE: _subscription,
    MASS: lambda reach: "" if reach.mass_used < MASS_A_MONTH else "mass_quota",
}
