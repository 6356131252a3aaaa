"""`flask work` and `flask serve`."""

import os
import signal
import subprocess
import sys

import click
from flask import current_app
from flask.cli import with_appcontext

from bot.group_push import GroupPush
from bot.office import Office
from bot.official_account_api import OfficialAccountApi
from bot.server import die_with_parent
from bot.token_store import SqlTokenStore
from scheduler.deliver import Courier
from scheduler.timetable import Timetable


def courier_of(office: Office) -> Courier:
    """Delivery through the real doors."""
    settings = office.settings
    tokens = SqlTokenStore(office.database, f"official_account:{settings.official_account.app_id}", office.now)
    return Courier(office, OfficialAccountApi(settings, tokens, office.now), GroupPush(settings))


@click.command("work")
@with_appcontext
def work() -> None:
    """Deliver what was promised and keep the clocks; any number, on any machine, one leads."""
    office: Office = current_app.extensions["yunge"]
    die_with_parent(int(os.environ.get("YUNGE_PARENT", "0") or 0))
    timetable = Timetable(office, courier_of(office))
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: timetable.stop())
    timetable.run()


@click.command("serve")
@click.option("--bind", metavar="HOST:PORT", help="Default: [server] bind.")
@with_appcontext
def serve(bind: str | None) -> None:
    """`web` and `work` together on this machine; ends when either ends."""
    flask = [sys.executable, "-m", "flask"]
    environment = {**os.environ, "YUNGE_PARENT": str(os.getpid())}
    children = [
        subprocess.Popen([*flask, "web", *(["--bind", bind] if bind else [])], env=environment),
        subprocess.Popen([*flask, "work"], env=environment),
    ]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        os.wait()
    except KeyboardInterrupt:
        pass
    finally:
        for child in children:
            child.terminate()
        for child in children:
            child.wait(timeout=20)


COMMANDS = (work, serve)
