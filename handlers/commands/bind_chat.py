"""绑定: say which area this chat is the group of; only by somebody with authority there."""

from bot.command import Command, GroupTurn
from bot.group_talk import Forbidden
from models import audit
from models.area import Area, Group
from models.authority import may_bind
from models.database import Refused
from models.masking import mask_id

REFUSED = "没有绑定。请核对辖区代码，并由本辖区网格长、专职网格员、指导员或上级工作人员来绑定。"


def _run(turn: GroupTurn, words: str) -> str:
    code = words.split()[0] if words else ""
    chat_id = turn.inbound.chat_id
    if not chat_id:
        raise Refused("请在要绑定的群里发：绑定 辖区代码")
    area = turn.session.get(Area, code) if code else None
    group = turn.session.get(Group, chat_id) or Group(chat_id=chat_id, webhook_key="", name="")
    if not area or not may_bind(turn.session, turn.postings, area.code) or not _may_take(turn, group):
        raise Forbidden(REFUSED, f"group.bind {mask_id(chat_id)} {code[:40]}")
    group.area_code, group.department_code, group.closed_reason = area.code, None, ""
    turn.session.add(group)
    audit.record(turn.session, turn.now, turn.person.key, "group.bind", f"{mask_id(chat_id)} {area.code}")
    push = (
        ""
        if group.webhook_key
        else f"本群还没有推送地址，请管理员在 groups.csv 里给群编号 {chat_id} 补上 webhook_key 再导入。"
    )
    return f"本群已绑定{area.name}。{push}"


def _may_take(turn: GroupTurn, group: Group) -> bool:
    """A chat that is already somebody's group is given away by those who may bind it there, and by nobody else."""
    if group.department_code:
        return False
    return not group.area_code or may_bind(turn.session, turn.postings, group.area_code)


COMMAND = Command(verbs=("绑定",), form="绑定 辖区代码", run=_run, about_ticket=False)
