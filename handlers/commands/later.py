"""吹哨, 报到, 延期, 挂账: known words of the field that this version cannot carry out yet; said so, never silent."""

from bot.command import Command, GroupTurn


def _run(turn: GroupTurn, _words: str) -> str:
    return "吹哨、报到、延期、挂账还没有开通。请先电话联系部门或上级，并用“回复 编号 内容”告诉居民；工单不受影响。"


COMMAND = Command(verbs=("吹哨", "报到", "延期", "挂账"), form="吹哨 1024 城管 说明", run=_run, about_ticket=False)
