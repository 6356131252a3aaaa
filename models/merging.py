"""Merging 合并: workers make one ticket of two, and two of one again; the people go along and come back."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.clock import Promises
from models.database import Refused
from models.following import Follower, followers_of
from models.life import apply
from models.ticket import Actor, Ticket, ticket_for_update
from models.transitions import TO_DO


def merge(
    session: Session,
    source: Ticket,
    target: Ticket,
    actor: Actor,
    promises: Promises,
    now: datetime,
    *,
    surely: bool = False,
) -> int:
    """Close `source` as a duplicate of `target`; its reporter and followers follow `target` from now on.

    Two of different matters are merged only `surely`, and an emergency into nothing but its own matter.
    Returns how many came along. Raises Refused; then nothing has changed. Both tickets are held by the caller.
    The followers of `source` stay written on it: an undone merge finds them there.
    """
    _may_take(source, target)
    _same_matter(source, target, surely)
    apply(session, source, "merge", actor, promises, now, changes={"merged_into": target.number})
    reporter = Follower(
        resident_id=source.resident_id, text=source.text, building_code=source.building_code, place=source.place,
        door=source.door,
    )  # fmt: skip
    came = _bring(session, target, source.number, [reporter, *followers_of(session, source.number)], now)
    if came:
        note, count = f"#{source.number} 并入", target.followers + came
        apply(session, target, "follow", actor, promises, now, note=note, changes={"followers": count})
    return came


def _may_take(source: Ticket, target: Ticket) -> None:
    if source.number == target.number:
        raise Refused(f"#{source.number} 不能并到自己。")
    if target.merged_into:
        raise Refused(
            f"#{target.number} 已经并入 #{target.merged_into}。请发：合并 {source.number} {target.merged_into}"
        )
    if target.status not in TO_DO:
        state = "已经办结" if target.finished else "已报处置，在等居民确认"
        raise Refused(
            f"#{target.number} {state}，不能再并进去，#{source.number} 没有变。"
            f"其实还没办好，请先发：重开 {target.number} 原因，再合并；已经办好，请照常办 #{source.number}。"
        )


def _same_matter(source: Ticket, target: Ticket, surely: bool) -> None:
    if source.matter_code == target.matter_code:
        return
    named = f"#{source.number} {source.matter.name} 和 #{target.number} {target.matter.name} 不是同一类事，没有合并。"
    if source.matter.emergency:  # its people would wait for help against something else
        raise Refused(
            f"{named}紧急的事要单独有人到场。真是同一件、只是类别记错，请先发：改类 {source.number} {target.matter.name}"
        )
    if not surely:
        raise Refused(f"{named}确实是同一件，请发：合并 {source.number} {target.number} 确认")


def _bring(session: Session, target: Ticket, source: int, people: list[Follower], now: datetime) -> int:
    """Put these people on the target, unless they are on it already; returns how many are new."""
    query = select(Follower).where(Follower.ticket_number == target.number)
    known = {follower.resident_id: follower for follower in session.scalars(query)}
    came = 0
    for person in people:
        there = known.get(person.resident_id)
        if person.resident_id == target.resident_id or (there and not there.left_at):
            continue
        if not there:
            there = Follower(ticket_number=target.number, resident_id=person.resident_id)
            session.add(there)
        there.joined_at, there.left_at, there.came_with = now, None, source
        there.text, there.building_code, there.place, there.door = (
            person.text, person.building_code, person.place, person.door,
        )  # fmt: skip
        came += 1
    session.flush()
    return came


def unmerge(session: Session, source: Ticket, actor: Actor, promises: Promises, now: datetime) -> int:
    """Undo a merge: `source` waits to be signed again and its people go back to it. Returns where it had been.

    Raises Refused when it was not merged. Whoever has left meanwhile has left both.
    """
    into = source.merged_into
    if not into:
        raise Refused(f"#{source.number} 没有合并过，不用撤销。")
    gone = _take_back(session, source, into, actor, promises, now)
    lost = {follower.resident_id for follower in followers_of(session, source.number)} & gone
    for follower in followers_of(session, source.number):
        if follower.resident_id in lost:
            follower.left_at = now
    session.flush()
    changes = {"followers": source.followers - len(lost)}
    apply(session, source, "unmerge", actor, promises, now, note=f"原先并入 #{into}", changes=changes)
    return into


def _take_back(
    session: Session, source: Ticket, into: int, actor: Actor, promises: Promises, now: datetime
) -> set[int]:
    """Take who came with `source` off every ticket it was merged on into; returns who had left by themselves."""
    came_with, people, gone = source.number, None, set[int]()
    number: int | None = into
    while number and (ticket := ticket_for_update(session, number)):
        query = select(Follower).where(Follower.ticket_number == number, Follower.came_with == came_with)
        rows = [row for row in session.scalars(query) if people is None or row.resident_id in people]
        staying = [row for row in rows if not row.left_at]
        gone |= {row.resident_id for row in rows if row.left_at}
        people = {row.resident_id for row in rows}
        for row in staying:
            row.left_at = now
        if staying:
            note, count = f"#{source.number} 撤销合并", ticket.followers - len(staying)
            apply(session, ticket, "unfollow", actor, promises, now, note=note, changes={"followers": count})
        came_with, number = number, ticket.merged_into
    return gone
