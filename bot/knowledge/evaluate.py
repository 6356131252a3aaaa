"""How well are questions answered? Measured as the talk does it, on questions whose entry somebody has said."""

import csv
import json
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.knowledge.index import KnowledgeIndex
from bot.understanding import Understanding


class BadQuestions(ValueError):
    """A file that cannot be measured; the text says why."""


@dataclass(frozen=True, slots=True)
class AskedQuestion:
    """考题: a question and the entry that answers it; empty when none may."""

    text: str
    entry: str
    part: str = ""


def read_questions(path: Path) -> list[AskedQuestion]:
    """FILE.csv with columns text and entry, or FILE.jsonl with the same names; `part` is optional. Raises BadQuestions."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        lines = text.splitlines()
        rows = [json.loads(line) for line in lines if line] if path.suffix == ".jsonl" else list(csv.DictReader(lines))
        if not rows:
            raise BadQuestions(f"{path.name} holds no question.")
        return [AskedQuestion(row["text"], row.get("entry") or "", row.get("part") or "") for row in rows]
    except (ValueError, KeyError, AttributeError, TypeError, csv.Error) as error:
        if isinstance(error, BadQuestions):
            raise
        raise BadQuestions(f"{path.name}: wants columns text and entry, as CSV or JSON lines ({error}).") from None


def knowledge_evaluation(
    questions: Sequence[AskedQuestion], index: KnowledgeIndex, understanding: Understanding
) -> dict[str, object]:
    """Figures of the whole file and of each part. Raises BadQuestions for an entry nobody has written."""
    if unknown := sorted({q.entry for q in questions if q.entry} - set(index.by_code)):
        raise BadQuestions(f"No such entry: {', '.join(unknown[:5])}. See flask knowledge list.")
    parts = sorted({question.part for question in questions} - {""})
    whole = _figures(questions, index, understanding)
    return {**whole, "parts": {p: _figures([q for q in questions if q.part == p], index, understanding) for p in parts}}


def _figures(
    questions: Iterable[AskedQuestion], index: KnowledgeIndex, understanding: Understanding
) -> dict[str, object]:
    seen: Counter[str] = Counter()
    seconds = 0.0
    for question in questions:
        understood = understanding.understand(question.text)
        start = time.perf_counter()
        finding = index.find(understood)
        seconds += time.perf_counter() - start
        nearest = [match.entry.code for match in index.ranked(understood)[:2]]
        side = "known" if question.entry else "elsewhere"
        seen.update((side, f"{side}_{finding.action}"))
        if question.entry:
            seen["first"] += nearest[:1] == [question.entry]
            seen["two"] += question.entry in nearest
            seen["right"] += finding.action == "answer" and finding.matches[0].entry.code == question.entry
    return _shares(seen, seconds)


def _shares(seen: Counter[str], seconds: float) -> dict[str, object]:
    known, elsewhere = seen["known"], seen["elsewhere"]
    answered = seen["known_answer"] + seen["elsewhere_answer"]
    return {
        "questions": known,
        "right_first": _share(seen["first"], known),
        "among_two": _share(seen["two"], known),
        "answered_without_asking": _share(seen["known_answer"], known),
        "asked_which": _share(seen["known_offer"], known),
        "precision": _share(seen["right"], answered),
        "elsewhere": elsewhere,
        "falsely_answered": _share(seen["elsewhere_answer"], elsewhere),
        "falsely_asked": _share(seen["elsewhere_offer"], elsewhere),
        "milliseconds_each": round(seconds / max(known + elsewhere, 1) * 1000, 3),
    }


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def knowledge_text(found: dict[str, object]) -> str:
    """The figures, for people: the whole file first, then its parts."""
    parts = found["parts"]
    assert isinstance(parts, dict)
    lines = []
    for name, figures in (("all", found), *parts.items()):
        shown = "  ".join(f"{key} {value}" for key, value in figures.items() if key != "parts" and value is not None)
        lines.append(f"{name}: {shown}")
    return "\n".join(lines)
