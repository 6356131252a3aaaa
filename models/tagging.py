"""Tags of residents from a file or from themselves: set, counted, and taken away as easily (L05)."""

import csv
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import TypeVar

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from models.announcement import ResidentTag
from models.database import Refused, insert_into
from models.resident import Resident

T = TypeVar("T")

MOST_TAG, PAGE, MOST_SHOWN = 40, 500, 20
COLUMNS = ["resident", "tag"]


def tag_residents(session: Session, path: Path) -> dict[str, int]:
    """Add the tags of a file; how many rows of each. Raises Refused naming every bad line; then nothing is written."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            if reader.fieldnames != COLUMNS:
                raise Refused(
                    f"{path.name}：表头要是 {','.join(COLUMNS)}，现在是 {','.join(reader.fieldnames or [])}。"
                )
            rows = [
                (line, (row["resident"] or "").strip(), (row["tag"] or "").strip())
                for line, row in enumerate(reader, 2)
            ]
    except (UnicodeDecodeError, csv.Error) as error:
        raise Refused(f"{path.name}：不是 UTF-8 的 CSV（{error}）。") from error
    known = _known(session, {who for _, who, _ in rows})
    if wrong := list(_wrong(rows, known)):
        more = f"\n……共{len(wrong)}处" if len(wrong) > MOST_SHOWN else ""
        raise Refused("没有导入，请改好再来：\n" + "\n".join(wrong[:MOST_SHOWN]) + more)
    pairs = sorted({(known[who], tag) for _, who, tag in rows})
    for page in _pages(pairs):
        values = [{"resident_id": resident, "tag": tag} for resident, tag in page]
        session.execute(insert_into(session, ResidentTag).values(values).on_conflict_do_nothing())
    return dict(Counter(tag for _, tag in pairs))


def _known(session: Session, said: Collection[str]) -> dict[str, int]:
    """What stands in the file → our id: an openid, 12, or resident-12 as exports write it."""
    known: dict[str, int] = {}
    for page in _pages(sorted(said)):
        numbers = {one: int(one.removeprefix("resident-")) for one in page if _number(one)}
        there = set(session.scalars(select(Resident.id).where(Resident.id.in_(numbers.values()))))
        known |= {one: number for one, number in numbers.items() if number in there}
        found = session.execute(select(Resident.openid, Resident.id).where(Resident.openid.in_(page)))
        known |= {openid: number for openid, number in found}
    return known


def _number(said: str) -> bool:
    digits = said.removeprefix("resident-")
    return digits.isascii() and digits.isdecimal() and len(digits) <= 9


def _wrong(rows: Iterable[tuple[int, str, str]], known: dict[str, int]) -> Iterator[str]:
    for line, who, tag in rows:
        if who not in known:
            yield f"第{line}行：没有这位居民"
        if not tag or len(tag) > MOST_TAG or any(unicodedata.category(char)[0] in "CZ" for char in tag):
            yield f"第{line}行：标签要有1到{MOST_TAG}个字，不带空格"


def _pages(items: list[T]) -> Iterator[list[T]]:
    return (items[start : start + PAGE] for start in range(0, len(items), PAGE))


def tags_of(session: Session, resident_id: int) -> set[str]:
    return set(session.scalars(select(ResidentTag.tag).where(ResidentTag.resident_id == resident_id)))


def set_tags(session: Session, resident_id: int, chosen: Collection[str], among: Collection[str]) -> None:
    """Of the tags `among`, exactly the chosen ones; others, which an import brought, stay."""
    away = ResidentTag.resident_id == resident_id, ResidentTag.tag.in_(among), ResidentTag.tag.not_in(chosen)
    session.execute(delete(ResidentTag).where(*away), execution_options={"synchronize_session": False})
    for tag in sorted(set(chosen)):
        values = {"resident_id": resident_id, "tag": tag}
        session.execute(insert_into(session, ResidentTag).values(**values).on_conflict_do_nothing())
