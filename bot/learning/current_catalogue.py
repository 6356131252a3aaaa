"""The catalogue in force, so that it can be tried out with other rules beside its own."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.catalogue import matter_definitions
from bot.office import Office
from bot.understanding import MatterDefinition, Understanding


@dataclass(frozen=True, slots=True)
class CurrentCatalogue:
    """现行目录: the matters as they are, and how to understand with others."""

    definitions: tuple[MatterDefinition, ...]
    place_words: frozenset[str]
    sure_margin: float
    alarm_from: float

    def understanding(self, definitions: Sequence[MatterDefinition]) -> Understanding:
        return Understanding(definitions, sorted(self.place_words), self.sure_margin, self.alarm_from)


def current_catalogue(office: Office) -> CurrentCatalogue:
    with office.database.read() as session:
        definitions = tuple(matter_definitions(session))
    words = frozenset(office.catalogue.gazetteer.words())
    section = office.settings.understanding
    return CurrentCatalogue(definitions, words, section.sure_margin, section.alarm_from)
