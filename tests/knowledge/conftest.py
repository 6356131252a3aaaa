from collections.abc import Callable

import pytest
from knowledge.written import shipped

from bot.knowledge import Finding, KnowledgeIndex
from bot.understanding import MatterDefinition, Understanding
from handlers.matters import shipped_matters


@pytest.fixture(scope="session")
def understanding() -> Understanding:
    return Understanding(
        MatterDefinition(m["code"], m["name"], m["category"], m["timing"], tuple(m["keywords"]), tuple(m["examples"]))
        for m in shipped_matters()
    )


@pytest.fixture(scope="session")
def index() -> KnowledgeIndex:
    return KnowledgeIndex(shipped())


@pytest.fixture
def ask(index: KnowledgeIndex, understanding: Understanding) -> Callable[..., Finding]:
    """`ask("高龄津贴怎么领")`: what is found, among the shipped entries or others, by somebody of these areas."""

    def asked(text: str, entries: KnowledgeIndex = index, line: tuple[str, ...] = ()) -> Finding:
        return entries.find(understanding.understand(text), line)

    return asked
