"""`flask init`: the schema, and the shipped matters."""

from datetime import UTC, datetime

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy.orm import Session

from handlers.matters import shipped_matters
from models.label import record_versions
from models.matter import Matter, bump_catalogue
from models.schema import upgrade


def load_matters(session: Session) -> tuple[int, int]:
    """Add new shipped matters and refresh those nobody edited here. Returns (written, kept as edited)."""
    kept = 0
    shipped = shipped_matters()
    for facts in shipped:
        old = session.get(Matter, facts["code"])
        if old and old.edited:
            kept += 1
            continue
        matter = old or Matter(edited=False)
        for name, value in facts.items():
            setattr(matter, name, value)
        session.add(matter)
    bump_catalogue(session)
    record_versions(session, "init", datetime.now(UTC))
    return len(shipped) - kept, kept


@click.command("init")
@with_appcontext
def init() -> None:
    """Create or upgrade the schema and load the shipped matters; safe to repeat."""
    office = current_app.extensions["yunge"]
    upgrade(office.database)
    with office.database.write() as session:
        written, kept = load_matters(session)
    click.echo(f"Schema is current. {written} matters loaded" + (f", {kept} kept as edited here." if kept else "."))
    click.echo("Next: flask import FOLDER, then flask serve.")


COMMANDS = (init,)
