"""吹哨: a grid summons one or more departments onto a ticket; it stays with whoever received it first."""

import re

from bot.command import Command, GroupTurn
from bot.named_receiver import department_named
from bot.times import moment_words
from models import clock as clocks
from models.area import Department, group_of_department
from models.database import Refused
from models.telling import NOWHERE, tell_group
from models.transitions import move_of
from models.whistle import Whistle, whistled

FORM = "吹哨 1024 城管 消防 占道堆物"


def _run(turn: GroupTurn, words: str) -> str:
    ticket = turn.ticket
    assert ticket
    departments, reason = _named(turn, words)
    if not departments:
        raise Refused(f"请写叫哪个部门，例如：{FORM}")
    turn.take_if_nobody_has()
    due = [_call(turn, department, reason) for department in departments]
    names = "、".join(department.name for department in departments)
    zone = turn.office.settings.deployment.zone
    return f"#{ticket.number} 已吹哨{names}，{moment_words(max(due), turn.now, zone)} 前报到，不到会逐级上报。"


def _named(turn: GroupTurn, words: str) -> tuple[list[Department], str]:
    """城管、消防 占道堆物 → both departments, and what for. Raises Refused for one that cannot be called."""
    found: list[Department] = []
    rest = words.strip()
    while rest:
        name, _, behind = re.sub(r"^[\s,，、和跟]+", "", rest).partition(" ")
        several = [part for part in re.split(r"[,，、和跟]", name) if part]
        departments = [department_named(turn, part) for part in several]
        if not departments or not all(departments):
            break
        found += [department for department in departments if department and department not in found]
        rest = behind
    for department in found:
        _may_be_called(turn, department)
    return found, rest.strip(" ,，。:：") or "请到场处理"


def _may_be_called(turn: GroupTurn, department: Department) -> None:
    assert turn.ticket
    if department.code == turn.ticket.department_code:
        raise Refused(f"#{turn.ticket.number} 本来就由{department.name}办理，不用吹哨。")
    earlier = whistled(turn.session, turn.ticket.number, department.code)
    if earlier and not earlier.result_at:
        state = "已报到，还在办" if earlier.reported_at else "还没报到，超时会逐级上报"
        raise Refused(f"{department.name}已经吹过哨了，{state}。")


def _call(turn: GroupTurn, department: Department, reason: str):  # type: ignore[no-untyped-def]
    """One department: its row, its event, its clock and its card. Returns until when it has to report in."""
    ticket = turn.ticket
    assert ticket
    whistle = Whistle(
        ticket_number=ticket.number, department_code=department.code, area_code=ticket.area_code,
        called_by=turn.person.key, called_at=turn.now, note=reason, reported_by="", result="",
    )  # fmt: skip
    turn.session.add(whistle)
    turn.session.flush()
    event = turn.move("whistle", note=f"{department.name}：{reason}")
    clock = clocks.start(
        turn.session, ticket.number, "report_in", ticket.matter.timing, turn.office.promises, turn.now,
        whistle_id=whistle.id,
    )  # fmt: skip
    group = group_of_department(turn.session, department.code) or NOWHERE
    tell_group(turn.session, ticket, event, group, "whistle", turn.now, {"whistle": whistle.id})
    return clock.due_at


COMMAND = Command(verbs=move_of("whistle").verbs, form=FORM, run=_run, action="whistle")
