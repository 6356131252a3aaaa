"""What the commands of this folder say: for people, and as plain values for JSON."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from .beside import Proposal
from .evaluate import WANTED_HEARD, WANTED_PRECISION, macro_f1, scores_by_label
from .learn import Learnt
from .rule_file import RuleFile

_PAIRS = 10
_RULES = 8
_NAMES = 10


@dataclass(frozen=True, slots=True)
class Report:
    """学习报告: a rule file, the remarks at its head, and what is said of it."""

    file: RuleFile
    remarks: tuple[str, ...]
    text: str
    facts: dict[str, Any]


def of_learnt(learnt: Learnt) -> Report:
    held_back = f"Such rules on texts held back: accuracy {learnt.accuracy:.3f}, macro-F1 {learnt.macro_f1:.3f}."
    per_label = scores_by_label(learnt.held_back)
    lines = [f"{len(learnt.worth)} rules for {len(learnt.file.labels)} labels. {held_back}"]
    for label in learnt.file.labels:
        own = sorted((one for one in learnt.worth if one.label == label.name), key=lambda one: -(one.gain or 0.0))
        f1 = per_label.get(label.name, {}).get("f1", 0.0)
        lines.append(f"\n{label.name}: {len(own)} rules, F1 {f1:.3f}. The most useful:")
        lines += [f"  {one.rule:<12} {one}" for one in own[:_RULES]]
        if idle := [one.rule for one in own if one.gain is not None and one.gain < 0]:
            lines.append(f"  did harm on texts held back: {'、'.join(idle[:_NAMES])}")
    remarks = (
        "Mined from labelled texts. The form of this file: bot/learning/rule_file.py.",
        held_back,
        "Behind a rule: the texts it hits, how many of them are of its label, points of macro-F1 it is worth.",
    )
    facts = {
        "held_back": {"accuracy": round(learnt.accuracy, 4), "macro_f1": round(learnt.macro_f1, 4)},
        "per_class": per_label,
        "rules": [asdict(one) for one in learnt.worth],
    }
    return Report(learnt.file, remarks, "\n".join(lines), facts)


def of_proposal(proposal: Proposal) -> Report:
    before, after = macro_f1(proposal.before), macro_f1(proposal.after)
    rules = [
        {"label": label.name, "rule": rule, "worth": label.notes[rule]}
        for label in proposal.file.labels
        for rule in label.rules
    ]
    held_back = f"Macro-F1 on texts held back: {before:.3f} without such rules, {after:.3f} with them."
    lines = [f"{len(rules)} rules proposed for {len(proposal.file.labels)} matters.", held_back]
    lines += [f"  {one['label']}: {one['rule']}  {one['worth']}" for one in rules]
    if proposal.gain <= 0:
        lines.append("Nothing here is worth taking over: the texts are too few, or the catalogue knows it all.")
    remarks = (
        "Proposals beside the catalogue: look them through, then copy what is good into the matter's keywords.",
        held_back,
    )
    facts = {"held_back": {"macro_f1_before": round(before, 4), "macro_f1": round(after, 4)}, "rules": rules}
    return Report(proposal.file, remarks, "\n".join(lines), facts)


def evaluation_text(found: Mapping[str, Any]) -> str:
    lines = [f"{found['measured']} texts with a matter, {found['rows']} in all, {found['left_out']} rows left out."]
    lines.append(f"right {found['accuracy']:.1%}   macro-F1 {found['macro_f1']:.3f}   "
                 f"right among the best two {found['among_best_two']:.1%}")  # fmt: skip
    if "kind_accuracy" in found:
        lines.append(f"kind right {found['kind_accuracy']:.1%}")
    if "emergency_recall" in found:
        lines.append(f"emergencies heard {found['emergency_recall']:.1%}, false alarms {found['false_alarms']:.1%}; "
                     f"missed on lines {found['missed_lines']}, alarmed on lines {found['false_alarm_lines']}")  # fmt: skip
        if floor := found["alarm_from"]:
            lines.append(f"[understanding] alarm_from = {floor['at']:g} would hear {WANTED_HEARD:.0%} of them, "
                         f"with {floor['false_alarms']:.1%} false alarms")  # fmt: skip
    if unknown := found["unknown_labels"]:
        named = "、".join(f"{label} ({rows})" for label, rows in list(unknown.items())[:_NAMES])
        lines.append(f"labels no rule knows, counted as wrong: {named}")
    lines += ["", "label                 precision  recall     F1   texts"]
    for label, one in found["per_class"].items():
        lines.append(
            f"{_wide(label, 22)}{one['precision']:9.3f} {one['recall']:7.3f} {one['f1']:6.3f} {one['support']:7}"
        )
    if found["confusion"]:
        lines += ["", "taken for another:"]
        lines += [f"  {pair['gold']} → {pair['predicted'] or '(nothing)'}: {pair['count']}"
                  for pair in found["confusion"][:_PAIRS]]  # fmt: skip
    lines += ["", *_margins(found), "", "slowest:"]
    lines += [f"  line {one['line']}: {one['milliseconds']:.1f} ms, {one['characters']} characters: {one['text']!r}"
              for one in found["slowest"]]  # fmt: skip
    return "\n".join(lines)


def _margins(found: Mapping[str, Any]) -> list[str]:
    lines = ["decided only when the best is ahead by", "   margin  decided  right"]
    lines += [f"{cut['margin']:9.2f} {cut['coverage']:8.1%} {cut['precision']:6.1%}" for cut in found["curve"]]
    if threshold := found["threshold"]:
        lines.append(f"{WANTED_PRECISION:.0%} are right from a margin of {threshold['margin']:.2f} on: "
                     f"{threshold['coverage']:.1%} of the texts.")  # fmt: skip
    return lines


def _wide(text: str, columns: int) -> str:
    """Filled up to the columns a terminal needs for it: a hanzi takes two."""
    taken = sum(2 if char > "⺀" else 1 for char in text)
    return text + " " * max(1, columns - taken)
