"""`flask init`: the schema, the shipped matters, and example answers to questions about them."""

from datetime import UTC, datetime

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy.orm import Session

from handlers import menu_cli
from handlers.knowledge import shipped_entries
from handlers.matters import shipped_matters
from models.knowledge import KnowledgeEntry, own_entries
from models.label import record_versions
from models.matter import Matter, bump_catalogue
from models.schema import upgrade


def load_matters(session: Session) -> tuple[int, int]:
    """Add new shipped matters and refresh those nobody edited here, and the example answers to questions about them.

    Returns (written, kept as edited) of the matters.
    """
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
    session.flush()
    load_knowledge(session)
    bump_catalogue(session)
    record_versions(session, "init", datetime.now(UTC))
    return len(shipped) - kept, kept


def load_knowledge(session: Session) -> int:
    """Add the example entries and refresh those nobody edited; none where the street has entries of its own.

    Invented answers must not stand beside real ones. Returns how many were written.
    """
    if own_entries(session):
        return 0
    shipped = shipped_entries()
    for facts in shipped:
        old = session.get(KnowledgeEntry, facts["code"])
        if old and old.edited:
            continue
        entry = old or KnowledgeEntry(edited=False)
        for name, value in facts.items():
            setattr(entry, name, value)
        session.add(entry)
    return len(shipped)


@click.command("init")
@with_appcontext
def init() -> None:
    """Create or upgrade the schema, load the shipped matters and example policy answers; safe to repeat."""
    office = current_app.extensions["yunge"]
    upgrade(office.database)
    with office.database.write() as session:
        written, kept = load_matters(session)
    click.echo(f"Schema is current. {written} matters loaded" + (f", {kept} kept as edited here." if kept else "."))
    click.echo("Next: flask import FOLDER, then flask serve.")


COMMANDS = (init, *menu_cli.COMMANDS)
