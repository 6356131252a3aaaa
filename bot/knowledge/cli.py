"""`flask knowledge`: the answers staff maintain, what is asked in vain, and what has to be looked through."""

import csv
import io
import json
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from flask import current_app
from flask.cli import with_appcontext

if TYPE_CHECKING:
    from bot.office import Office
    from models.knowledge import KnowledgeEntry

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_JSON = click.option("--json", "as_json", is_flag=True, help="For machines.")
MOST_PROBLEMS = 200


def _office() -> "Office":
    from bot.server import require_schema

    office: Office = current_app.extensions["yunge"]
    require_schema(office)
    return office


def _today(office: "Office") -> date:
    return office.now().astimezone(office.settings.deployment.zone).date()


def _entries(office: "Office") -> "list[KnowledgeEntry]":
    from models.knowledge import all_entries

    with office.database.read() as session:
        return all_entries(session)


def _facts(entry: "KnowledgeEntry") -> dict[str, Any]:
    from bot.knowledge.table import COLUMNS

    facts = {name: getattr(entry, name) for name in COLUMNS}
    dated = {name: value.isoformat() if isinstance(value, date) else value for name, value in facts.items()}
    return {**dated, "example": entry.example, "edited": entry.edited}


@click.group("knowledge")
def knowledge() -> None:
    """Policy answers: list, show, import, export; what is asked in vain; what is out of date."""


@knowledge.command("list")
@_JSON
@with_appcontext
def list_(as_json: bool) -> None:
    """Every entry, one a line."""
    for entry in _entries(_office()):
        if as_json:
            click.echo(json.dumps(_facts(entry), ensure_ascii=False))
        else:
            area = f"  [{entry.area_code}]" if entry.area_code else ""
            click.echo(f"{entry.code:24} {'example ' if entry.example else ''}{entry.title}{area}")


@knowledge.command("show")
@click.argument("code")
@_JSON
@with_appcontext
def show(code: str, as_json: bool) -> None:
    """One entry with everything that is known of it."""
    entry = next((entry for entry in _entries(_office()) if entry.code == code), None)
    if not entry:
        sys.exit(f"There is no entry {code}. See flask knowledge list.")
    facts = _facts(entry)
    if as_json:
        click.echo(json.dumps(facts, ensure_ascii=False))
        return
    for name, value in facts.items():
        click.echo(f"{name}: {'；'.join(value) if isinstance(value, list) else '' if value is None else value}")


@knowledge.command("import")
@click.argument("path", metavar="FILE.csv", type=_FILE)
@click.option("--replace-examples", is_flag=True, help="Remove the shipped examples that are not in FILE.")
@_JSON
@with_appcontext
def import_(path: Path, replace_examples: bool, as_json: bool) -> None:
    """Add or replace the entries of FILE.csv, all of them or none.

    Columns: code, title, questions (between semicolons), answer; and source, matter_code, area_code, effective_from,
    effective_until, review_on, owner.
    """
    from bot.knowledge.table import read_rows, settle_questions, write_rows
    from models.importing import BadImport

    office = _office()
    try:
        rows = read_rows(path)
        understanding = office.catalogue.understanding
        with office.database.write() as session:
            written = write_rows(session, path.name, rows, replace_examples)
            settled = settle_questions(session, understanding, office.now())
    except BadImport as bad:
        for problem in bad.problems[:MOST_PROBLEMS]:
            click.echo(str(problem), err=True)
        sys.exit(f"Nothing was imported: {len(bad.problems)} problem(s). Mend the file and import again.")
    if as_json:
        click.echo(json.dumps({"imported": written, "open_questions_answered": settled}))
    else:
        click.echo(
            f"Imported: {written} entries; {settled} open questions have an answer now. See flask knowledge check."
        )


@knowledge.command("export")
@_JSON
@with_appcontext
def export(as_json: bool) -> None:
    """All entries on standard output, as CSV that can be imported again."""
    from bot.knowledge.table import COLUMNS, as_cells

    entries = _entries(_office())
    if as_json:
        for entry in entries:
            click.echo(json.dumps(_facts(entry), ensure_ascii=False))
        return
    lines = io.StringIO()
    writer = csv.DictWriter(lines, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(as_cells(entry) for entry in entries)
    click.echo(lines.getvalue(), nl=False)


@knowledge.command("gaps")
@click.option("--drop", metavar="ID", type=int, help="Take a question off the list: nobody is going to answer it here.")
@_JSON
@with_appcontext
def gaps(drop: int | None, as_json: bool) -> None:
    """What residents asked and no entry answers, most often asked first."""
    from models.knowledge import OpenQuestion, open_questions

    office = _office()
    if drop is not None:
        with office.database.write() as session:
            question = session.get(OpenQuestion, drop)
            if question:
                question.state = "dropped"
        if not question:
            sys.exit(f"There is no open question {drop}. See flask knowledge gaps.")
        click.echo(f"Dropped: {question.text}")
        return
    zone = office.settings.deployment.zone
    with office.database.read() as session:
        waiting = open_questions(session)
    for question in waiting:
        last = question.last_at.astimezone(zone)
        if as_json:
            facts = {"id": question.id, "text": question.text, "times": question.times, "nearest": question.nearest}
            click.echo(json.dumps({**facts, "last_at": last.isoformat()}, ensure_ascii=False))
        else:
            near = f"  (nearest: {question.nearest})" if question.nearest else ""
            click.echo(f"{question.id:6} {question.times:4}×  {last:%Y-%m-%d}  {question.text}{near}")
    if not waiting and not as_json:
        click.echo("Nobody asked in vain.")


@knowledge.command("check")
@_JSON
@with_appcontext
def check(as_json: bool) -> None:
    """Entries that need a look; ends with 1 if there are any."""
    from bot.knowledge.table import lost_forms

    office = _office()
    today, entries = _today(office), _entries(office)
    office.refresh()
    catalogue = office.catalogue
    found: dict[str, list[Any]] = {
        "out_of_date": [e.code for e in entries if e.effective_until and e.effective_until < today],
        "to_be_reviewed": [e.code for e in entries if e.review_on and e.review_on <= today],
        "without_forms": [e.code for e in entries if not e.questions],
        "form_does_not_find_it": [list(row) for row in lost_forms(catalogue.knowledge, catalogue.understanding)],
    }
    examples = sum(entry.example for entry in entries)
    if as_json:
        click.echo(json.dumps({"entries": len(entries), "examples": examples, **found}, ensure_ascii=False))
    else:
        for name, lines in found.items():
            for line in lines:
                click.echo(
                    f"{name.replace('_', ' ')}: {' → '.join(filter(None, line)) if isinstance(line, list) else line}"
                )
        click.echo(f"{len(entries)} entries looked through.")
        if examples:
            click.echo(
                f"{examples} are examples of a fictional street: flask knowledge import FILE.csv --replace-examples"
            )
    sys.exit(1 if any(found.values()) else 0)


COMMANDS = (knowledge,)
