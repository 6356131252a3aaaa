"""The front door tells the truth: what README and docs/operations.md name is there, and their tables equal the code."""

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from bot import cli as bot_commands
from bot.config import Settings
from handlers import all_commands, all_services
from handlers import cli as handler_commands
from models import cli as model_commands
from models.importing import SHAPES
from models.transitions import MOVES, drawing
from scheduler import cli as scheduler_commands

ROOT = Path(__file__).parents[2]
READMES = ("README.md", "README.zh-CN.md")
PAGES = (*READMES, "docs/operations.md")
FLASK: dict[str, click.Command] = {
    command.name or "": command
    for folder in (bot_commands, handler_commands, model_commands, scheduler_commands)
    for command in folder.COMMANDS
}
PICTURE_BYTES = 300_000
FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
ELSEWHERE = ("var/", "config.toml", "yunge.db", "yunge-work.service")
"""Written when the product runs, or on the operator's own machine."""


def read(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def marked(page: str, name: str) -> str:
    found = re.search(rf"<!-- {name}:begin -->\n(.*?)<!-- {name}:end -->", read(page), re.DOTALL)
    assert found, f"{page} has no {name} markers"
    return found.group(1)


def rows(page: str, name: str) -> Iterator[list[list[str]]]:
    """The words in backticks of every cell, row by row, without the head."""
    for line in marked(page, name).splitlines()[2:]:
        yield [re.findall(r"`([^`]+)`", cell) for cell in line.strip("|").split("|")]


def code(page: str) -> list[str]:
    """Code blocks and inline code."""
    text = read(page)
    return FENCE.findall(text) + re.findall(r"`([^`\n]+)`", FENCE.sub("", text))


def anchors(page: Path) -> set[str]:
    heads = re.findall(r"^#+ (.+)$", FENCE.sub("", page.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("page", READMES)
def test_the_drawing_is_current(page: str) -> None:
    assert marked(page, "moves") == f"```mermaid\n{drawing()}\n```\n"


@pytest.mark.parametrize("page", READMES)
def test_residents_find_every_service_by_its_words(page: str) -> None:
    told = [set(word + also) for word, also, *_ in rows(page, "residents")]
    services = [set(service.words) for service in all_services() if service.words]

    assert len(told) == len(services)
    assert [words for words in services if sum(row <= words for row in told) != 1] == []


@pytest.mark.parametrize("page", READMES)
def test_grid_workers_find_every_command_by_its_verbs(page: str) -> None:
    told = {first[0]: (also, example) for first, also, example, _ in rows(page, "workers")}
    commands = {command.verbs[0]: command for command in all_commands()}

    assert set(told) == set(commands)
    for verb, (also, example) in told.items():
        assert set(also) <= set(commands[verb].verbs), verb
        assert example == ([commands[verb].form] if commands[verb].form else []), verb
    assert {move.verbs[0] for move in MOVES if move.verbs} <= set(told)


@pytest.mark.parametrize("page", READMES)
def test_the_settings_are_all_there_and_no_others(page: str) -> None:
    told = {section[0].strip("[]"): set(keys) for section, keys, *_ in rows(page, "settings")}

    assert told == {name: set(type(field.default).model_fields) for name, field in Settings.model_fields.items()}


@pytest.mark.parametrize("page", PAGES)
def test_every_command_exists(page: str) -> None:
    targets = set(re.findall(r"^(\w+):", read("Makefile"), re.MULTILINE))

    for piece in code(page):
        assert set(re.findall(r"(?<![\w-])make ([a-z]\w*)", piece)) <= targets, piece
        for name, rest in re.findall(r"(?<![\w-])flask ([a-z]\w*)([^\n]*)", piece):
            assert name in FLASK, piece
            command, verb = FLASK[name], rest.split()[:1]
            if isinstance(command, click.Group) and verb:
                command = command.commands[verb[0]]
            known = {option for parameter in command.params for option in parameter.opts}
            known |= {option for parameter in command.params for option in parameter.secondary_opts}
            assert set(re.findall(r"--[a-z-]+", rest)) <= known, piece


@pytest.mark.parametrize("page", PAGES)
def test_every_file_named_exists(page: str) -> None:
    imported = {f"{shape.name}.csv" for shape in SHAPES}

    for piece in re.findall(r"`([\w./-]+)`", FENCE.sub("", read(page))):
        path = re.fullmatch(r"[\w-][\w./-]*(/|\.(py|md|csv|toml|service|db|txt))", piece)
        if path and piece not in imported and not piece.startswith(ELSEWHERE):
            assert (ROOT / piece).exists(), piece


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_somewhere(page: str) -> None:
    text = FENCE.sub("", read(page))
    for target in re.findall(r"\]\(([^)\s]+)\)|src=\"([^\"]+)\"", text):
        name, _, anchor = (target[0] or target[1]).partition("#")
        path = (ROOT / page).parent / name if name else ROOT / page
        assert path.exists(), target
        assert not anchor or anchor in anchors(path), target


def test_pictures_are_light() -> None:
    assert all(picture.stat().st_size < PICTURE_BYTES for picture in (ROOT / "docs" / "images").glob("*.png"))


def test_both_languages_say_the_same() -> None:
    english, chinese = map(read, READMES)
    heads = [re.findall(r"^#+(?= )", FENCE.sub("", text), re.MULTILINE) for text in (english, chinese)]

    assert heads[0] == heads[1]
    assert FENCE.findall(english) == FENCE.findall(chinese)
    for name in ("residents", "workers", "settings"):
        told = [[row[:-1] for row in rows(page, name)] for page in READMES]
        assert told[0] == told[1], name
