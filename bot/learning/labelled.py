"""Reading texts whose label somebody has said: a spreadsheet saved as CSV, or JSON lines."""

import csv
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TEXT_COLUMNS = ("text", "message", "title", "content", "文本", "内容", "标题", "留言主题")
LABEL_COLUMNS = ("matter", "label", "category", "class", "事项", "标签", "类别", "一级标签")
_LONGEST_CELL = 1 << 24
NOTHING = ("", "other")
"""Labels that say: no matter to be found here."""


class BadLabels(ValueError):
    """A file nobody can learn from; the text says why and what was found instead."""


@dataclass(frozen=True, slots=True)
class LabelledText:
    """样本: one text and what is right for it."""

    line: int
    """Where it ends in the file, from 1."""
    text: str
    labels: tuple[str, ...]
    """Right answers, the main one first; empty when there is no matter to find."""
    also: tuple[str, ...] = ()
    """Answers that may count as right too."""
    kind: str | None = None
    emergency: bool | None = None

    @property
    def accepted(self) -> tuple[str, ...]:
        return self.labels + self.also


@dataclass(frozen=True, slots=True)
class LabelledFile:
    """样本文件: the rows that can be used, and how many could not."""

    rows: tuple[LabelledText, ...]
    left_out: int
    """Rows without a text or, in a CSV file, without a label."""

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(sorted({label for row in self.rows for label in row.labels}))


def read_labelled(path: Path) -> LabelledFile:
    """Read PATH (.csv, .jsonl), UTF-8 or what a Chinese Excel saves (GB 18030). Raises BadLabels."""
    text = _decoded(path.read_bytes())
    found = list(_json_lines(text) if path.suffix in (".jsonl", ".ndjson") else _csv_rows(text))
    rows = tuple(row for row in found if row)
    if not rows:
        raise BadLabels(f"{path.name}: no row with a text and a label.")
    return LabelledFile(rows, len(found) - len(rows))


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("gb18030", "replace")


def _csv_rows(text: str) -> Iterator[LabelledText | None]:
    before = csv.field_size_limit(_LONGEST_CELL)
    try:
        reader = csv.reader(io.StringIO(text, newline=""))
        header = [name.strip().lower() for name in next(reader, [])]
        text_column, label_column = _column(header, "text", TEXT_COLUMNS), _column(header, "label", LABEL_COLUMNS)
        for cells in reader:
            if any(cell.strip() for cell in cells):
                wanted = [cells[i].strip() if i < len(cells) else "" for i in (text_column, label_column)]
                yield LabelledText(reader.line_num, wanted[0], (wanted[1],)) if all(wanted) else None
    except csv.Error as error:
        raise BadLabels(f"Not readable as CSV: {error}.") from error
    finally:
        csv.field_size_limit(before)


def _column(header: Sequence[str], what: str, names: Sequence[str]) -> int:
    for name in names:
        if name in header:
            return header.index(name)
    found = ", ".join(name[:40] for name in header[:20]) or "none"
    raise BadLabels(f"No column for the {what}. Columns found: {found}. Recognised: {', '.join(names)}.")


def _json_lines(text: str) -> Iterator[LabelledText | None]:
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            facts = json.loads(line)
            text_of_row = str(facts["text"])
        except (ValueError, TypeError, KeyError) as error:
            raise BadLabels(f'Line {number} is not a JSON object with "text".') from error
        yield _from_json(number, text_of_row, facts) if text_of_row.strip() else None


def _from_json(number: int, text: str, facts: dict[str, Any]) -> LabelledText:
    labels = facts.get("matters", facts.get("matter", facts.get("label", "")))
    emergency = facts.get("emergency")
    return LabelledText(
        number,
        text,
        _names([labels] if isinstance(labels, str) else labels),
        _names(facts.get("also") or ()),
        str(facts["kind"]) if facts.get("kind") else None,
        bool(emergency) if emergency is not None else None,
    )


def _names(labels: Sequence[object]) -> tuple[str, ...]:
    return tuple(str(label) for label in labels if label not in NOTHING)
