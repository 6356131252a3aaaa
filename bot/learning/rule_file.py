"""A file of rules for any labels, to be read, corrected and tried out by people.

    scoring = "sum"           # the weights of the rules that hit are added up

    [[label]]
    name = "教育文体"          # what the rules speak for
    prior = -0.3              # added to its score in any case; 0 if left out
    rules = [
      "教师=2.4",             # rule lines as in bot/understanding/rules.py
      "医=-1.7",              # speaks against it
    ]

`scoring` is `sum`, or `halving` as in the catalogue (the heaviest rule in full, the next half, …), or `catalogue`:
the rules are meant to stand beside the keywords of the matter whose code is the name.
"""

import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.understanding import BadRule, normalise, parse_rule
from bot.understanding.rules import RuleBook, score

SCORINGS = ("sum", "halving", "catalogue")


class BadRuleFile(ValueError):
    """A rule file nobody can follow; the text says where."""


@dataclass(frozen=True, slots=True)
class LabelRules:
    """标签规则: what speaks for one label and against it."""

    name: str
    rules: tuple[str, ...]
    prior: float = 0.0
    notes: Mapping[str, str] = field(default_factory=dict)
    """Rule → a remark that is written behind it."""


@dataclass(frozen=True, slots=True)
class RuleFile:
    """规则文件: the rules of all labels, and how they are added up."""

    labels: tuple[LabelRules, ...]
    scoring: str = "sum"

    def text(self, remarks: Sequence[str] = ()) -> str:
        """As TOML, with remarks at the top."""
        lines = [f"# {_one_line(remark)}" for remark in remarks]
        lines += [f"scoring = {_quoted(self.scoring)}"]
        for label in self.labels:
            lines += ["", "[[label]]", f"name = {_quoted(label.name)}"]
            lines += [f"prior = {label.prior}"] if label.prior else []
            lines += ["rules = ["]
            for rule in label.rules:
                note = label.notes.get(rule)
                lines.append(f"  {_quoted(rule)}," + (f"  # {_one_line(note)}" if note else ""))
            lines.append("]")
        return "\n".join(lines) + "\n"


class RuleRanking:
    """规则排序: a rule file with `sum` or `halving`, ready to be asked; one pass over a text finds every rule."""

    def __init__(self, file: RuleFile) -> None:
        self._book = RuleBook({label.name: label.rules for label in file.labels})
        self._priors = {label.name: label.prior for label in file.labels}
        self._halving = file.scoring == "halving"

    def rank(self, text: str) -> list[tuple[str, float]]:
        """Every label with its score, best first; the same text always gives the same order."""
        scores = dict(self._priors)
        for name, hits in self._book.find(normalise(text)).items():
            scores[name] += score(hits) if self._halving else sum(hit.weight for hit in hits)
        return sorted(scores.items(), key=lambda scored: (-scored[1], scored[0]))


def load_rules(path: Path) -> RuleFile:
    """Raises BadRuleFile."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadRuleFile(f"{path.name}: {error}") from error
    scoring = content.get("scoring", "sum")
    if scoring not in SCORINGS:
        raise BadRuleFile(f"{path.name}: scoring is one of {', '.join(SCORINGS)}, not {scoring!r}.")
    blocks = content.get("label", [] if scoring == "catalogue" else None)
    if not isinstance(blocks, list) or (not blocks and scoring != "catalogue"):
        raise BadRuleFile(f"{path.name}: no [[label]] with name and rules.")
    labels = tuple(_label(path.name, block) for block in blocks)
    names = [label.name for label in labels]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise BadRuleFile(f"{path.name}: stands there twice: {', '.join(twice)}.")
    return RuleFile(labels, scoring)


def _label(file: str, block: Any) -> LabelRules:
    name, rules, prior = ((block.get(key) for key in ("name", "rules", "prior")) if isinstance(block, dict)
                          else (None, None, None))  # fmt: skip
    if not isinstance(name, str) or not name:
        raise BadRuleFile(f"{file}: a [[label]] without a name.")
    if not isinstance(rules, list) or not all(isinstance(rule, str) for rule in rules):
        raise BadRuleFile(f'{file}, {name}: rules is a list of lines: rules = ["路灯=2", …].')
    if prior is not None and (isinstance(prior, bool) or not isinstance(prior, int | float)):
        raise BadRuleFile(f"{file}, {name}: prior is a number.")
    for rule in rules:
        try:
            parse_rule(rule)
        except BadRule as error:
            raise BadRuleFile(f"{file}, {name}: {error}") from error
    return LabelRules(name, tuple(rules), float(prior or 0.0))


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _one_line(text: str) -> str:
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())
