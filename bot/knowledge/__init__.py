"""Policy answers: what staff wrote, found by what residents ask, with source and date."""

from .index import Entry, Finding, KnowledgeIndex, Match

__all__ = ["Entry", "Finding", "KnowledgeIndex", "Match"]
