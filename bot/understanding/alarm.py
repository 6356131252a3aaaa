"""Whether a message speaks of danger now: a few signs weighed against each other.

No sign decides alone: 喊不醒 is a stroke or a guard asleep on duty, 火 a fire or a hotpot. What speaks for danger is
weighed against what else the message may be about and against words for what is past, practised, joked of or over.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AlarmSigns:
    """警情迹象: what speaks for danger now, and what against it."""

    rules: float
    """Score of the rules of the emergency that is named, for the message's length: 救命 alone says it all."""
    likeness: float
    """How much the message is like that emergency's examples, for its length."""
    danger: float
    """How much more it is like all emergencies together than like all else, for its length."""
    length: float
    """Square root of the number of signs: three words prove less than ten."""
    now: float
    """Words for what is happening now."""
    other: float
    """Score of the loudest matter that is no emergency."""
    kind: float
    """How much it is like thanks, questions about a report, jokes and games, for its length."""
    calm: float
    """Words for what is past, practised, asked about or joked of."""
    over: float
    """Words for what is over, or never was."""

    @property
    def loudness(self) -> float:
        """Above 0 it is rather danger than not; the logarithm of the odds, as the fitted messages had them."""
        return sum((weight * float(getattr(self, sign)) for sign, weight in WEIGHTS.items()), SILENCE)

    def parts(self) -> dict[str, float]:
        """What each sign adds."""
        return {sign: weight * float(getattr(self, sign)) for sign, weight in WEIGHTS.items()}


LONGEST = 7.0
"""No message gets more for its length than one of 25 characters."""
SILENCE = -5.82
"""How loud a message is that says nothing."""
WEIGHTS = {
    "rules": 2.05, "likeness": 2.72, "danger": 0.39, "length": 1.01, "now": 0.23,
    "other": -0.34, "kind": -2.04, "calm": -0.83, "over": -1.55,
}  # fmt: skip
"""Fitted, as `SILENCE`, by `python -m bench.alarm` on messages of writers who had not seen the rules."""
