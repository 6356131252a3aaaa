"""同意: the level above grants what was asked for."""

from bot.approval import decide
from bot.command import Command
from models.transitions import move_of

COMMAND = Command(verbs=move_of("approve").verbs, form="同意 1024", run=decide, action="approve")
