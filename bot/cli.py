"""`flask web` and `flask classify`."""

import json
import os
import sys
from dataclasses import asdict

import click
from flask import current_app
from flask.cli import with_appcontext

from bot.catalogue import Catalogue


@click.command("web")
@click.option("--bind", metavar="HOST:PORT", help="Default: [server] bind.")
@with_appcontext
def web(bind: str | None) -> None:
    """Serve the callbacks; any number, on any machine."""
    from bot.server import die_with_parent, require_schema, serve

    die_with_parent(int(os.environ.get("YUNGE_PARENT", "0") or 0))
    settings = current_app.extensions["yunge"].settings
    if not settings.official_account.token.get_secret_value() and not settings.group_bot.token.get_secret_value():
        sys.exit("Nothing could be received: copy config.example.toml to config.toml and fill in the two tokens.")
    require_schema(current_app.extensions["yunge"])
    current_app.extensions["yunge"].database.close()
    serve(settings, bind or settings.server.bind)


@click.command("classify")
@click.argument("text")
@click.option("--json", "as_json", is_flag=True, help="One JSON object; with TEXT “-” one a line of standard input.")
@with_appcontext
def classify(text: str, as_json: bool) -> None:
    """Say what would be understood of TEXT, and why: matters, score, the rules that hit, place, decision."""
    catalogue = current_app.extensions["yunge"].catalogue
    for line in sys.stdin if text == "-" else [text]:
        found = _found(catalogue, line.rstrip("\n"))
        click.echo(json.dumps(found, ensure_ascii=False) if as_json or text == "-" else _readable(catalogue, found))


def _found(catalogue: Catalogue, text: str) -> dict[str, object]:
    understood = catalogue.understanding.understand(text)
    decision = catalogue.understanding.decide(understood)
    place = catalogue.gazetteer.find(text)
    shown = {"kind": place.kind, "raw": place.raw, "buildings": [b.code for b in place.buildings[:9]], "estate": place.estate,
             "unit": place.unit, "room": place.room}  # fmt: skip
    return {
        "text": text,
        "normalised": understood.text,
        "kind": understood.kind,
        "emergency": understood.emergency,
        "resolved": understood.resolved,
        "matters": [asdict(score) for score in understood.matters[:5]],
        "place": shown if place.kind != "none" else None,
        "decision": decision.action,
        "would_file": list(decision.matters),
    }


def _readable(catalogue: Catalogue, found: dict) -> str:  # type: ignore[type-arg]
    lines = [f"{found['kind']} → {found['decision']} {'、'.join(found['would_file'])}"]
    for score in found["matters"]:
        name = catalogue.matter_names.get(score["code"], "")
        lines.append(f"  {score['score']:6.2f}  {score['code']} {name}  ← {'；'.join(score['rules'])}")
    if place := found["place"]:
        lines.append(f"  place: {place['kind']} {place['raw']} {' '.join(place['buildings'])}")
    return "\n".join(lines)


COMMANDS = (web, classify)
