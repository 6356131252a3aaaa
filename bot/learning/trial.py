"""Trying a change of the rules against what people have really written, before it goes live."""

import csv
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.understanding import BadRule, MatterDefinition, Understanding, parse_rule
from models.label import Label
from models.masking import mask_words
from models.message import Message
from models.ticket import Ticket

RIGHT = ("solved", "partly")
"""Outcomes after which nobody had anything to say against the matter."""


class BadChange(Exception):
    """The file holds no rules that could be tried; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Said:
    """说过的话: a resident's words, and the matter they were about if anybody ever said so."""

    text: str
    matter: str = ""


@dataclass(frozen=True, slots=True)
class Difference:
    """变化: a message that would be taken differently; better, worse or, when nobody knows, unknown."""

    text: str
    before: str
    after: str
    verdict: str


def changed(definitions: Sequence[MatterDefinition], path: Path) -> list[MatterDefinition]:
    """The catalogue with the matters of a file in its place: handlers/matters/*.toml or matters.csv. Raises BadChange."""
    wanted = {str(row["code"]): row for row in _rows(path)}
    if unknown := sorted(set(wanted) - {definition.code for definition in definitions}):
        raise BadChange(f"{path.name}: no matter of the catalogue is called {', '.join(unknown)}.")
    if not wanted:
        raise BadChange(f"{path.name}: no matter in it. Write [[matter]] blocks, or a CSV with code and keywords.")
    return [_replaced(definition, wanted.get(definition.code, {})) for definition in definitions]


def _rows(path: Path) -> Iterator[dict[str, object]]:
    try:
        if path.suffix == ".toml":
            yield from tomllib.loads(path.read_text(encoding="utf-8")).get("matter", [])
            return
        with path.open(encoding="utf-8-sig", newline="") as file:
            for row in csv.DictReader(file):
                lists = {k: [part for part in (row.get(k) or "").split(";") if part] for k in ("keywords", "examples")}
                yield {"code": row["code"], **{k: v for k, v in lists.items() if v}}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, KeyError) as error:
        raise BadChange(f"{path.name} cannot be read: {error}") from None


def _replaced(definition: MatterDefinition, row: dict[str, object]) -> MatterDefinition:
    keywords, examples = (_lines(row.get(name)) for name in ("keywords", "examples"))
    for rule in keywords:
        try:
            parse_rule(rule)
        except BadRule as error:
            raise BadChange(f"{definition.code}: {error}") from None
    return replace(definition, keywords=keywords or definition.keywords, examples=examples or definition.examples)


def _lines(value: object) -> tuple[str, ...]:
    return tuple(str(line) for line in value) if isinstance(value, list) else ()


def heard(session: Session, most: int) -> list[Said]:
    """The newest words of residents, each once; with the matter where a correction or a good end tells it."""
    known: dict[str, str] = {}
    good = select(Ticket.text, Ticket.matter_code).where(Ticket.outcome.in_(RIGHT)).order_by(Ticket.number.desc())
    known.update((text, code) for text, code in session.execute(good.limit(most)))
    labels = select(Label.text, Label.matter).order_by(Label.id)
    known.update((text, code) for text, code in session.execute(labels))
    query = select(Message.text).where(
        Message.channel == "official_account",
        Message.type == "text",
        Message.text != "",
        Message.decision != "quarantined",
    )
    said = dict.fromkeys([*known, *session.scalars(query.order_by(Message.id.desc()).limit(most))])
    return [Said(text, known.get(text, "")) for text in said]


def differences(said: Iterable[Said], before: Understanding, after: Understanding) -> Iterator[Difference | None]:
    """One for each message, None where nothing would change."""
    for one in said:
        old, new = _taken(before, one.text), _taken(after, one.text)
        yield None if old == new else Difference(mask_words(one.text), old, new, _verdict(one.matter, old, new))


def _taken(understanding: Understanding, text: str) -> str:
    decision = understanding.decide(understanding.understand(text))
    return f"{decision.action} {'+'.join(decision.matters)}".strip()


def _verdict(matter: str, before: str, after: str) -> str:
    if not matter:
        return "unknown"
    was, is_now = before == f"ticket {matter}", after == f"ticket {matter}"
    return "unknown" if was == is_now else "better" if is_now else "worse"
