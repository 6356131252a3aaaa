"""Preview and progress in words of staff, and as facts for a machine."""

from collections.abc import Mapping
from typing import Any

from bot.announcing.picture import PICTURE_NAMES
from bot.announcing.preview import Preview
from bot.announcing.progress import OPEN, STATE_NAMES, MassCount, Progress
from bot.ladder.choose import CHANNEL_NAMES, MASS, MASS_A_MONTH, OFFICIAL_ACCOUNT, REASON_NAMES
from models.announcement import ANNOUNCEMENT_STATES, WITHDRAWN, Announcement
from models.first_look import LOST, NO_WAY, NONE, ON_THE_WAY, SEEN, Look

NO_CARD = {
    "no_link": "没有链接，做不成卡片，只有文字",
    "no_public_url": "没有设置 https 的 public_url，手机取不到封面，只有文字",
    "too_long": "正文放不进卡片，只有文字",
}
LEFT_OUT_NAMES = {"unfollowed": "已取消关注", "bulletins_off": "已退订公告", "no_home": "关注了但没有登记住处"}


def preview_facts(found: Preview) -> dict[str, Any]:
    return {
        "id": found.announcement, "fingerprint": found.fingerprint, "text": found.text, "rest": found.rest,
        "recipients": found.recipients, "channels": dict(found.channels), "passed_over": dict(found.passed_over),
        "unreachable": dict(found.unreachable), "left_out": found.left_out,
        "mass": {"month": found.month, "recipients": found.channels[MASS], "calls": found.mass_calls,
                 "last_of_month_for": found.mass_last,
                 "used_before": {str(used): count for used, count in sorted(found.mass_used.items())}},
        "cover": {"kind": found.cover, "no_card": found.no_card} if found.cover else None,
        "look": {"state": found.look.state, "group": found.look.group},
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
    lines += _cover_words(found) if found.cover else []
    if used := found.channels[MASS]:
        lines.append(f"{found.month} 群发额度：{used} 人各用 1 次（每人每月 {MASS_A_MONTH} 次），分 {found.mass_calls} 次调用；"
                     f"其中 {found.mass_last} 人这是本月最后一次。")  # fmt: skip
    lines.append(look_words(found.look))
    lines.append(f"校验码：{found.fingerprint[:8]}（批准时写 --seen {found.fingerprint[:8]}）")
    return "\n".join(lines)


def _cover_words(found: Preview) -> list[str]:
    """Where the picture will be seen, and where not."""
    card = NO_CARD[found.no_card] if found.no_card else "图文卡片，显示封面，点开是链接"
    return [
        f"封面（{PICTURE_NAMES[found.cover]}）：",
        f"  群发 {found.channels[MASS]} 人：图文，显示封面",
        f"  客服消息 {found.channels[OFFICIAL_ACCOUNT]} 人：{card}",
        "  订阅通知、网格群转发：只有文字",
    ]


def look_words(look: Look) -> str:
    """Whether the author has had it for a look; nothing is approved by hand before that."""
    return _LOOKS[look.state].format(group=look.group)


_LOOKS = {
    NONE: "试看：起草人还没有看过，先试发到“{group}”才能批准（加 --send-to-me）。",
    ON_THE_WAY: "试看：正在发到“{group}”，送到后才能批准。",
    SEEN: "试看：这份内容已送到“{group}”，可以请另一位同事批准。",
    LOST: "试看：没有确认送到“{group}”，请再试发一次（加 --send-to-me）。",
    NO_WAY: "试看：起草人的辖区和上级都没有可用的群，收不到试发。",
}


def progress_facts(found: Progress) -> dict[str, Any]:
    return {
        "id": found.announcement, "state": found.state, "recipients": found.recipients, "settled": found.settled,
        "gone": found.gone, "going": found.going, "done": found.done, "states": dict(found.states), "channels": dict(found.channels),
        "reasons": dict(found.reasons), "left_out": found.left_out, "mass": vars(found.mass),
        "in_words": found.in_words,
    }  # fmt: skip


def progress_words(found: Progress) -> str:
    lines = [f"公告 {found.announcement} {ANNOUNCEMENT_STATES[found.state]}：{found.settled} / {found.recipients} 人"]
    lines += [_counts("状态", STATE_NAMES, found.states)] if found.states else []
    lines += [_counts("渠道", CHANNEL_NAMES, found.channels)] if found.channels else []
    lines += [_mass_words(found.mass)] if found.mass.batches else []
    lines += [f"  封面没有用上，群发改发文字（{found.in_words}）。"] if found.in_words else []
    lines += [_counts("原因", REASON_NAMES, found.reasons)] if found.reasons else []
    lines += [_counts("批准时不在内", LEFT_OUT_NAMES, found.left_out)] if found.left_out else []
    lines += [f"  {withdrawn_words(found)}"] if found.state == WITHDRAWN else []
    if found.state == "draft":
        lines.append("还没有批准，收件人要到批准时才定下来。")
    return "\n".join(lines)


def withdrawn_words(found: Progress) -> str:
    """What was stopped, what is on the wire at this moment, and what no withdrawal brings back."""
    going = f"正在送 {found.going} 人（几秒后再看 progress），" if found.going else ""
    return f"没有发出 {found.states['skipped']} 人，{going}已经发出收不回 {found.gone} 人。"


def _mass_words(mass: MassCount) -> str:
    head = f"  群发 {mass.batches} 批"
    if not mass.reported:
        return f"{head}：平台还没有报数。"
    open_ones = f"（{mass.reported} 批已报数）" if mass.reported < mass.batches else ""
    return (
        f"{head}{open_ones}：平台说发出 {mass.sent:,}、失败 {mass.errors:,}、因次数过滤 {mass.over_quota:,}"
        f"（共 {mass.total:,}）"
    )


def progress_line(row: Announcement, found: Progress) -> str:
    """One announcement in a list."""
    urgent = "【紧急】" if row.urgent_reason else ""
    left = sum(found.states[state] for state in OPEN)
    count = f"{found.recipients}人" + (f"，余{left}" if left else "") if found.recipients else ""
    return f"{row.id:>5}  {ANNOUNCEMENT_STATES[row.state]}  {urgent}{row.title}  {row.author_key}  {count}".rstrip()


def _counts(label: str, names: Mapping[str, str], counts: Mapping[str, int]) -> str:
    return f"  {label}：" + "，".join(f"{names.get(key, key)} {count}" for key, count in sorted(counts.items()))


def _reason(code: str) -> str:
    return REASON_NAMES.get(code, code)
