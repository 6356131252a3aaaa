"""退单: hand it back to the level above with a reason; a limited number of times."""

from bot.command import Command, GroupTurn
from models.area import line_of, turn_of
from models.database import Refused
from models.transitions import move_of


def _run(turn: GroupTurn, words: str) -> str:
    ticket = turn.ticket
    assert ticket
    if not words:
        raise Refused(f"请写明理由，例如：退单 {ticket.number} 不在本网格")
    if ticket.ruled:
        raise Refused(f"#{ticket.number} 上级已裁定由谁办，不能再退。有困难请发：延期、挂账或吹哨。")
    limit = turn.office.settings.promises.return_limit
    if ticket.returns >= limit:
        raise Refused(
            f"#{ticket.number} 已退过{ticket.returns}次，不能再退，请上一级发：裁定 {ticket.number} 部门或网格 理由"
        )
    line = line_of(turn.session, ticket.turn_code)
    above = line[1] if len(line) > 1 else line[0]
    turn.move("return", note=words, changes={**turn_of(above), "department_code": None})
    return f"#{ticket.number} 已退回{above.name}重新安排。"


COMMAND = Command(verbs=move_of("return").verbs, form="退单 1024 不在本网格", run=_run, action="return")
