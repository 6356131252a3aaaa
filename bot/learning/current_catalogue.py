"""The catalogue in force, so that it can be tried out with other rules beside its own."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import undefer

from bot.catalogue import unreadable_rules
from bot.office import Office
from bot.understanding import MatterDefinition, Understanding
from models.matter import Matter


@dataclass(frozen=True, slots=True)
class CurrentCatalogue:
    """现行目录: the matters as they are, and how to understand with others."""

    definitions: tuple[MatterDefinition, ...]
    place_words: frozenset[str]
    sure_margin: float

    def understanding(self, definitions: Sequence[MatterDefinition]) -> Understanding:
        return Understanding(definitions, sorted(self.place_words), self.sure_margin)


def current_catalogue(office: Office) -> CurrentCatalogue:
    with office.database.read() as session:
        broken = {keyword for _, keyword, _ in unreadable_rules(session)}
        matters = session.scalars(select(Matter).options(undefer("*")).order_by(Matter.code))
        definitions = tuple(
            MatterDefinition(
                code=matter.code,
                name=matter.name,
                category=matter.category,
                timing=matter.timing,
                keywords=tuple(rule for rule in matter.keywords if rule not in broken),
                examples=tuple(matter.examples),
            )
            for matter in matters
        )
    words = frozenset(office.catalogue.gazetteer.words())
    return CurrentCatalogue(definitions, words, office.settings.understanding.sure_margin)
