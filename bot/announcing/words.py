"""Preview and progress in words of staff, and as facts for a machine."""

from collections.abc import Mapping
from typing import Any

from bot.announcing.preview import Preview
from bot.announcing.progress import OPEN, STATE_NAMES, Progress
from bot.config import Settings
from bot.ladder.choose import CHANNEL_NAMES, MASS, MASS_A_MONTH, REASON_NAMES
from models.announcement import ANNOUNCEMENT_STATES, Announcement

LEFT_OUT_NAMES = {"unfollowed": "已取消关注", "bulletins_off": "已退订公告", "no_home": "关注了但没有登记住处"}


def preview_facts(found: Preview) -> dict[str, Any]:
    return {
        "id": found.announcement, "fingerprint": found.fingerprint, "text": found.text, "rest": found.rest,
        "recipients": found.recipients, "channels": dict(found.channels), "passed_over": dict(found.passed_over),
        "unreachable": dict(found.unreachable), "left_out": found.left_out,
        "mass": {"month": found.month, "recipients": found.channels[MASS], "calls": found.mass_calls,
                 "last_of_month_for": found.mass_last,
                 "used_before": {str(used): count for used, count in sorted(found.mass_used.items())}},
    }  # fmt: skip


def preview_words(found: Preview) -> str:
    lines = ["—" * 20, found.text, "—" * 20]
    lines += [f"一条放不下：后面{len(found.rest)}字在居民回复1后给出。"] if found.rest else []
    lines.append(f"会收到：{found.recipients} 人")
    lines += [f"  {CHANNEL_NAMES[channel]}  {count} 人" for channel, count in found.channels.most_common()]
    lines += [f"  没有办法送到  {count} 人（{_reason(why)}）" for why, count in found.unreachable.most_common()]
    lines += [f"不会收到：{count} 人（{LEFT_OUT_NAMES.get(why, why)}）" for why, count in found.left_out.items()]
    skips = [(rung.partition(":"), count) for rung, count in found.passed_over.most_common()]
    lines += [f"  {CHANNEL_NAMES[rung]}不能用：{count} 人（{_reason(why)}）" for (rung, _, why), count in skips]
    if used := found.channels[MASS]:
        lines.append(f"{found.month} 群发额度：{used} 人各用 1 次（每人每月 {MASS_A_MONTH} 次），分 {found.mass_calls} 次调用；"
                     f"其中 {found.mass_last} 人这是本月最后一次。")  # fmt: skip
    lines.append(f"校验码：{found.fingerprint[:8]}（批准时写 --seen {found.fingerprint[:8]}）")
    return "\n".join(lines)


def progress_facts(found: Progress) -> dict[str, Any]:
    return {
        "id": found.announcement, "state": found.state, "recipients": found.recipients, "settled": found.settled,
        "gone": found.gone, "done": found.done, "states": dict(found.states), "channels": dict(found.channels),
        "reasons": dict(found.reasons), "left_out": found.left_out,
    }  # fmt: skip


def progress_words(found: Progress) -> str:
    lines = [f"公告 {found.announcement} {ANNOUNCEMENT_STATES[found.state]}：{found.settled} / {found.recipients} 人"]
    lines += [_counts("状态", STATE_NAMES, found.states)] if found.states else []
    lines += [_counts("渠道", CHANNEL_NAMES, found.channels)] if found.channels else []
    lines += [_counts("原因", REASON_NAMES, found.reasons)] if found.reasons else []
    lines += [_counts("批准时不在内", LEFT_OUT_NAMES, found.left_out)] if found.left_out else []
    if found.state == "draft":
        lines.append("还没有批准，收件人要到批准时才定下来。")
    return "\n".join(lines)


def progress_line(row: Announcement, found: Progress) -> str:
    """One announcement in a list."""
    urgent = "【紧急】" if row.urgent_reason else ""
    left = sum(found.states[state] for state in OPEN)
    count = f"{found.recipients}人" + (f"，余{left}" if left else "") if found.recipients else ""
    return f"{row.id:>5}  {ANNOUNCEMENT_STATES[row.state]}  {urgent}{row.title}  {row.author_key}  {count}".rstrip()


def when_words(row: Announcement, settings: Settings) -> str:
    """The moment sending begins, in local words."""
    return f"{row.send_at.astimezone(settings.deployment.zone):%-m月%-d日 %H:%M} " if row.send_at else ""


def _counts(label: str, names: Mapping[str, str], counts: Mapping[str, int]) -> str:
    return f"  {label}：" + "，".join(f"{names.get(key, key)} {count}" for key, count in sorted(counts.items()))


def _reason(code: str) -> str:
    return REASON_NAMES.get(code, code)
