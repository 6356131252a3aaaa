"""`flask evaluate` and `flask learn`."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click
from flask import current_app
from flask.cli import with_appcontext

if TYPE_CHECKING:
    from bot.learning.evaluate import Judge
    from bot.learning.labelled import LabelledFile
    from bot.learning.report import Report

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_CODE = frozenset("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-")


@click.command("evaluate")
@click.argument("path", metavar="FILE", type=_FILE)
@click.option("--rules", "rules_path", metavar="RULES.toml", type=_FILE, help="Instead of the catalogue, or beside it.")
@click.option("--knowledge", is_flag=True, help="Policy answers instead: FILE has columns text and entry.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@with_appcontext
def evaluate(path: Path, rules_path: Path | None, knowledge: bool, as_json: bool) -> None:
    """Say how often the rules are right on texts whose matter is known.

    FILE.csv has columns text and matter (or label); FILE.jsonl is written as in tests/understanding.
    With --knowledge a text without an entry is one that no entry may answer.
    """
    if knowledge:
        _evaluate_knowledge(path, as_json)
        return
    from bot.learning.evaluate import evaluation, judged
    from bot.learning.labelled import BadLabels, read_labelled
    from bot.learning.report import evaluation_text
    from bot.learning.rule_file import BadRuleFile

    try:
        labelled = read_labelled(path)
        judge, known = _judge(rules_path)
    except (BadLabels, BadRuleFile) as error:
        sys.exit(str(error))
    if labelled.labels and not set(labelled.labels) & set(known):
        sys.exit(
            f"The rules know none of the labels of {path.name} ({', '.join(labelled.labels[:5])}). "
            "Name the file of their rules with --rules, or mine one with flask learn."
        )
    with click.progressbar(labelled.rows, label="Reading", file=sys.stderr) as rows:
        results = list(judged(rows, judge))
    found = {**evaluation(results, known), "left_out": labelled.left_out}
    click.echo(json.dumps(found, ensure_ascii=False) if as_json else evaluation_text(found))


def _evaluate_knowledge(path: Path, as_json: bool) -> None:
    from bot.knowledge.evaluate import BadQuestions, knowledge_evaluation, knowledge_text, read_questions

    _codes()
    catalogue = current_app.extensions["yunge"].catalogue
    try:
        found = knowledge_evaluation(read_questions(path), catalogue.knowledge, catalogue.understanding)
    except BadQuestions as error:
        sys.exit(str(error))
    click.echo(json.dumps(found, ensure_ascii=False) if as_json else knowledge_text(found))


@click.command("learn")
@click.argument("path", metavar="FILE", type=_FILE)
@click.option("--per-class", "most", type=click.IntRange(1, 2000), help="Rules a label, at most. [100; beside 10]")
@click.option("--out", metavar="RULES.toml", type=click.Path(dir_okay=False, path_type=Path), required=True)
@click.option("--beside/--alone", default=None, help="Beside the catalogue's rules. [if all labels are its matters]")
@click.option("--json", "as_json", is_flag=True, help="One JSON object with what every rule is worth.")
@with_appcontext
def learn(path: Path, most: int | None, out: Path, beside: bool | None, as_json: bool) -> None:
    """Mine readable weighted rules from FILE (columns text and matter or label) into RULES.toml.

    Rows are held back in turn to see what the rules are worth. With labels that are matters the rules are proposals
    to look through and copy into the catalogue: nothing else is changed. The file's form: bot/learning/rule_file.py.
    """
    from bot.learning.labelled import BadLabels, read_labelled

    _refuse(out)
    try:
        labelled = read_labelled(path)
        matters = beside if beside is not None else _are_matters(labelled.labels)
        report = _learn_beside(labelled, most or 10) if matters else _learn_alone(labelled, most or 100)
    except BadLabels as error:
        sys.exit(str(error))
    out.write_text(report.file.text(report.remarks), encoding="utf-8")
    facts = {"rows": len(labelled.rows), "left_out": labelled.left_out, **report.facts}
    click.echo(json.dumps(facts, ensure_ascii=False) if as_json else f"{report.text}\nWritten: {out}")


def _learn_alone(labelled: "LabelledFile", most: int) -> "Report":
    from bot.learning.learn import ROUNDS, learn
    from bot.learning.report import of_learnt

    with click.progressbar(length=ROUNDS, label="Mining", file=sys.stderr) as bar:
        return of_learnt(learn(labelled.rows, most, bar.update))


def _learn_beside(labelled: "LabelledFile", most: int) -> "Report":
    from bot.learning.beside import ROUNDS, learn_beside
    from bot.learning.current_catalogue import current_catalogue
    from bot.learning.report import of_proposal

    if strange := sorted(set(labelled.labels) - set(_codes())):
        click.echo(f"Left aside, no matter of the catalogue: {', '.join(strange[:10])}.", err=True)
    catalogue = current_catalogue(current_app.extensions["yunge"])
    with click.progressbar(length=ROUNDS, label="Mining", file=sys.stderr) as bar:
        return of_proposal(
            learn_beside(labelled.rows, catalogue.definitions, catalogue.understanding, most, bar.update)
        )


def _judge(rules_path: Path | None) -> "tuple[Judge, list[str]]":
    """Who is to be evaluated, and the labels it knows. Raises BadRuleFile, BadLabels."""
    from bot.learning.beside import with_rules
    from bot.learning.current_catalogue import current_catalogue
    from bot.learning.evaluate import by_catalogue, by_rules
    from bot.learning.rule_file import RuleRanking, load_rules

    file = load_rules(rules_path) if rules_path else None
    if file and file.scoring != "catalogue":
        return by_rules(RuleRanking(file)), [label.name for label in file.labels]
    known = _codes()
    if not file:
        return by_catalogue(current_app.extensions["yunge"].catalogue.understanding), known
    catalogue = current_catalogue(current_app.extensions["yunge"])
    return by_catalogue(catalogue.understanding(with_rules(catalogue.definitions, file))), known


def _codes() -> list[str]:
    """The matters of the catalogue; without a database the command ends with a word about what to do."""
    from bot.server import require_schema

    office = current_app.extensions["yunge"]
    require_schema(office)
    return list(office.catalogue.matter_names)


def _are_matters(labels: Sequence[str]) -> bool:
    """Asked of the catalogue only if they look like codes: titles can be learnt from without a database."""
    return bool(labels) and all(_CODE.issuperset(label) for label in labels) and set(labels) <= set(_codes())


def _refuse(out: Path) -> None:
    """Only a file of our own may be written over, never one of the catalogue."""
    if not out.parent.is_dir():
        sys.exit(f"There is no folder {out.parent}.")
    if out.exists() and "[[matter]]" in out.read_text(encoding="utf-8", errors="replace"):
        sys.exit(f"{out} belongs to the catalogue; rules that were mined go into a file of their own.")


COMMANDS = (evaluate, learn)
