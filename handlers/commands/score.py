"""评分: the grid that whistled scores each department, one to five."""

import re

from bot.command import Command, GroupTurn
from bot.named_receiver import department_named
from models.area import group_of_department
from models.database import Refused
from models.telling import tell_group
from models.transitions import move_of
from models.whistle import Whistle, whistles_of

FORM = "评分 1024 城管 5"


def _run(turn: GroupTurn, words: str) -> str:
    ticket = turn.ticket
    assert ticket
    found = re.search(r"([1-5])\s*分?\s*$", words)
    if not found:
        raise Refused(f"请打 1 到 5 分，例如：{FORM}")
    whistle = _meant(turn, words[: found.start()].strip(" ，,：:"))
    if any(posting.department_code == whistle.department_code for posting in turn.postings):
        raise Refused("自己部门不能给自己打分。")
    whistle.score = int(found[1])
    event = turn.move("score", note=f"{whistle.department.name} {whistle.score}分")
    if group := group_of_department(turn.session, whistle.department_code):
        tell_group(turn.session, ticket, event, group, "score", turn.now)
    return f"#{ticket.number} 已给{whistle.department.name}打{whistle.score}分。"


def _meant(turn: GroupTurn, name: str) -> Whistle:
    """The department that is named, or the only one with a result and no score. Raises Refused."""
    assert turn.ticket
    answered = [whistle for whistle in whistles_of(turn.session, turn.ticket.number) if whistle.result_at]
    if name:
        department = department_named(turn, name)
        answered = [w for w in answered if department and w.department_code == department.code][-1:]
    open_ones = [whistle for whistle in answered if whistle.score is None] or (answered if name else [])
    if len(open_ones) == 1:
        return open_ones[0]
    if not open_ones:
        raise Refused(f"#{turn.ticket.number} 没有等评分的部门结果。")
    raise Refused(f"请写给哪个部门：{'、'.join(w.department.name for w in open_ones)}，例如：{FORM}")


COMMAND = Command(verbs=move_of("score").verbs, form=FORM, run=_run, action="score", quoted_as="请打分（1 到 5）")
