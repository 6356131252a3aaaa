"""The vocabulary of services: a conversation is a form filled in by talking (house.md §2)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.message import Reply

if TYPE_CHECKING:
    from bot.turn import Turn

Answers = Mapping[str, Any]


def _always(_answers: Answers) -> bool:
    return True


@dataclass(frozen=True)
class Question:
    """提问: one slot of a form: what it asks, what it accepts, and when it is asked at all.

    `parser` returns the value to store (plain JSON) or raises Unclear, whose text is the re-ask.
    """

    slot: str
    prompt: "Callable[[Turn], str]"
    parser: "Callable[[Turn, str], Any]"
    when: Callable[[Answers], bool] = _always


@dataclass(frozen=True)
class Service:
    """服务: one thing the bot can do for a resident; one small file each in handlers/services."""

    code: str
    name: str
    """As the menu shows it; empty when it is not in the menu."""
    fulfil: "Callable[[Turn], Reply]"
    words: tuple[str, ...] = ()
    """What a resident types to begin it; a number may follow (进度 1024)."""
    questions: tuple[Question, ...] = ()
    kinds: tuple[str, ...] = ()
    """Kinds of understood messages it answers (progress_query, cancel, …)."""
    begin: "Callable[[Turn, str], dict[str, Any]]" = lambda _turn, _rest: {}
    """Answers already known when it begins; `_rest` is what followed the word."""
    hears: "Callable[[Turn], str | None]" = lambda _turn: None
    """For a sentence that begins it with more than a word (提醒我 每月5号 交物业费): the rest of it; None: not meant."""
    order: int = 99
    """Place in the menu."""


def next_question(service: Service, answers: Answers) -> Question | None:
    """The first question still open; None when the form is complete."""
    return next((q for q in service.questions if q.slot not in answers and q.when(answers)), None)
