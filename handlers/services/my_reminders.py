"""我的提醒: the resident's own reminders with their next times."""

from bot.message import Reply
from bot.reminding import line_of_reminder
from bot.service import Service
from bot.turn import Turn
from models.reminder import own_reminders


def _fulfil(turn: Turn) -> Reply:
    own = own_reminders(turn.session, turn.resident.id)
    if not own:
        return Reply("您还没有提醒。这样说就能设：提醒我 每月5号 交物业费")
    lines = [f"{number}. {line_of_reminder(turn.office, row, turn.now)}" for number, row in own.items()]
    return Reply("\n".join(["您的提醒：", *lines, f"不要哪个，回复“取消提醒 {next(iter(own))}”。"]))


SERVICE = Service(code="my_reminders", name="", words=("我的提醒", "查看提醒"), fulfil=_fulfil)
