"""Guard tests: the house checks itself (house.md §6)."""

import ast
import importlib
import re
import tomllib
from pathlib import Path

import pytest

from bot.config import Settings
from handlers import all_commands, all_services
from models.schema import every_table
from models.telling import ANEW
from models.transitions import MOVES

ROOT = Path(__file__).parents[2]
FLOORS = ("bot", "handlers", "models", "scheduler")
BANNED = {
    "util",
    "utils",
    "common",
    "core",
    "helper",
    "helpers",
    "manager",
    "interfaces",
    "constants",
    "base",
    "dispatch",
    "misc",
}
SOURCES = sorted(path for folder in FLOORS for path in (ROOT / folder).rglob("*.py") if "migrations" not in path.parts)


def _classes(path: Path) -> list[ast.ClassDef]:
    return [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.ClassDef)]


def _terms() -> set[tuple[str, str]]:
    """(中文, identifier) of every public class whose docstring begins with a Chinese term."""
    found = set()
    for path in SOURCES:
        for node in _classes(path):
            match = re.match(r"([\u4e00-\u9fff]+)(?:: |\. )", ast.get_docstring(node) or "")
            if match and not node.name.startswith("_"):
                found.add((match.group(1), node.name))
    return found


def test_the_glossary_and_the_docstrings_say_the_same() -> None:
    text = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8").split("\n## ")[0]
    rows = set(re.findall(r"^\| ([\u4e00-\u9fff]+) \| `(\w+)` \|", text, re.MULTILINE))
    assert rows == _terms()


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_banned_words_name_nothing(path: Path) -> None:
    names = {path.stem} | {
        node.name
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef | ast.FunctionDef)
    }
    parts = {part for name in names for part in re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower().split("_")}
    assert not parts & BANNED


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_stay_small_and_speak_for_themselves(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 400
    assert ast.get_docstring(ast.parse(text)), "every module says in one sentence what it is for"


def test_only_doors_and_jobs_open_a_writing_transaction() -> None:
    """Commit only at the doors: `database.write()` appears nowhere else."""
    allowed = {"bot/office.py", "bot/token_store.py", "models/database.py"}
    users = {
        str(path.relative_to(ROOT))
        for path in SOURCES
        if re.search(r"\.write\(\) as|def write\(self\)", path.read_text(encoding="utf-8"))
    }
    assert {path for path in users if not path.startswith("scheduler/") and not path.endswith("cli.py")} <= allowed
    committing = {
        str(p.relative_to(ROOT))
        for p in SOURCES
        if re.search(r"session\.commit\(|\.commit\(\)", p.read_text(encoding="utf-8"))
    }
    assert not committing


def test_broad_excepts_live_at_the_doors_and_in_the_runner() -> None:
    allowed = {"bot/office.py", "bot/callback.py", "bot/envelope.py", "bot/official_account_xml.py", "bot/group_bot_json.py",
               "bot/platform_client.py"}  # fmt: skip
    users = {
        str(p.relative_to(ROOT))
        for p in SOURCES
        if re.search(r"except (Record)?Exception", p.read_text(encoding="utf-8"))
    }
    assert {path for path in users if not path.startswith("scheduler/")} <= allowed


def test_every_setting_is_in_the_example_with_a_reason() -> None:
    text = (ROOT / "config.example.toml").read_text(encoding="utf-8")
    example = tomllib.loads(text)
    for section, field in Settings.model_fields.items():
        names = set(type(field.default).model_fields)
        assert names == set(example[section]), section
    assert set(example) == set(Settings.model_fields)
    bare = [line for line in text.splitlines() if re.match(r"\w+ = ", line) and "#" not in line]
    explained_by_neighbour = ("app_id", "app_secret", "token", "aes_key", "api_base_url", "periods", "start", "end")
    assert [line for line in bare if not line.startswith(explained_by_neighbour)] == []


def test_the_example_is_a_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    from bot.config import load_settings

    monkeypatch.setenv("YUNGE_CONFIG", str(ROOT / "config.example.toml"))
    assert load_settings().deployment.timezone == "Asia/Shanghai"


def test_every_service_speaks_in_a_transcript() -> None:
    """A service nobody has talked to in tests/conversations is not there yet."""
    talks = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests" / "conversations").glob("*.txt"))
    silent = [s.code for s in all_services() if s.words and not any(f"：{word}" in talks for word in s.words)]
    assert silent == []


def test_words_and_verbs_mean_one_thing_only() -> None:
    words = [word for service in all_services() for word in service.words]
    verbs = [verb for command in all_commands() for verb in command.verbs]
    assert len(words) == len(set(words)) and len(verbs) == len(set(verbs))
    assert all(any(c.action == move.action for c in all_commands()) for move in MOVES if move.verbs)


def test_every_foreign_key_and_due_query_has_its_index() -> None:
    metadata = every_table()
    for table in metadata.tables.values():
        indexed = {next(iter(index.columns)).name for index in table.indexes} | {
            column.name for column in table.primary_key
        }
        indexed |= {next(iter(c.columns)).name for c in table.constraints if type(c).__name__ == "UniqueConstraint"}
        for column in table.columns:
            if column.foreign_keys and (table.name, column.name) not in NEVER_SEARCHED:
                assert column.name in indexed, f"{table.name}.{column.name}"


NEVER_SEARCHED = {("tickets", "asked_key"), ("tickets", "supervised_by")}


def test_no_notice_lacks_its_words() -> None:
    notices = importlib.import_module("bot.notices")
    to_resident = {move.action for move in MOVES if "resident" in move.tell}
    to_group = {move.action for move in MOVES if "group" in move.tell} - set(ANEW)
    assert to_resident <= set(notices.TO_RESIDENT)
    assert to_group <= set(notices.TO_GROUP)


def test_an_account_without_a_token_does_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    from bot.config import ConfigError, load_settings

    monkeypatch.setenv("YUNGE_OFFICIAL_ACCOUNT__APP_ID", "wx1")
    with pytest.raises(ConfigError, match="token is empty"):
        load_settings()
