"""Release 放行: drafting, approval by a second person and planning of announcements (TH42, TH43).

The only writer of an announcement's state up to the moment it begins to leave; `scheduler/announce.py` goes on from
there. Everybody takes the announcement's row first, so that of two who act at once one is the first.
"""

import hashlib
import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import delete, func, insert, literal, or_, select
from sqlalchemy.orm import Session

from models.announcement import APPROVED, DRAFT, SENDING, SENT, WITHDRAWN, Announcement, Recipient
from models.area import Area, line_of
from models.audience import Audience, areas_of, left_out, recipients_of, require_known
from models.audit import record
from models.cover import forget_unused
from models.database import Refused
from models.first_look import Look, look_at, require_look
from models.masking import mask_words
from models.person import Person, Posting, postings_of

AGAIN = "再次通知："
MOST_TITLE = 40


@dataclass(frozen=True)
class ReleaseRules:
    """放行规则: the local day by which postings and the cap count, the delay before sending, and the cap itself."""

    zone: ZoneInfo
    delay: timedelta
    daily_cap: int
    look_first: bool = False
    """Approved by hand: not before the author has seen it (`models/first_look.py`). A reminder was released as a whole."""

    def day(self, now: datetime) -> date:
        return now.astimezone(self.zone).date()


@dataclass(frozen=True)
class Wording:
    """公告内容: what an author decides; all of it is part of what is approved."""

    title: str
    body: str
    audience: Audience
    link: str = ""
    valid_until: datetime | None = None
    wants_receipt: bool = False
    urgent_reason: str = ""
    cover: str = ""
    """SHA-256 of the picture, which is kept already."""


def fingerprint_of(announcement: Announcement) -> str:
    """SHA-256 of everything an approver answers for: text, picture, validity, audience, receipt, and the short path."""
    until = announcement.valid_until
    said = [
        announcement.title, announcement.body, announcement.link, until.astimezone(UTC).isoformat() if until else None,
        Audience.from_facts(announcement.audience).facts(), announcement.wants_receipt, announcement.urgent_reason,
        announcement.second_call_of, announcement.cover,
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(said, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def still_as_approved(announcement: Announcement) -> bool:
    """Whoever sends asks this first: a row changed behind the rules' back must not leave."""
    return bool(announcement.approver_key) and announcement.fingerprint == fingerprint_of(announcement)


def announcement_for_update(session: Session, number: int) -> Announcement:
    """The row as it is now, held until the transaction ends. Raises Refused."""
    query = select(Announcement).where(Announcement.id == number).with_for_update(key_share=True)
    found = session.scalars(query.execution_options(populate_existing=True)).first()
    if not found:
        raise Refused(f"没有公告 {number}。flask announce list 列出所有公告。")
    return found


def answerable(session: Session, key: str, areas: Collection[str], day: date) -> list[str]:
    """The areas of the postings by which this person may speak to all of `areas`: staff there or above. Raises Refused."""
    if not session.get(Person, key):
        raise Refused(f"没有工作人员 {key}。请用 people.csv 里的 key。")
    posted = {p.area_code for p in postings_of(session, key, day) if p.duty == "staff" and p.area_code}
    used = set()
    for code in sorted(areas):
        own = next((area.code for area in line_of(session, code) if area.code in posted), None)
        if own is None:
            name = session.get_one(Area, code).name
            raise Refused(f"{key} 不是{name}或其上级的工作人员（staff），不能给那里发公告。请换人，或缩小范围。")
        used.add(own)
    return sorted(used)


def draft(
    session: Session,
    now: datetime,
    rules: ReleaseRules,
    author: str,
    wording: Wording,
    second_call_of: int | None = None,
) -> Announcement:
    """A new draft; nothing leaves before somebody else approved it. Raises Refused."""
    _require_author(session, now, rules, author, wording)
    row = Announcement(state=DRAFT, author_key=author, created_at=now, approver_key="", fingerprint="", left_out={},
                       second_call_of=second_call_of, look_key="", article={})  # fmt: skip
    _write(row, wording)
    session.add(row)
    session.flush()
    audited(session, now, author, "draft", row)
    return row


def edit(
    session: Session, now: datetime, rules: ReleaseRules, editor: str, number: int, wording: Wording
) -> Announcement:
    """Other words or another audience: an approval is void, and whoever changed it is the author now.

    So the first author may approve what a colleague changed, and nobody approves their own words.
    """
    row = announcement_for_update(session, number)
    if row.state not in (DRAFT, APPROVED):
        raise Refused(f"公告 {number} 已经开始发送或已结束，不能再改。先撤回（withdraw），再起草新的。")
    if row.second_call_of and wording.audience.facts() != row.audience:
        raise Refused("这是给未读的人再发一次，对象不能改。要发给别人请另起草。")
    _require_author(session, now, rules, editor, wording)
    before, picture = fingerprint_of(row), row.cover
    _write(row, wording)
    if fingerprint_of(row) == before:
        raise Refused("内容和对象都没有变，不用改。")
    voided = row.state == APPROVED
    row.state, row.author_key, row.approver_key, row.fingerprint = DRAFT, editor, "", ""
    row.approved_at = row.send_at = None
    row.left_out, row.look_key = {}, ""
    session.execute(delete(Recipient).where(Recipient.announcement_id == number))
    session.flush()
    if picture and picture != row.cover:
        forget_unused(session, picture)
    audited(session, now, editor, "edit.voids_approval" if voided else "edit", row)
    return row


def _require_author(session: Session, now: datetime, rules: ReleaseRules, author: str, wording: Wording) -> None:
    require_known(session, wording.audience)
    answerable(session, author, areas_of(session, wording.audience), rules.day(now))
    if wording.valid_until and wording.valid_until <= now:
        raise Refused("有效期已经过了，请改晚一些。")


def _write(row: Announcement, wording: Wording) -> None:
    row.title, row.body, row.link = wording.title, wording.body, wording.link
    row.audience, row.valid_until = wording.audience.facts(), wording.valid_until
    row.wants_receipt, row.urgent_reason = wording.wants_receipt, wording.urgent_reason
    row.cover = wording.cover or None


def approve(
    session: Session,
    now: datetime,
    rules: ReleaseRules,
    approver: str,
    number: int,
    seen: str = "",
    unseen_reason: str = "",
) -> Announcement | None:
    """Freeze the recipients and let it go after the delay; None when it was approved before. Raises Refused.

    `seen` is the beginning of the fingerprint the approver read: what was changed meanwhile is not approved unseen.
    `unseen_reason`: why it leaves although its author could not be sent it for a look.
    """
    row = announcement_for_update(session, number)
    if row.state in (APPROVED, SENDING, SENT):
        return None
    _require_second_person(session, now, rules, approver, row, seen)
    send_at = now if row.urgent_reason else now + rules.delay
    if row.valid_until and row.valid_until <= send_at:
        raise Refused("等到发送时有效期已经过了。请先改有效期（edit --until）。")
    unseen = require_look(row, look_of(session, rules, row, now), unseen_reason) if rules.look_first else ""
    row.left_out = left_out(session, row)
    if not freeze(session, row):
        raise Refused("没有人会收到这条公告。请用 preview 看原因，再改对象。")
    row.state, row.approver_key, row.fingerprint = APPROVED, approver, fingerprint_of(row)
    row.approved_at, row.send_at = now, send_at
    session.flush()
    audited(session, now, approver, "approve", row)
    if row.urgent_reason:
        reason = mask_words(row.urgent_reason)[:120]
        record(session, now, approver, "announcement.urgent", f"announcement {row.id}: {reason}")
    if unseen:
        record(session, now, approver, "announcement.unseen", f"announcement {row.id}: {mask_words(unseen)[:120]}")
    return row


def look_of(session: Session, rules: ReleaseRules, row: Announcement, now: datetime) -> Look:
    """Has the author had these words for a look? Raises Refused when the author has no say there any more."""
    areas = answerable(session, row.author_key, areas_of(session, Audience.from_facts(row.audience)), rules.day(now))
    return look_at(session, row, fingerprint_of(row), areas)


def _require_second_person(
    session: Session, now: datetime, rules: ReleaseRules, approver: str, row: Announcement, seen: str
) -> None:
    """Somebody else, with a say in every area, who read these very words; and the author still has one too."""
    if row.state != DRAFT:
        raise Refused(f"公告 {row.id} 已撤回。要发请另起草。")
    if approver == row.author_key:
        raise Refused("起草人不能批准自己的公告，请换一位同事来批准。")
    fingerprint = fingerprint_of(row)
    if not fingerprint.startswith(seen):
        raise Refused(f"您看过之后内容又改了（现在是 {fingerprint[:8]}）。请重新预览再批准。")
    areas = areas_of(session, Audience.from_facts(row.audience))
    answerable(session, approver, areas, rules.day(now))
    _below_cap(session, now, rules, answerable(session, row.author_key, areas, rules.day(now)), row)


def freeze(session: Session, announcement: Announcement) -> int:
    """Write down who gets it, in one statement of the caller's transaction: all of them or nobody."""
    who = recipients_of(announcement).subquery("who")
    values = select(literal(announcement.id), who.c.id, who.c.grid_code).order_by(who.c.id)
    session.execute(insert(Recipient).from_select(["announcement_id", "resident_id", "grid_code"], values))
    ours = Recipient.announcement_id == announcement.id  # counted: SQLite's driver knows no rowcount after WITH
    return session.scalar(select(func.count()).select_from(Recipient).where(ours)) or 0


def _below_cap(session: Session, now: datetime, rules: ReleaseRules, areas: list[str], row: Announcement) -> None:
    """The author's area has not released too many today; what was withdrawn before anything left does not count.

    Its row is held, so that two at once are counted one after the other; `key_share` lets tickets be filed meanwhile.
    """
    if row.urgent_reason:
        return
    session.scalars(select(Area).where(Area.code.in_(areas)).order_by(Area.code).with_for_update(key_share=True)).all()
    midnight = datetime.combine(rules.day(now), datetime.min.time(), rules.zone)
    went = Recipient.announcement_id == Announcement.id, Recipient.state != "skipped"
    colleagues = select(Posting.person_key).where(Posting.area_code.in_(areas), Posting.duty == "staff")
    query = (
        select(func.count())
        .select_from(Announcement)
        .where(
            Announcement.approved_at >= midnight,
            Announcement.urgent_reason == "",
            Announcement.author_key.in_(colleagues),
            or_(Announcement.state != WITHDRAWN, select(Recipient.id).where(*went).exists()),
        )
    )
    if (session.scalar(query) or 0) >= rules.daily_cap:
        raise Refused(
            f"今天这里已批准{rules.daily_cap}条公告，到了每日上限（[announcements] daily_cap）。请合并，或明天再批准；"
            "确有紧急情况请起草时写明（--urgent 原因）。"
        )


def plan(
    session: Session, now: datetime, rules: ReleaseRules, key: str, number: int, at: datetime | None = None
) -> Announcement:
    """Send at that moment, or as soon as the delay allows. Raises Refused."""
    row = announcement_for_update(session, number)
    if row.state == DRAFT:
        raise Refused(f"公告 {number} 还没有批准，不能发。请另一位同事批准（approve）。")
    if row.state != APPROVED or not row.approved_at:
        raise Refused(f"公告 {number} 已经开始发送或已结束，不能改时间。")
    require_colleague(session, now, rules, key, row)
    earliest = row.approved_at if row.urgent_reason else row.approved_at + rules.delay
    if at and at < max(earliest, now):
        raise Refused("这个时间太早：批准后要留出可以撤回的时间，也不能是过去。请改晚一些，或不写 --at。")
    if at and row.valid_until and at >= row.valid_until:
        raise Refused("这个时间已经过了公告的有效期。请改早一些。")
    row.send_at = at or earliest
    session.flush()
    audited(session, now, key, "plan", row)
    return row


def require_colleague(session: Session, now: datetime, rules: ReleaseRules, key: str, row: Announcement) -> None:
    """Staff who may speak to this audience. Raises Refused."""
    answerable(session, key, areas_of(session, Audience.from_facts(row.audience)), rules.day(now))


def call_again(
    session: Session, now: datetime, rules: ReleaseRules, author: str, number: int, until: datetime | None = None
) -> Announcement:
    """A draft for those who have not read it, to be approved like any other. Raises Refused."""
    row = announcement_for_update(session, number)
    _require_unread(session, row)
    title = row.title if row.title.startswith(AGAIN) or len(AGAIN + row.title) > MOST_TITLE else AGAIN + row.title
    audience, until = Audience.from_facts(row.audience), until or row.valid_until
    wording = Wording(title, row.body, audience, row.link, until, True, row.urgent_reason, row.cover or "")
    return draft(session, now, rules, author, wording, second_call_of=number)


def _require_unread(session: Session, row: Announcement) -> None:
    """It went out, asked to be read, somebody has not, and nobody is calling them already."""
    if row.state != SENT:
        raise Refused(f"公告 {row.id} 还没有发完，或已撤回，不能再发一次。")
    if not row.wants_receipt:
        raise Refused(f"公告 {row.id} 没有要回执，不知道谁没看。要再发请另起草。")
    going = Announcement.state.in_((DRAFT, APPROVED, SENDING))
    query = select(Announcement.id).where(Announcement.second_call_of == row.id, going)
    if called := session.scalars(query).first():
        raise Refused(f"已经有一条再次通知（公告 {called}）在办，不用再起草。")
    unread = select(Recipient.id).where(Recipient.announcement_id == row.id, Recipient.state != "read")
    if not session.scalar(unread.limit(1)):
        raise Refused(f"公告 {row.id} 所有人都已读，不用再发。")


def audited(session: Session, now: datetime, actor: str, action: str, row: Announcement) -> None:
    """One row of the audit trail, with the fingerprint: which words it was about can be proved, not read."""
    record(session, now, actor, f"announcement.{action}", f"announcement {row.id} {fingerprint_of(row)}")
