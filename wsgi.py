"""Composition root: settings, database, handlers and doors become one application; `flask` finds `create_app`.

`create_app` is for commands and tests; `web` is what a server process loads: it knows the catalogue by heart before
the first message, and does not outlive the process that started it.
"""

import os
import sys
from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from flask import Flask

from bot.config import ConfigError, Settings, load_settings
from bot.logs import begin_logs
from bot.office import Office
from bot.steady_clock import clock_for
from models.database import Database

T = TypeVar("T")


def create_app(settings: Settings | None = None, now: Callable[[], datetime] | None = None) -> Flask:
    """The whole application for these settings (default: the configuration). Raises ConfigError."""
    from bot import cli as bot_commands
    from bot.cover_door import cover_door
    from bot.group_bot import group_bot_door
    from bot.health import health_door
    from bot.official_account import official_account_door
    from bot.subscribe_page import subscribe_page
    from handlers import all_commands, all_services
    from handlers import cli as handler_commands
    from models import cli as model_commands
    from scheduler import cli as scheduler_commands

    begin_logs()
    settings = settings or _or_exit(load_settings)
    now = now or _or_exit(lambda: clock_for(settings))
    office = Office(settings, Database(settings.database.url), all_services(), all_commands(), now)
    app = Flask("yunge", static_folder=None)
    app.extensions["yunge"] = office
    for door in (
        official_account_door(settings, office, now),
        group_bot_door(settings, office, now),
        health_door(office),
        cover_door(office),
        subscribe_page(settings, office.database, now),
    ):
        app.register_blueprint(door)
    for folder in (model_commands, handler_commands, bot_commands, scheduler_commands):
        for command in folder.COMMANDS:
            app.cli.add_command(command)
    return app


def _or_exit(make: Callable[[], T]) -> T:
    """A wrong configuration ends the command with the words of the error, not with a trace."""
    try:
        return make()
    except ConfigError as error:
        if "pytest" in sys.modules:
            raise
        sys.exit(f"{error}")


def web() -> Flask:
    """One server process."""
    from bot.server import die_with_parent

    die_with_parent(int(os.environ.get("YUNGE_PARENT", "0") or 0))
    app = create_app()
    app.extensions["yunge"].catalogue  # noqa: B018 (read it now, not at the first message)
    return app
