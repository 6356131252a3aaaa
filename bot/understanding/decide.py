"""What to do with a message that was understood."""

from .terms import Decision, Understood

_ANSWERED = ("courtesy", "progress_query", "correction", "cancel")
_CONTENT = 2
"""Letters, digits or hanzi a text needs before a person is asked to read it."""


_ENOUGH = 3.0
"""Score below which a matter is a hint for the person who reads it, not a ticket of its own."""


def decide(understood: Understood, sure_margin: float) -> Decision:
    content = sum(char.isalnum() for char in understood.text)
    if not content:
        return Decision("none")
    if understood.kind == "emergency":
        return Decision("ticket", (understood.matters[0].code,))
    if understood.kind in _ANSWERED:
        return Decision("answer")
    if understood.kind == "smalltalk":
        return Decision("menu")
    if not understood.matters or understood.matters[0].score < _ENOUGH:
        return Decision("menu" if content < _CONTENT else "human")
    return _matter(understood, sure_margin)


def _matter(understood: Understood, sure_margin: float) -> Decision:
    best, *others = understood.matters
    if understood.separate:
        return Decision("ticket", understood.separate)
    if not others or best.score - others[0].score >= sure_margin:
        return Decision("ticket", (best.code,))
    return Decision("ask", (best.code, others[0].code))
