"""Understanding what a resident says: readable rules and example sentences, nothing leaves the machine."""

from .normalise import normalise, standard_words, written
from .rules import BadRule, parse_rule
from .terms import Decision, MatterDefinition, MatterScore, Understood
from .understanding import Reading, Understanding

__all__ = [
    "BadRule",
    "Decision",
    "MatterDefinition",
    "MatterScore",
    "Reading",
    "Understanding",
    "Understood",
    "normalise",
    "parse_rule",
    "standard_words",
    "written",
]
