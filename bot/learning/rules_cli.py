"""`flask rules`: what a change would do, and how a matter's rules came to be."""

import json
import sys
from collections import Counter
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_VERDICTS = {"better": "better", "worse": "WORSE ", "unknown": "?     "}
MOST_LINES = 40


@click.group("rules")
def rules() -> None:
    """Try a change of the rules against past messages; see a matter's versions."""


@rules.command("try")
@click.argument("path", metavar="FILE", type=_FILE)
@click.option("--messages", default=5000, show_default=True, help="How many of the newest messages to try it on.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@with_appcontext
def try_change(path: Path, messages: int, as_json: bool) -> None:
    """Say which past messages would be taken differently with the matters of FILE (.toml or matters.csv).

    Better and worse are judged by what residents, workers and staff corrected, and by tickets that ended well.
    Nothing is changed.
    """
    from bot.learning.current_catalogue import current_catalogue
    from bot.learning.trial import BadChange, changed, differences, heard

    office = current_app.extensions["yunge"]
    catalogue = current_catalogue(office)
    try:
        after = catalogue.understanding(changed(catalogue.definitions, path))
    except BadChange as error:
        sys.exit(str(error))
    with office.database.read() as session:
        said = heard(session, messages)
    before = catalogue.understanding(catalogue.definitions)
    with click.progressbar(
        differences(said, before, after), length=len(said), label="Trying", file=sys.stderr
    ) as found:
        changes = [difference for difference in found if difference]
    counts = Counter(change.verdict for change in changes)
    if as_json:
        lines = [{"text": c.text, "before": c.before, "after": c.after, "verdict": c.verdict} for c in changes]
        click.echo(json.dumps({"tried": len(said), **counts, "changes": lines}, ensure_ascii=False))
        return
    click.echo(f"{len(said)} messages tried, {len(changes)} change: "
               f"{counts['better']} better, {counts['worse']} worse, {counts['unknown']} nobody has judged.")  # fmt: skip
    for change in sorted(changes, key=lambda c: (c.verdict != "worse", c.verdict == "unknown"))[:MOST_LINES]:
        click.echo(f"  {_VERDICTS[change.verdict]} {change.before} → {change.after}  {change.text[:60]}")


@rules.command("history")
@click.argument("code")
@with_appcontext
def history(code: str) -> None:
    """Show the versions of one matter's rules: when, by whom, and which lines came and went."""
    from sqlalchemy import select

    from models.label import MatterVersion

    office = current_app.extensions["yunge"]
    with office.database.read() as session:
        query = select(MatterVersion).where(MatterVersion.matter_code == code).order_by(MatterVersion.id)
        versions = list(session.scalars(query))
    if not versions:
        sys.exit(f"No version of {code} is kept. See flask init, and the codes in flask export matters.")
    earlier: set[str] = set()
    for version in versions:
        lines = set(version.facts["keywords"])
        click.echo(
            f"revision {version.revision}  {version.at:%Y-%m-%d %H:%M}  {version.changed_by}  {len(lines)} rules"
        )
        if earlier:
            for line in sorted(lines - earlier):
                click.echo(f"  + {line}")
            for line in sorted(earlier - lines):
                click.echo(f"  - {line}")
        earlier = lines


COMMANDS = (rules,)
