"""`flask work`, `flask serve` and `flask doctor`."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import asdict

import click
from flask import current_app
from flask.cli import with_appcontext

from bot.doctor import examine
from bot.group_push import GroupPush
from bot.office import Office
from bot.official_account_api import OfficialAccountApi
from bot.server import die_with_parent, require_schema
from bot.token_store import SqlTokenStore
from scheduler.deliver import Courier
from scheduler.timetable import Timetable


def account_of(office: Office) -> OfficialAccountApi:
    tokens = SqlTokenStore(office.database, f"official_account:{office.settings.official_account.app_id}", office.now)
    return OfficialAccountApi(office.settings, tokens, office.now)


def courier_of(office: Office) -> Courier:
    """Delivery through the real doors; one of each a process, since the circuit breaker lives in them."""
    return Courier(office, account_of(office), GroupPush(office.settings))


@click.command("work")
@with_appcontext
def work() -> None:
    """Deliver what was promised and keep the clocks; any number, on any machine, one leads."""
    office: Office = current_app.extensions["yunge"]
    die_with_parent(int(os.environ.get("YUNGE_PARENT", "0") or 0))
    require_schema(office)
    timetable = Timetable(office, courier_of(office))
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: timetable.stop())
    timetable.run()


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a finding.")
@with_appcontext
def doctor(as_json: bool) -> None:
    """Check config, database, schema, reachability, tokens, IP allow-list, calendar, workers; say what to do."""
    office: Office = current_app.extensions["yunge"]
    findings = list(examine(office, account_of(office)))
    for finding in findings:
        if as_json:
            click.echo(json.dumps(asdict(finding), ensure_ascii=False))
        else:
            click.echo(f"{'ok  ' if finding.well else 'LOOK'} {finding.name}: {finding.text}")
            if not finding.well:
                click.echo(f"       {finding.remedy}")
    sys.exit(0 if all(finding.well for finding in findings) else 1)


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
        sys.exit("One of web and work has ended; see above.")
    except KeyboardInterrupt:
        pass
    finally:
        for child in children:
            child.terminate()
        for child in children:
            child.wait(timeout=20)


COMMANDS = (work, serve, doctor)
