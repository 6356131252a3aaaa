"""From the table of entries to the index of one revision."""

from sqlalchemy.orm import Session

from bot.knowledge.index import Entry, KnowledgeIndex
from models.knowledge import KnowledgeEntry, all_entries


def entry_of(row: KnowledgeEntry) -> Entry:
    return Entry(
        code=row.code,
        title=row.title,
        questions=tuple(row.questions),
        answer=row.answer,
        source=row.source,
        matter_code=row.matter_code,
        area_code=row.area_code,
        effective_from=row.effective_from,
        effective_until=row.effective_until,
        review_on=row.review_on,
    )


def knowledge_index(session: Session) -> KnowledgeIndex:
    """Every entry, also one out of date: who asks is told so, instead of nothing."""
    return KnowledgeIndex(entry_of(row) for row in all_entries(session))
