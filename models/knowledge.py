"""Policy knowledge 知识库: what staff maintain so that residents' questions get an answer with source and date."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, Text, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.database import Record, insert_into


class KnowledgeEntry(Record):
    """知识条目: the ways a question is asked, its answer, where that comes from, and from when to when it holds."""

    __tablename__ = "knowledge"
    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    title: Mapped[str] = mapped_column(String(100))
    questions: Mapped[list[Any]] = mapped_column(JSON, default=list)
    answer: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(String(300), default="")
    matter_code: Mapped[str | None] = mapped_column(ForeignKey("matters.code"), index=True)
    """What to file when the answer did not help."""
    area_code: Mapped[str | None] = mapped_column(ForeignKey("areas.code"), index=True)
    """Holds only there; None: everywhere."""
    effective_from: Mapped[date | None]
    effective_until: Mapped[date | None]
    review_on: Mapped[date | None] = mapped_column(index=True)
    owner: Mapped[str] = mapped_column(String(60), default="")
    example: Mapped[bool] = mapped_column(default=False)
    """Shipped for a fictional street: to be replaced before it is used."""
    edited: Mapped[bool] = mapped_column(default=False)


class OpenQuestion(Record):
    """未答问题: what residents asked and nobody has written an answer for."""

    __tablename__ = "open_questions"
    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str] = mapped_column(String(200), unique=True)
    """Normalised and masked."""
    times: Mapped[int] = mapped_column(default=1)
    last_at: Mapped[datetime] = mapped_column(index=True)
    nearest: Mapped[str] = mapped_column(String(40), default="")
    state: Mapped[str] = mapped_column(String(10), default="open")
    """open, answered, dropped."""


def all_entries(session: Session) -> list[KnowledgeEntry]:
    return list(session.scalars(select(KnowledgeEntry).order_by(KnowledgeEntry.code)))


def own_entries(session: Session) -> int:
    """How many entries are the street's own, and no shipped examples."""
    return session.scalar(select(func.count()).where(KnowledgeEntry.example.is_(False))) or 0


def count_question(session: Session, text: str, nearest: str, now: datetime) -> None:
    """Somebody asked what nobody has written an answer for; `text` is normalised and masked. Once more, if known."""
    values = {"text": text[:200], "times": 1, "last_at": now, "nearest": nearest, "state": "open"}
    statement = insert_into(session, OpenQuestion).values(**values)
    again = {"times": OpenQuestion.times + 1, "last_at": now, "nearest": nearest}
    session.execute(statement.on_conflict_do_update(index_elements=[OpenQuestion.text], set_=again))


def open_questions(session: Session) -> list[OpenQuestion]:
    """What waits for an answer, most often asked first."""
    query = select(OpenQuestion).where(OpenQuestion.state == "open")
    return list(session.scalars(query.order_by(OpenQuestion.times.desc(), OpenQuestion.last_at.desc())))
