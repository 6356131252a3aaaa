"""帮助: one line of what can be said."""

from bot.command import Command
from bot.group_talk import HELP

COMMAND = Command(verbs=("帮助", "怎么用", "?"), form="", run=lambda _turn, _words: HELP, about_ticket=False)
