"""What understanding takes and gives: the shapes the rest of the bot sees."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MatterDefinition:
    """事项: what the catalogue says of one kind of request, as far as understanding needs it."""

    code: str
    name: str
    category: str
    timing: str
    """emergency, small, slow or complex."""
    keywords: tuple[str, ...]
    """Rule lines, see rules.py."""
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MatterScore:
    """事项得分: how strongly a message speaks of a matter, and which readable lines say so."""

    code: str
    score: float
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Understood:
    """理解: what a message says, before anything is decided."""

    text: str
    """Normalised."""
    kind: str
    """report, question, courtesy, progress_query, correction, cancel, smalltalk or emergency (contract §9)."""
    emergency: bool
    matters: tuple[MatterScore, ...]
    """Ranked, best first; empty when nothing hit."""
    resolved: bool
    """Says that it is fixed, over, or was nothing."""
    separate: tuple[str, ...] = ()
    """Codes of matters that stand side by side in the message, each with words of its own."""

    @property
    def margin(self) -> float:
        """How far the best matter leads."""
        best, *others = (*(matter.score for matter in self.matters), 0.0)
        return round(best - others[0], 2) if others else 0.0


@dataclass(frozen=True, slots=True)
class Decision:
    """决定: what to do with a message (contract §9)."""

    action: str
    """ticket, ask, answer, menu, human or none."""
    matters: tuple[str, ...] = ()
    """ticket: the codes to file; ask: the two to choose between."""
