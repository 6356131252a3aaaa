"""Understanding what a resident says: readable rules, no model to train, nothing leaves the machine."""

from .normalise import normalise
from .rules import BadRule, parse_rule
from .terms import Decision, MatterDefinition, MatterScore, Understood
from .understanding import Understanding

__all__ = [
    "BadRule",
    "Decision",
    "MatterDefinition",
    "MatterScore",
    "Understanding",
    "Understood",
    "normalise",
    "parse_rule",
]
