"""`flask web` and `flask classify`."""

import json
import os
import sys
from dataclasses import asdict

import click
from flask import current_app
from flask.cli import with_appcontext

from bot import announce_cli, remind_cli
from bot.catalogue import Catalogue
from bot.knowledge import cli as knowledge_cli
from bot.learning import cli as learning
from bot.learning import rules_cli
from bot.understanding import Reading, standard_words, written


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
    reading = catalogue.understanding.read(text)
    understood = reading.understood
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
        "margin": understood.margin,
        "place": shown if place.kind != "none" else None,
        "decision": decision.action,
        "would_file": list(decision.matters),
        "steps": _steps(text, reading),
    }


def _steps(text: str, reading: Reading) -> dict[str, object]:
    """What became of the words on the way, in order."""
    ranking = reading.ranking
    return {
        "written": written(text),
        "replaced": [f"{dialect}→{standard}" for dialect, standard in standard_words(written(text))[1]],
        "places_cut_out": list(reading.places),
        "matters_see": reading.shown,
        "tokens": list(ranking.tokens),
        "rules": {
            matter.code: [f"{hit.source} ({hit.weight:g})" for hit in ranking.hits.get(matter.code, ())]
            for matter in reading.understood.matters
        },
        "likeness": {
            code: round(share, 2) for code, share in sorted(ranking.alike.items(), key=lambda pair: -pair[1])[:5]
        },
        "kinds": {kind: [hit.source for hit in hits] for kind, hits in reading.signs.hits.items()},
        "whole": reading.signs.whole,
        "alarm": _alarm(reading),
    }


def _alarm(reading: Reading) -> dict[str, float]:
    """What speaks for danger now and what against it; `loudness` is all of it."""
    if not (alarm := reading.alarm):
        return {}
    return {"loudness": round(alarm.loudness, 1)} | {
        sign: round(part, 1) for sign, part in alarm.parts().items() if part
    }


def _readable(catalogue: Catalogue, found: dict) -> str:  # type: ignore[type-arg]
    steps = found["steps"]
    lines = [f"{found['kind']} → {found['decision']} {'、'.join(found['would_file'])}"]
    lines += [f"  written: {steps['written']}", f"  normalised: {found['normalised']}"]
    lines += [f"  replaced: {'、'.join(steps['replaced'])}"] if steps["replaced"] else []
    if steps["matters_see"] != found["normalised"]:
        lines.append(f"  matters see: {steps['matters_see']}")
    lines += [f"  tokens: {' / '.join(steps['tokens'])}"]
    lines += [f"  kind {kind}: {'；'.join(rules)}" for kind, rules in steps["kinds"].items()]
    lines += [f"  whole message: {steps['whole']}"] if steps["whole"] else []
    for score in found["matters"]:
        name = catalogue.matter_names.get(score["code"], "")
        alike = steps["likeness"].get(score["code"], 0)
        lines.append(
            f"  {score['score']:6.2f}  {score['code']} {name} (likeness {alike})  ← {'；'.join(score['rules'])}"
        )
    lines += [f"  margin: {found['margin']}"] if found["matters"] else []
    if alarm := steps["alarm"]:
        lines.append("  alarm: " + " ".join(f"{sign} {part:+g}" for sign, part in alarm.items()))
    if place := found["place"]:
        lines.append(f"  place: {place['kind']} {place['raw']} {' '.join(place['buildings'])}")
    return "\n".join(lines)


COMMANDS = (
    web,
    classify,
    *learning.COMMANDS,
    *rules_cli.COMMANDS,
    *announce_cli.COMMANDS,
    *remind_cli.COMMANDS,
    *knowledge_cli.COMMANDS,
)
