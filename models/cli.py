"""`flask import` and `flask export`."""

import json
import sys
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

from models import audit
from models.exporting import KINDS, Exporter
from models.importing import BadImport, import_tables, read_tables
from models.label import record_versions


class _TriedOut(Exception):
    """Ends a dry run's transaction."""


@click.command("import")
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Check everything, write nothing.")
@with_appcontext
def import_(path: Path, dry_run: bool) -> None:
    """Import a folder of CSV files or one workbook: areas, buildings, people, postings, departments, groups, matters, calendar."""
    office = current_app.extensions["yunge"]
    try:
        tables = read_tables(path)
        with office.database.write() as session:
            counts = import_tables(session, tables, office.settings.deployment.zone)
            office.would_understand(session)
            record_versions(session, "import", office.now())
            if dry_run:
                raise _TriedOut
    except BadImport as bad:
        for problem in bad.problems[:200]:
            click.echo(str(problem), err=True)
        click.echo(f"Nothing was imported: {len(bad.problems)} problem(s). Mend the file and import again.", err=True)
        sys.exit(1)
    except _TriedOut:
        click.echo("Everything fits. Nothing was written (--dry-run).")
        return
    click.echo("Imported: " + ", ".join(f"{name} {number}" for name, number in counts.items()))


@click.command("export")
@click.argument("kind", type=click.Choice(sorted(KINDS)))
@click.option("--with-personal", is_flag=True, help="Personal fields in clear; leaves an audit row.")
@click.option("--json", "_json", is_flag=True, help="Accepted for symmetry: the output is always JSON lines.")
@with_appcontext
def export(kind: str, with_personal: bool, _json: bool) -> None:
    """Write all rows of a kind to standard output, one JSON object a line."""
    office = current_app.extensions["yunge"]
    if with_personal:
        with office.database.write() as session:
            audit.record(session, office.now(), "operator", "export.personal", kind)
    with office.database.read() as session:
        for line in Exporter(session, office.settings.deployment.zone, with_personal).lines(kind):
            click.echo(json.dumps(line, ensure_ascii=False))


COMMANDS = (import_, export)
